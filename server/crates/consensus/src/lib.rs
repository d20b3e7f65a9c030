//! Replication of one group, behind a facade of our own.
//!
//! This is the only crate that names the Raft library. It joins the library to the log, to the state
//! machine and, through the [`PeerPort`] that the server implements, to the other members; outside,
//! there are only our types: log ids, members, answers, statuses.
//!
//! What the facade adds to the library: an acknowledged entry is on this node's own disk before it is
//! applied; snapshots are files that survive a lost connection half way; a membership change names
//! the membership it was decided against; a leader without a quorum says so.

mod collection;
mod config;
mod convert;
mod entry;
mod group;
mod inbound;
mod keys;
mod log_store;
mod member;
mod network;
mod open_reads;
mod peer;
mod quorum;
mod read_index;
mod replica;
mod rewriting;
mod room;
mod runtime;
mod seed;
mod snapshots;
mod state_machine;
mod status;
mod stored;
mod watchdog;

pub use collection::Collected;
pub use config::GroupConfig;
pub use convert::Answers;
pub use group::{
    ChangeError, EraseError, GroupHandle, GroupParts, LeaderState, OpenError, Prepared, ProposalAnswer,
    ProposalDone, ProposeError, SnapshotBytes, SnapshotForBackup, SnapshotTaken, Starting, TakeSnapshotError,
    Times, TransferError, open_log,
};
pub use inbound::{InboundError, OfferAnswer};
pub use keys::{KeyError, NodeKeys, key_table};
pub use member::{Member, MemberId, Membership};
pub use network::{
    AppendAnswer, AppendCall, ChunkSource, PeerError, PeerPort, SharedPort, SnapshotOffer,
    TakeLeadershipCall, VoteAnswer, VoteCall,
};
pub use read_index::ReadError;
pub use replica::{ReadView, Waiting};
pub use rewriting::{Census, Part, RewriteError, Rewriting, Rewritten};
pub use runtime::seed_this_thread;
pub use seed::{only_member, seed_log, seed_path};
pub use snapshots::{SnapshotId, SnapshotsError};
pub use status::{GroupStatus, MemberProgress, Role};
pub use stored::{StoredGroup, differing_cutovers, tells_of_keys};
