//! What a keeper of wrapping keys does, and what is made sure of whoever it is.

use std::fmt;
use std::sync::Arc;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{ClusterId, Commitment, KekLabel, WrappedKey};
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use crate::{KekError, KekUri, Result, environment, file};

/// A wrapping and who made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrapped {
    pub key: WrappedKey,
    pub by: KekLabel,
}

/// Keeps a wrapping key and uses it on request. Every call may be dropped at any point; one that was dropped
/// may have happened or not, which makes no difference.
pub trait KekProvider: Send + Sync + 'static {
    /// Who wraps at the moment.
    fn label(&self) -> KekLabel;

    /// Wraps a key, bound to `key.context(cluster)`.
    fn wrap<'a>(&'a self, cluster: ClusterId, key: &'a KeyMaterial) -> BoxFuture<'a, Result<Wrapped>>;

    /// Undoes a wrapping that is bound to this context; any other is a [`KekError::Mismatch`].
    fn unwrap<'a>(
        &'a self,
        context: WrapContext,
        wrapped: &'a WrappedKey,
    ) -> BoxFuture<'a, Result<KeyMaterial>>;
}

/// A wrapping key that can be used, wherever it is.
#[derive(Clone)]
pub struct Kek(Arc<dyn KekProvider>);

impl Kek {
    pub fn new(provider: Arc<dyn KekProvider>) -> Self {
        Self(provider)
    }

    /// Gets hold of the key at this place. Reads a file or a variable and returns at once.
    pub fn open(uri: &KekUri, random: SharedRandom) -> Result<Self> {
        let provider = match uri {
            KekUri::File(path) => file::open(path, random)?,
            KekUri::Environment(name) => environment::open(name, random)?,
        };
        Ok(Self::new(Arc::new(provider)))
    }

    pub fn label(&self) -> KekLabel {
        self.0.label()
    }

    pub async fn wrap(&self, cluster: ClusterId, key: &KeyMaterial, deadline: Instant) -> Result<Wrapped> {
        timeout_at(deadline, self.0.wrap(cluster, key)).await.map_err(|_| self.too_late())?
    }

    /// Undoes a wrapping. What comes out is the key of this commitment or nothing.
    pub async fn unwrap(
        &self,
        context: WrapContext,
        wrapped: &WrappedKey,
        commitment: Commitment,
        deadline: Instant,
    ) -> Result<KeyMaterial> {
        let key = self.unwrap_unknown(context, wrapped, deadline).await?;
        match key.commitment() == commitment {
            true => Ok(key),
            false => Err(KekError::Mismatch { key: context.key, purpose: context.purpose }),
        }
    }

    /// Undoes the wrapping of a key of which nothing is known yet but its name: what is inside is taken for it.
    pub async fn unwrap_unknown(
        &self,
        context: WrapContext,
        wrapped: &WrappedKey,
        deadline: Instant,
    ) -> Result<KeyMaterial> {
        let unwrapped = timeout_at(deadline, self.0.unwrap(context, wrapped)).await;
        let key = unwrapped.map_err(|_| self.too_late())??;
        match (key.id(), key.purpose()) == (context.key, context.purpose) {
            true => Ok(key),
            false => Err(KekError::Mismatch { key: context.key, purpose: context.purpose }),
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn provider(&self) -> &dyn KekProvider {
        &*self.0
    }

    fn too_late(&self) -> KekError {
        KekError::Deadline { provider: self.label().provider }
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kek({:?})", self.label())
    }
}
