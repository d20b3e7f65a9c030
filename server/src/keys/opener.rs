//! Opens keys in the background: what is known and not open is unwrapped, tried again for as long as it takes.
//!
//! Applying never asks a wrapping key for anything. Whatever needs a key that is not open waits for this task,
//! which may have to wait for a provider that is out of reach.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use elastickv_crypto::WrapContext;
use elastickv_keyring::{KeyringError, Keystore, Unopened};
use elastickv_types::{ClusterId, KeyId};
use parking_lot::Mutex;

use super::HeldKeys;
use super::keks::{Wrapping, named};

/// How long a provider has for one key.
const CALL: Duration = Duration::from_secs(5);
/// Pauses between attempts begin with this and grow to the longest.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Opener {
    keys: HeldKeys,
    /// Why each key that is not open could not be opened last time.
    failures: Mutex<BTreeMap<KeyId, String>>,
}

impl Opener {
    /// Opens keys until nobody holds them any more.
    pub fn start(keys: HeldKeys) -> Arc<Self> {
        let opener = Arc::new(Self { keys, failures: Mutex::default() });
        elastickv_sys::task::spawn(opener.clone().run());
        opener
    }

    pub fn keys(&self) -> &HeldKeys {
        &self.keys
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
        let HeldKeys { store, keks } = &self.keys;
        let cluster = cluster(store).ok_or("the keys are not recorded")?;
        let context = WrapContext { cluster, key: key.key, purpose: key.purpose };
        let wrapping = Wrapping { context, wrapped: &key.wrapped, commitment: key.commitment };
        let material = keks.unwrap(&wrapping, CALL).await.map_err(|error| error.to_string())?;
        match store.open(material) {
            // It was retired meanwhile.
            Ok(()) | Err(KeyringError::Lookup(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn opened(&self, key: &Unopened) {
        self.failures.lock().remove(&key.key);
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
