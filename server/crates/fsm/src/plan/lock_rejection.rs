//! Why a step of a transaction took no effect; the same on every replica.

use bytes::Bytes;
use elastickv_types::Timestamp;

use super::WriteRejection;

#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockRejection {
    /// What would keep any write from taking effect.
    #[error(transparent)]
    Write(#[from] WriteRejection),
    #[error("the transaction that began at {start_ts} is over: {}", shown(.committed))]
    Over { start_ts: Timestamp, committed: Option<Timestamp> },
    /// It may be over: so long that nobody remembers.
    #[error(
        "what became of transactions that began up to {horizon} is forgotten, and this began at {start_ts}"
    )]
    Expired { start_ts: Timestamp, horizon: Timestamp },
    #[error("the transaction claims to have begun at {start_ts}, and it is {at}")]
    StartsAhead { start_ts: Timestamp, at: Timestamp },
    #[error("no key is locked by a transaction that began at {start_ts}")]
    NotUnderWay { start_ts: Timestamp },
    #[error("a key that is to be committed is not locked by its transaction")]
    NotLocked { key: Bytes },
    #[error("more keys would be locked than can be")]
    TooManyLocks,
}

fn shown(committed: &Option<Timestamp>) -> String {
    committed.map_or_else(|| "it was rolled back".to_owned(), |at| format!("it was committed at {at}"))
}

// The key is a user's.
impl std::fmt::Debug for LockRejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
