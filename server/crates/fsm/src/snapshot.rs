//! Snapshots as files.
//!
//! ```text
//! header v1   "EKVTHLC1" ‖ ceiling_ms u64                            as long as the group has no cutover
//! header v2   "EKVTHLC2" ‖ len u16 ‖ ceiling_ms u64 ‖ raft cutover u64 ‖ later fields up to len (16..=1024)
//! section     tag u8 ‖ length u64 ‖ bytes ‖ crc32c u32 (over tag, length and bytes)
//! sections    01 state (first, once) · then in this order any number of 03 requests · 04 transactions that are over ·
//!             05 locks · 02 rows · ff end (last, once)
//! requests    request id 16 ‖ commit_ts u64 ‖ index u64, repeated; ids ascending over all sections
//! over        start_ts u64 ‖ how u8 ‖ commit_ts u64 ‖ index u64, repeated; how 00 rolled back (numbers zero) ·
//!             01 committed; start_ts ascending over all sections
//! locks       as rows
//! rows        key length u32 ‖ key ‖ value length u32 ‖ value, repeated; keys ascending over all sections
//! end         rows u64 ‖ sections u64 (with the end section itself)
//! ```
//!
//! Rows travel as they are stored. A reader that meets anything else names the place and stops.

mod read;
mod write;

use bytes::{Buf, Bytes};
use elastickv_types::{GroupId, LogIndex, Timestamp};
use prost::Message;

use crate::codec::walk::{self, Walk, Wrong};
use crate::command::UnixMillis;
use crate::keyspaces::Generation;
use crate::perform::{Applied, MembershipRecord};
use crate::state::GroupState;

pub use read::{Rows, SnapshotReader, SnapshotSection, read_head};
pub use write::SnapshotWriter;

pub(crate) const MAGIC_V1: &[u8; 8] = b"EKVTHLC1";
pub(crate) const MAGIC_V2: &[u8; 8] = b"EKVTHLC2";
/// What a header of the second version holds at least, and at most.
pub(crate) const HEADER_V2_LEN: std::ops::RangeInclusive<u16> = 16..=1024;
pub(crate) const TAG_STATE: u8 = 0x01;
pub(crate) const TAG_ROWS: u8 = 0x02;
pub(crate) const TAG_REQUESTS: u8 = 0x03;
pub(crate) const TAG_OVER: u8 = 0x04;
pub(crate) const TAG_LOCKS: u8 = 0x05;
pub(crate) const TAG_END: u8 = 0xff;
/// A section's tag, length and checksum.
pub(crate) const FRAME_BYTES: u64 = 1 + 8 + 4;
/// Requests and rows are gathered into sections of about this size.
pub(crate) const SECTION_BYTES: usize = 1 << 20;
/// No section is longer than one row of the largest key and value and its lengths.
pub(crate) const LONGEST_SECTION: u64 = 32 << 20;

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("the snapshot {file}: {error}")]
    Io { file: String, error: std::io::Error },
    #[error("the snapshot {file} begins with {found:02x?}, which is no header known to this build")]
    HeaderUnknownMagic { file: String, found: [u8; 8] },
    #[error("the snapshot {file} is damaged at byte {offset}: {reason}")]
    Damaged { file: String, offset: u64, reason: String },
    #[error("the snapshot {file} is one of group {found}, not of group {expected}")]
    OtherGroup { file: String, found: u64, expected: GroupId },
}

/// What a snapshot stands for: all that a replica knows beside its rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotHead {
    pub group: GroupId,
    pub applied: Applied,
    pub membership: MembershipRecord,
    /// How new a table of keys it takes to read the rows: that of whoever built it.
    pub keyring_version: Option<LogIndex>,
}

/// What a finished snapshot holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotSummary {
    pub rows: u64,
    pub bytes: u64,
    pub crc32c: u32,
}

mod wire {
    use bytes::Bytes;

