//! The messages among the records. Field numbers are for ever.

use bytes::Bytes;

pub const FORMAT: u32 = 1;

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Control {
    #[prost(uint32, tag = "1")]
    pub format: u32,
    #[prost(uint64, optional, tag = "2")]
    pub bootstrap: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub storage: Option<u64>,
    #[prost(uint64, optional, tag = "4")]
    pub raft: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub control_index: Option<u64>,
    #[prost(uint64, optional, tag = "6")]
    pub keyring_version: Option<u64>,
    /// A [`Running`] and its steps.
    #[prost(bytes = "bytes", optional, tag = "7")]
    pub running: Option<Bytes>,
    #[prost(uint64, tag = "8")]
    pub newest_ms: u64,
    #[prost(uint64, optional, tag = "9")]
    pub forgotten_ms: Option<u64>,
}

/// Behind it are its steps, [`Taken`], repeated as field 7.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Running {
    #[prost(message, optional, tag = "1")]
    pub origin: Option<crate::codec::wire::Origin>,
    #[prost(uint32, tag = "2")]
    pub kind: u32,
    #[prost(uint64, tag = "3")]
    pub since_ms: u64,
    #[prost(uint64, tag = "4")]
    pub deadline_ms: u64,
    #[prost(uint64, tag = "5")]
    pub begun: u64,
    #[prost(uint32, optional, tag = "6")]
    pub purpose: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Taken {
    #[prost(uint32, tag = "1")]
    pub sub_tag: u32,
    #[prost(uint32, optional, tag = "2")]
    pub purpose: Option<u32>,
    #[prost(fixed32, optional, tag = "3")]
    pub key: Option<u32>,
    #[prost(message, optional, tag = "4")]
    pub done: Option<Done>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Done {
    #[prost(bool, tag = "1")]
    pub changed: bool,
    #[prost(uint64, tag = "2")]
    pub first: u64,
    #[prost(fixed32, optional, tag = "3")]
    pub key: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Key {
    #[prost(uint32, tag = "1")]
    pub format: u32,
    #[prost(uint32, tag = "2")]
    pub purpose: u32,
    #[prost(uint32, tag = "3")]
    pub state: u32,
    #[prost(bytes = "bytes", tag = "4")]
    pub commitment: Bytes,
    #[prost(uint64, tag = "5")]
    pub created: u64,
    #[prost(uint64, tag = "6")]
    pub created_ms: u64,
    #[prost(message, optional, tag = "7")]
    pub wrapping: Option<crate::codec::wire::Wrapping>,
    #[prost(uint64, optional, tag = "8")]
    pub closed: Option<u64>,
    #[prost(uint64, optional, tag = "9")]
    pub retired: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Job {
    #[prost(uint32, tag = "1")]
    pub format: u32,
    #[prost(message, optional, tag = "2")]
    pub origin: Option<crate::codec::wire::Origin>,
    #[prost(uint64, tag = "3")]
    pub begun: u64,
    /// Zero for as fast as it goes.
    #[prost(uint64, tag = "4")]
    pub rate: u64,
    #[prost(uint32, tag = "5")]
    pub phase: u32,
    #[prost(uint64, tag = "6")]
    pub changed: u64,
    /// Of a finished one.
    #[prost(uint32, optional, tag = "7")]
    pub under: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Record {
    #[prost(uint32, tag = "1")]
    pub format: u32,
    #[prost(bytes = "bytes", tag = "2")]
    pub operation: Bytes,
    #[prost(uint32, tag = "3")]
    pub kind: u32,
    #[prost(uint64, tag = "4")]
    pub at_ms: u64,
    #[prost(string, tag = "5")]
    pub actor: String,
    #[prost(string, tag = "6")]
    pub reason: String,
    #[prost(message, optional, tag = "7")]
    pub done: Option<Done>,
    #[prost(message, optional, tag = "8")]
    pub refusal: Option<Refusal>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
#[prost(skip_debug)]
pub struct Refusal {
    #[prost(uint32, tag = "1")]
    pub code: u32,
    /// What it says of this case, by code.
    #[prost(uint64, repeated, tag = "2")]
    pub facts: Vec<u64>,
    /// Of a refusal that came with words of its own.
    #[prost(string, tag = "3")]
    pub text: String,
    /// The same.
    #[prost(string, tag = "4")]
    pub name: String,
}
