//! Opens keys in the background: what is known and not open is unwrapped, tried again for as long as it takes.
//!
//! Applying never asks a wrapping key for anything. Whatever needs a key that is not open waits for this task,
//! which may have to wait for a provider that is out of reach.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_kek::KekError;
use elastickv_keyring::{KeyringError, Keystore, Unopened};
use elastickv_sys::point;
use elastickv_types::{ClusterId, KeyId};
use parking_lot::Mutex;

use super::HeldKeys;
use super::fellows::Fellows;
use super::keks::{Wrapping, named};

/// How long a provider has for one key.
const CALL: Duration = Duration::from_secs(5);
/// Pauses between attempts begin with this and grow to the longest.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Opener {
    keys: HeldKeys,
    fellows: Arc<Fellows>,
    /// Why each key that is not open could not be opened last time.
    failures: Mutex<BTreeMap<KeyId, String>>,
}

impl Opener {
    /// Opens keys until nobody holds them any more.
    pub fn start(keys: HeldKeys, fellows: Arc<Fellows>) -> Arc<Self> {
        let opener = Arc::new(Self { keys, fellows, failures: Mutex::default() });
        elastickv_sys::task::spawn(opener.clone().run());
        opener
    }

    /// The keys that are not open, and what the last attempt said.
    pub fn waits_for(&self) -> Vec<(Unopened, String)> {
        let failures = self.failures.lock();
        let unopened = self.keys.store.unopened().into_iter();
        let reason = |key| failures.get(&key).cloned().unwrap_or_else(|| "it is being opened".to_owned());
        unopened.map(|key| (key.clone(), reason(key.key))).collect()
    }

    async fn run(self: Arc<Self>) {
        let mut changes = self.keys.store.changes();
        let mut pause = SHORTEST;
        loop {
            changes.mark_unchanged();
            let left = self.attempt().await;
            if left == 0 {
                pause = SHORTEST;
            }
            let again = async {
                match left {
                    0 => std::future::pending().await,
                    _ => tokio::time::sleep(pause).await,
                }
            };
            tokio::select! {
                changed = changes.changed() => match changed {
                    Ok(()) => {}
                    Err(_) => return,
                },
                () = again => pause = (pause * 2).min(LONGEST),
            }
        }
    }

    /// Tries each key that is not open, and returns how many are left.
    async fn attempt(&self) -> usize {
        let unopened = self.keys.store.unopened();
        let mut left = 0;
        for key in &unopened {
            match self.open(key).await {
                Ok(()) => self.opened(key),
                Err(reason) => {
                    left += 1;
                    self.failed(key, reason);
                }
            }
        }
        left
    }

    async fn open(&self, key: &Unopened) -> Result<(), String> {
        let store = &self.keys.store;
        let cluster = cluster(store).ok_or("the keys are not recorded")?;
        let context = WrapContext { cluster, key: key.key, purpose: key.purpose };
        let material = self.unwrap(context, key).await.map_err(|error| error.to_string())?;
        point!(KeyUnwrapped);
        match store.open(material) {
            // It was retired meanwhile.
            Ok(()) | Err(KeyringError::Lookup(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// By the wrapping that is known here, or else by the one that others know: it may have been wrapped anew by
    /// an entry that this node does not have yet, or that stands behind one which waits for the key.
    async fn unwrap(&self, context: WrapContext, key: &Unopened) -> Result<KeyMaterial, KekError> {
        let keks = &self.keys.keks;
        let wrapping = Wrapping { context, wrapped: &key.wrapped, commitment: key.commitment };
        match keks.unwrap(&wrapping, CALL).await {
            Err(mismatch @ KekError::Mismatch { .. }) => {
                let current = self.fellows.open_as_wrapped_now(context, key.commitment, keks).await;
                current.ok_or(mismatch)
            }
            other => other,
        }
    }

    fn opened(&self, key: &Unopened) {
        self.failures.lock().remove(&key.key);
        point!(KeyOpened);
        tracing::info!(key = %key.key, purpose = %key.purpose, "a key is open");
    }

    /// Says so once for each reason.
    fn failed(&self, key: &Unopened, reason: String) {
        let known = self.failures.lock().insert(key.key, reason.clone());
        if known.as_ref() != Some(&reason) {
            tracing::warn!(key = %key.key, purpose = %key.purpose, wrapped_by = named(&key.kek), reason, "a key does not open yet");
        }
    }
}

fn cluster(store: &Keystore) -> Option<ClusterId> {
    store.recorded().map(|recorded| recorded.sidecar().cluster)
}
