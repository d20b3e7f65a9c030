//! What is asked for, and what the asker brought along.

use std::time::Duration;

use elastickv_consensus::ProposeError;
use elastickv_fsm::{Actor, OperationKind, Reason, Rejection};
use elastickv_sys::random::Random;
use elastickv_types::{FullNodeId, KeyId, LocalEpoch, OperationId, Purpose, WrappedKey};

/// An operation has this long unless it is said otherwise.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Nobody can hold up all other operations for longer than this.
pub const LONGEST: Duration = Duration::from_secs(3600);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub operation: OperationId,
    pub actor: Actor,
    pub reason: Reason,
    pub kind: OperationKind,
    /// Of a rotation.
    pub purpose: Option<Purpose>,
    pub limit: Option<Duration>,
    pub supplied: Supplied,
}

/// What older clients make themselves. Whatever is missing is filled in; what is there has to hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Supplied {
    pub storage: SuppliedKey,
    pub raft: SuppliedKey,
    pub writers: Vec<SuppliedWriter>,
    /// In whose name it is asked.
    pub proposer: Option<SuppliedProposer>,
    /// The key that is to go.
    pub retires: Option<KeyId>,
}

impl Supplied {
    pub fn key(&self, purpose: Purpose) -> &SuppliedKey {
        match purpose {
            Purpose::Storage => &self.storage,
            Purpose::Raft => &self.raft,
        }
    }

    pub fn has_keys(&self) -> bool {
        [&self.storage, &self.raft].into_iter().any(|key| key.id.is_some() || key.wrapped.is_some())
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SuppliedKey {
    pub id: Option<KeyId>,
    pub wrapped: Option<WrappedKey>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SuppliedWriter {
    pub node: FullNodeId,
    pub epoch: LocalEpoch,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SuppliedProposer {
    pub node: FullNodeId,
    /// Whoever read it off the node gives it.
    pub epoch: Option<LocalEpoch>,
}

/// Why an operation did not begin.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    #[error(transparent)]
    Away(#[from] ProposeError),
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// A new id that tells when it was drawn.
pub fn draw_operation(unix_ms: u64, random: &dyn Random) -> OperationId {
    let mut raw = random.bytes16();
    let [_, _, ms @ ..] = unix_ms.to_be_bytes();
    for (byte, drawn) in raw.iter_mut().zip(ms) {
        *byte = drawn;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut raw;
    *version = 0x70 | (*version & 0x0f);
    *variant = 0x80 | (*variant & 0x3f);
    OperationId::from_bytes(raw)
}

#[cfg(test)]
mod tests {
    use elastickv_fsm::{UnixMillis, drawn_at};
    use elastickv_sys::random::SeededRandom;

    use super::*;

    #[test]
    fn an_id_tells_when_it_was_drawn_and_is_like_no_other() {
        let random = SeededRandom::shared(3);
        let draw = || draw_operation(1_700_000_000_123, &*random);
        let (one, other) = (draw(), draw());
        assert_eq!(drawn_at(&one), Some(UnixMillis::new(1_700_000_000_123)));
        assert_ne!(one, other);
    }
}
