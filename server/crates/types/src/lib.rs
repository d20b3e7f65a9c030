//! The words of the domain as types.
//!
//! Every id, index, term and timestamp has a type of its own, so that two of them can not be
//! swapped in a call, and a value that means "none" can not be made where none is not allowed.
//! This crate knows no file, no network and no clock.

mod ids;
mod keys;
mod names;
mod raft;
mod rate;
mod time;

pub use ids::{ClusterId, FullNodeId, GroupId, OperationId, RequestId, ShortNodeId, StoreId};
pub use keys::{
    Commitment, KekLabel, KeyId, LoadToken, LocalEpoch, LocalEpochOutOfRange, Purpose, WrappedKey,
};
pub use names::{ClusterName, NameError, NodeName, PeerAddress};
pub use raft::{LogId, LogIndex, Term};
pub use rate::ByteRate;
pub use time::Timestamp;
