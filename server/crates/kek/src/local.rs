//! A wrapping key that this process holds.

use elastickv_crypto::{KeyMaterial, WrapContext, WrappingKey};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{ClusterId, KekLabel, WrappedKey};
use futures_util::future::{BoxFuture, ready};

use crate::{KekError, KekProvider, Result, Wrapped};

pub(crate) struct LocalKek {
    key: WrappingKey,
    label: KekLabel,
    random: SharedRandom,
}

impl LocalKek {
    /// Notes as the key's version what tells it from another at the same place.
    pub(crate) fn new(key: WrappingKey, provider: &str, place: &str, random: SharedRandom) -> Self {
        let version = hex::encode(key.fingerprint());
        let label = KekLabel { provider: provider.to_owned(), key: place.to_owned(), version };
        Self { key, label, random }
    }
}

impl KekProvider for LocalKek {
    fn label(&self) -> KekLabel {
        self.label.clone()
    }

    fn wrap<'a>(&'a self, cluster: ClusterId, key: &'a KeyMaterial) -> BoxFuture<'a, Result<Wrapped>> {
        let key = self.key.wrap(cluster, key, |nonce| self.random.fill(nonce));
        Box::pin(ready(Ok(Wrapped { key, by: self.label() })))
    }

    fn unwrap<'a>(
        &'a self,
        context: WrapContext,
        wrapped: &'a WrappedKey,
    ) -> BoxFuture<'a, Result<KeyMaterial>> {
        let WrapContext { key, purpose, .. } = context;
        let unwrapped = self.key.unwrap(context, wrapped).map_err(|_| KekError::Mismatch { key, purpose });
        Box::pin(ready(unwrapped))
    }
}

/// Whether a key is one that anybody would guess first.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
