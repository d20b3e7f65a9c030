//! The wrapping keys that a node was given: the one in use, and the one before it as long as something may
//! still be wrapped by it.

use std::sync::Arc;
use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_kek::{Kek, KekError, KekUri};
use elastickv_sys::clock::SharedClock;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{Commitment, KekLabel, WrappedKey};
use tokio::time::Instant;

use crate::config::Encryption;
use crate::metrics::Metrics;

#[derive(Clone, Debug)]
pub struct Keks {
    current: Kek,
    previous: Option<Kek>,
    clock: SharedClock,
    metrics: Arc<Metrics>,
}

/// One of the wrapping keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Current,
    Previous,
}

/// What is asked of a wrapping key.
#[derive(Debug)]
pub struct Wrapping<'a> {
    pub context: WrapContext,
    pub wrapped: &'a WrappedKey,
    pub commitment: Commitment,
}

impl Keks {
    /// Gets hold of what the settings name. An error says which place it is about.
    pub fn load(
        settings: &Encryption,
        random: &SharedRandom,
        clock: &SharedClock,
        metrics: &Arc<Metrics>,
    ) -> Result<Option<Self>, (KekUri, KekError)> {
        let open = |uri: &KekUri| Kek::open(uri, random.clone()).map_err(|error| (uri.clone(), error));
        let Some(current) = settings.kek.as_ref().map(open).transpose()? else { return Ok(None) };
        let previous = settings.kek_previous.as_ref().map(open).transpose()?;
        Ok(Some(Self { current, previous, clock: clock.clone(), metrics: metrics.clone() }))
    }

    /// The same, out of reach whenever this file says so.
    #[cfg(feature = "testing")]
    pub fn failing_by(self, files: &elastickv_sys::files::SharedFiles, switch: &std::path::Path) -> Self {
        let failing = |kek: Kek| kek.failing_by(files.clone(), switch);
        Self { current: failing(self.current), previous: self.previous.map(failing), ..self }
    }

    /// Who wraps from now on.
    pub fn current(&self) -> &Kek {
        &self.current
    }

    /// Who wrapped before.
    pub fn previous(&self) -> Option<&Kek> {
        self.previous.as_ref()
    }

    /// Whoever they are, the current one first.
    pub fn labels(&self) -> String {
        let labels: Vec<_> = self.all().map(|kek| named(&kek.label())).collect();
        labels.join(" and ")
    }

    fn all(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Undoes a wrapping, by either. It is a mismatch only if both say so: one that can not be asked might
    /// have made it.
    pub async fn unwrap(&self, wrapping: &Wrapping<'_>, within: Duration) -> Result<KeyMaterial, KekError> {
        self.unwrap_by(wrapping, within).await.map(|(key, _)| key)
    }

    /// The same, and tells which of them it was.
    pub async fn unwrap_by(
        &self,
        wrapping: &Wrapping<'_>,
        within: Duration,
    ) -> Result<(KeyMaterial, Which), KekError> {
        let Wrapping { context, wrapped, commitment } = *wrapping;
        let mut failed = None;
        for (kek, which) in self.all().zip([Which::Current, Which::Previous]) {
            let began = self.clock.now();
            let unwrapped = kek.unwrap(context, wrapped, commitment, Instant::now() + within).await;
            self.metrics.kek_asked(self.clock.now().since(began));
            match unwrapped {
                Ok(key) => return Ok((key, which)),
                Err(mismatch @ KekError::Mismatch { .. }) => drop(failed.get_or_insert(mismatch)),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(KekError::Mismatch { key: context.key, purpose: context.purpose }))
    }
}

/// A wrapping key in words.
pub fn named(label: &KekLabel) -> String {
    format!("{}:{} (version {})", label.provider, label.key, label.version)
}
