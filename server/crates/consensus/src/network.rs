//! The way to the other members: a port that the server implements over gRPC, and a simulator again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_log::{Entry, Vote};
use elastickv_types::{FullNodeId, GroupId, LogId};

use crate::member::Member;
use crate::snapshots::SnapshotId;

pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, PeerError>> + Send + 'a>>;

/// Why a peer gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PeerError {
    #[error("{member} at {address} can not be reached: {reason}")]
    Unreachable { member: String, address: String, reason: String },
    #[error("{member} did not answer within {after:?}")]
    Timeout { member: String, after: Duration },
    #[error("{member} refused: {reason}")]
    Refused { member: String, reason: String },
    /// It joined a sealed group, and takes entries once it has installed a snapshot.
    #[error("{member} has to begin with a snapshot")]
    NeedsSnapshot { member: String },
}

#[derive(Clone, Debug)]
pub struct AppendCall {
    pub vote: Vote,
    pub previous: Option<LogId>,
    pub entries: Vec<Entry>,
    pub committed: Option<LogId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppendAnswer {
    /// Everything is durable.
    Matched,
    /// The entry before the call's first is not in the log.
    Conflict,
    HigherVote(Vote),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VoteCall {
    pub vote: Vote,
    pub last_log: Option<LogId>,
    pub leadership_transfer: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VoteAnswer {
    pub vote: Vote,
    pub granted: bool,
    pub last_log: Option<LogId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TakeLeadershipCall {
    pub from: Vote,
    pub to: FullNodeId,
    pub last_log: Option<LogId>,
}

/// Announces a snapshot: what it stands for and which bytes it is.
#[derive(Clone, Debug)]
pub struct SnapshotOffer {
    pub vote: Vote,
    pub id: SnapshotId,
    pub bytes: u64,
    pub crc32c: u32,
    pub last: Option<LogId>,
    pub membership_id: Option<LogId>,
    pub membership: Bytes,
}

/// Reads the chunk of a snapshot at an offset; empty at its end.
pub type ChunkSource = Arc<dyn Fn(u64) -> std::io::Result<Bytes> + Send + Sync>;

/// Calls to another member of a group.
pub trait PeerPort: Send + Sync + std::fmt::Debug + 'static {
    fn append<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: AppendCall,
        within: Duration,
    ) -> PortFuture<'a, AppendAnswer>;
    fn vote<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: VoteCall,
        within: Duration,
    ) -> PortFuture<'a, VoteAnswer>;
    fn pre_vote<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: VoteCall,
        within: Duration,
    ) -> PortFuture<'a, VoteAnswer>;
    fn take_leadership<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: TakeLeadershipCall,
    ) -> PortFuture<'a, Result<(), String>>;
    /// Sends the chunks that the receiver lacks and has it install the whole. The answer is the
    /// receiver's vote.
    fn snapshot<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        offer: SnapshotOffer,
        chunks: ChunkSource,
    ) -> PortFuture<'a, Vote>;
}

pub type SharedPort = Arc<dyn PeerPort>;
