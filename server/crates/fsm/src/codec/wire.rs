//! The messages behind the opcodes, but for users' writes. Field numbers are for ever.
//!
//! None of them can be printed: they hold users' bytes, tokens and wrapped keys.

use bytes::Bytes;

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct LogId {
    #[prost(uint64, tag = "1")]
    pub term: u64,
    #[prost(uint64, tag = "2")]
    pub index: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Writer {
    #[prost(fixed64, tag = "1")]
    pub node: u64,
    #[prost(uint32, tag = "2")]
    pub epoch: u32,
    #[prost(fixed64, tag = "3")]
    pub token: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Registration {
    #[prost(fixed32, tag = "1")]
    pub key: u32,
    #[prost(message, optional, tag = "2")]
    pub writer: Option<Writer>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Wrapping {
    #[prost(bytes = "bytes", tag = "1")]
    pub wrapped: Bytes,
    #[prost(string, tag = "2")]
    pub provider: String,
    #[prost(string, tag = "3")]
    pub key: String,
    #[prost(string, tag = "4")]
    pub version: String,
}

/// Behind it is its cohort, [`Writer`], repeated as field 5.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct NewKey {
    #[prost(fixed32, tag = "1")]
    pub id: u32,
    #[prost(message, optional, tag = "2")]
    pub wrapping: Option<Wrapping>,
    #[prost(bytes = "bytes", tag = "3")]
    pub commitment: Bytes,
    #[prost(uint64, tag = "4")]
    pub created_ms: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Origin {
    #[prost(bytes = "bytes", tag = "1")]
    pub operation: Bytes,
    #[prost(string, tag = "2")]
    pub actor: String,
    #[prost(string, tag = "3")]
    pub reason: String,
    #[prost(uint64, tag = "4")]
    pub at_ms: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Bootstrap {
    /// A [`NewKey`] and its cohort.
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub storage: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub raft: Option<Bytes>,
    #[prost(message, optional, tag = "3")]
    pub membership: Option<LogId>,
    #[prost(bool, tag = "14")]
    pub last: bool,
    #[prost(message, optional, tag = "15")]
    pub origin: Option<Origin>,
}

/// The number of the field that is set is the sub-tag.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct KeyChange {
    #[prost(oneof = "Change", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9")]
    pub change: Option<Change>,
    #[prost(bool, tag = "14")]
    pub last: bool,
    #[prost(message, optional, tag = "15")]
    pub origin: Option<Origin>,
}

#[derive(Clone, PartialEq, Eq, prost::Oneof)]
#[prost(skip_debug)]
pub enum Change {
    #[prost(message, tag = "1")]
    Install(Install),
    /// [`Rewrapped`], repeated as field 1.
    #[prost(bytes = "bytes", tag = "2")]
    Rewrap(Bytes),
    #[prost(message, tag = "3")]
    Retire(Retire),
    #[prost(message, tag = "4")]
    EnableStorage(Cutover),
    #[prost(message, tag = "5")]
    EnableRaft(Cutover),
    #[prost(message, tag = "6")]
    Activate(Activate),
    #[prost(message, tag = "7")]
    Close(Close),
    #[prost(message, tag = "8")]
    RaiseFloor(RaiseFloor),
    #[prost(message, tag = "9")]
    Phase(PhaseMessage),
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Install {
    #[prost(uint32, tag = "1")]
    pub purpose: u32,
    /// A [`NewKey`] and its cohort.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub key: Option<Bytes>,
    #[prost(fixed32, tag = "3")]
    pub replaces: u32,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Rewrapped {
    #[prost(fixed32, tag = "1")]
    pub key: u32,
    #[prost(bytes = "bytes", tag = "2")]
    pub commitment: Bytes,
    #[prost(message, optional, tag = "3")]
    pub wrapping: Option<Wrapping>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Retire {
    #[prost(fixed32, tag = "1")]
    pub key: u32,
    #[prost(uint64, tag = "2")]
    pub closed: u64,
    #[prost(message, optional, tag = "3")]
    pub membership: Option<LogId>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Cutover {
    #[prost(message, optional, tag = "1")]
    pub membership: Option<LogId>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Activate {
    #[prost(fixed32, tag = "1")]
    pub key: u32,
    #[prost(fixed32, tag = "2")]
    pub replaces: u32,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Close {
    #[prost(fixed32, tag = "1")]
    pub key: u32,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct RaiseFloor {
    #[prost(fixed32, repeated, tag = "1")]
    pub keys: Vec<u32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct PhaseMessage {
    #[prost(oneof = "Phase", tags = "1, 2, 3, 4")]
    pub phase: Option<Phase>,
}

#[derive(Clone, PartialEq, Eq, prost::Oneof)]
#[prost(skip_debug)]
pub enum Phase {
    #[prost(message, tag = "1")]
    Begin(Begin),
    #[prost(message, tag = "2")]
    Done(Done),
    #[prost(message, tag = "3")]
    Refused(Refused),
    #[prost(message, tag = "4")]
    DeadlinePassed(DeadlinePassed),
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Begin {
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    #[prost(uint64, tag = "2")]
    pub since_ms: u64,
    #[prost(uint64, tag = "3")]
    pub deadline_ms: u64,
    #[prost(message, optional, tag = "4")]
    pub membership: Option<LogId>,
    #[prost(uint32, optional, tag = "5")]
    pub purpose: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Done {
    #[prost(bool, tag = "1")]
    pub changed: bool,
    #[prost(uint64, tag = "2")]
    pub first: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Refused {
    #[prost(string, tag = "1")]
    pub text: String,
    #[prost(string, tag = "2")]
    pub name: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct DeadlinePassed {}

/// The number of the field that is set says what is wanted of the job.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Job {
    #[prost(oneof = "JobChange", tags = "1, 2, 3, 4, 5, 6")]
    pub change: Option<JobChange>,
    #[prost(message, optional, tag = "15")]
    pub origin: Option<Origin>,
}

#[derive(Clone, PartialEq, Eq, prost::Oneof)]
#[prost(skip_debug)]
pub enum JobChange {
    #[prost(message, tag = "1")]
    StartRewrite(Rated),
    #[prost(message, tag = "2")]
    Pause(Nothing),
    #[prost(message, tag = "3")]
    Resume(Nothing),
    #[prost(message, tag = "4")]
    SetRate(Rated),
    #[prost(message, tag = "5")]
    Cancel(Nothing),
    #[prost(message, tag = "6")]
    Finish(Finish),
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Rated {
    /// Zero for as fast as it goes.
    #[prost(uint64, tag = "1")]
    pub rate: u64,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Finish {
    #[prost(bool, tag = "1")]
    pub log_sealed: bool,
    #[prost(message, optional, tag = "2")]
    pub membership: Option<LogId>,
    #[prost(uint32, tag = "3")]
    pub under: u32,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Nothing {}
