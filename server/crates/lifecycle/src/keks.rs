//! The KEKs of this node: the one that wraps, and the one before, which only unwraps.

use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_kek::{Kek, KekError, Wrapped};
use elastickv_types::{ClusterId, Commitment, WrappedKey};
use tokio::time::Instant;

/// A call of a provider has this long; whoever waits for it longer calls again.
pub const CALL: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub struct Keks {
    pub current: Kek,
    pub previous: Option<Kek>,
}

/// Which of them it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Current,
    Previous,
}

impl Keks {
    pub async fn wrap(&self, cluster: ClusterId, key: &KeyMaterial) -> Result<Wrapped, KekError> {
        self.current.wrap(cluster, key, Instant::now() + CALL).await
    }

    /// Undoes a wrapping with the current KEK, or else with the one before.
    pub async fn unwrap(
        &self,
        context: WrapContext,
        wrapped: &WrappedKey,
        commitment: Commitment,
    ) -> Result<(KeyMaterial, By), KekError> {
        let deadline = || Instant::now() + CALL;
        let refused = match self.current.unwrap(context, wrapped, commitment, deadline()).await {
            Ok(key) => return Ok((key, By::Current)),
            Err(error) => error,
        };
        let Some(previous) = &self.previous else { return Err(refused) };
        match previous.unwrap(context, wrapped, commitment, deadline()).await {
            Ok(key) => Ok((key, By::Previous)),
            // What passes is worth more to know than that the other one did not fit.
            Err(error) if error.is_transient() => Err(error),
            Err(_) => Err(refused),
        }
    }
}