    /// The last field of the head.
    pub const RECORDS: u8 = 15;

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    #[prost(skip_debug)]
    pub struct Head {
        #[prost(uint64, tag = "1")]
        pub group_id: u64,
        /// Index of the last change of the key table; zero as long as there is none.
        #[prost(uint64, tag = "2")]
        pub keyring_version: u64,
        #[prost(uint64, optional, tag = "3")]
        pub last_term: Option<u64>,
        #[prost(uint64, optional, tag = "4")]
        pub last_index: Option<u64>,
        #[prost(fixed64, tag = "5")]
        pub last_commit_ts: u64,
        #[prost(uint64, optional, tag = "6")]
        pub membership_term: Option<u64>,
        #[prost(uint64, optional, tag = "7")]
        pub membership_index: Option<u64>,
        #[prost(bytes = "bytes", tag = "8")]
        pub membership: Bytes,
        #[prost(fixed64, repeated, tag = "9")]
        pub admitted: Vec<u64>,
        #[prost(fixed64, tag = "10")]
        pub ceiling: u64,
        #[prost(fixed64, tag = "11")]
        pub oldest: u64,
        #[prost(uint64, optional, tag = "12")]
        pub horizon_ms: Option<u64>,
        #[prost(fixed64, optional, tag = "13")]
        pub over_horizon: Option<u64>,
        /// The encryption state, as the store keeps it.
        #[prost(message, repeated, tag = "15")]
        pub records: Vec<Record>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    #[prost(skip_debug)]
    pub struct Record {
        #[prost(bytes = "bytes", tag = "1")]
        pub key: Bytes,
        #[prost(bytes = "bytes", tag = "2")]
        pub value: Bytes,
    }
}

fn split(id: Option<elastickv_types::LogId>) -> (Option<u64>, Option<u64>) {
    (id.map(|id| id.term.get()), id.map(|id| id.index.get()))
}

fn join(term: Option<u64>, index: Option<u64>) -> Option<elastickv_types::LogId> {
    use elastickv_types::{LogId, Term};
    Some(LogId::new(Term::new(term?), LogIndex::new(index?)))
}

impl SnapshotHead {
    fn encode(&self) -> Vec<u8> {
        let (last_term, last_index) = split(self.applied.last);
        let (membership_term, membership_index) = split(self.membership.id);
        let records = self.applied.state.records();
        wire::Head {
            group_id: self.group.get(),
            keyring_version: self.keyring_version.map_or(0, LogIndex::get),
            last_term,
            last_index,
            last_commit_ts: self.applied.state.last_commit_ts.get(),
            ceiling: self.applied.state.ceiling.get(),
            oldest: self.applied.state.oldest.get(),
            horizon_ms: self.applied.state.horizon.map(UnixMillis::get),
            over_horizon: self.applied.state.over_horizon.map(Timestamp::get),
            membership_term,
            membership_index,
            membership: self.membership.body.clone(),
            admitted: self.membership.admitted.iter().map(|id| id.get()).collect(),
            records: records.map(|(key, value)| wire::Record { key, value }).collect(),
        }
        .encode_to_vec()
    }

    /// The generation is a matter of the replica that installs it, so it starts at the first.
    fn decode(raw: &Bytes) -> Result<Self, String> {
        // There may be a great many records: they are read one at a time.
        let (fields, records) = walk::split_list(raw, wire::RECORDS).map_err(told)?;
        let head: wire::Head = walk::read(fields, &[]).map_err(told)?;
        let group = GroupId::from_u64(head.group_id).ok_or("it names group 0")?;
        let membership = join(head.membership_term, head.membership_index);
        let records = Records::check(records).map_err(told)?;
        let mut state = GroupState::from_records(group, records).map_err(|error| error.to_string())?;
        state.last_commit_ts = Timestamp::from_u64(head.last_commit_ts);
        state.ceiling = Timestamp::from_u64(head.ceiling);
        state.oldest = Timestamp::from_u64(head.oldest);
        state.horizon = head.horizon_ms.map(UnixMillis::new);
        state.over_horizon = head.over_horizon.map(Timestamp::from_u64);
        state.membership = membership;
        let last = join(head.last_term, head.last_index);
        let admitted =
            crate::perform::admitted_from_wire(&head.admitted).ok_or("it admits a node with id 0")?;
        // Else it would hold on to the whole section.
        let body = Bytes::copy_from_slice(&head.membership);
        Ok(Self {
            group,
            applied: Applied { last, generation: Generation::FIRST, state },
            membership: MembershipRecord { id: membership, body, admitted },
            keyring_version: (head.keyring_version != 0).then_some(LogIndex::new(head.keyring_version)),
        })
    }
}

/// What is left of the records, of which each is one.
struct Records(Bytes);

impl Records {
    fn check(raw: Bytes) -> Result<Self, Wrong> {
        let mut walk = Walk::new(&raw);
        while let Some(record) = walk.part(wire::RECORDS)? {
            parts(record)?;
        }
        walk.end()?;
        Ok(Self(raw))
    }
}

impl Iterator for Records {
    type Item = (Bytes, Bytes);

    fn next(&mut self) -> Option<(Bytes, Bytes)> {
        let mut walk = Walk::new(&self.0);
        let (key, value) = parts(walk.part(wire::RECORDS).ok()??).ok()?;
        let pair = (Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
        let read = self.0.len() - walk.left();
        self.0.advance(read);
        Some(pair)
    }
}

fn parts(record: &[u8]) -> Result<(&[u8], &[u8]), Wrong> {
    let mut walk = Walk::new(record);
    let pair = walk.part(1)?.zip(walk.part(2)?).ok_or("a record has no key or no value")?;
    walk.end()?;
    Ok(pair)
}

fn told(wrong: Wrong) -> String {
    match wrong {
        Wrong::Malformed(reason) => format!("the state does not decode: {reason}"),
        Wrong::Unknown => "the state has a field that is not known to this build".to_owned(),
        Wrong::Invalid(reason) => reason.to_owned(),
    }
}

#[cfg(test)]
#[path = "snapshot/tests.rs"]
mod tests;
