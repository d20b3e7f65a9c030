//! The records of a group beside its rows, as they are stored.

use std::collections::BTreeSet;
use std::ops::Bound;

use bytes::Bytes;
use elastickv_engine::{Direction, KeyRange, Pair, View};
use elastickv_types::{FullNodeId, LogId, LogIndex, Term, Timestamp};
use prost::Message;

use super::{Applied, MembershipRecord, PerformError};
use crate::codec::walk::{self, Wrong};
use crate::command::UnixMillis;
use crate::keyspaces::{Generation, GroupKeyspaces};
use crate::state::{GroupState, RecordKey};

pub const APPLIED: &[u8] = b"applied";
pub const MEMBERSHIP: &[u8] = b"membership";
const FORMAT: u32 = 1;

mod wire {
    //! What the store keeps beside the rows. Field numbers are for ever.

    use bytes::Bytes;

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct LogId {
        #[prost(uint64, tag = "1")]
        pub term: u64,
        #[prost(uint64, tag = "2")]
        pub index: u64,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Applied {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(message, optional, tag = "2")]
        pub last: Option<LogId>,
        #[prost(uint64, tag = "3")]
        pub generation: u64,
        #[prost(fixed64, tag = "4")]
        pub last_commit_ts: u64,
        #[prost(fixed64, tag = "5")]
        pub ceiling: u64,
        #[prost(fixed64, tag = "6")]
        pub oldest: u64,
        #[prost(uint64, optional, tag = "7")]
        pub horizon_ms: Option<u64>,
        #[prost(fixed64, optional, tag = "8")]
        pub over_horizon: Option<u64>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Membership {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(message, optional, tag = "2")]
        pub id: Option<LogId>,
        #[prost(bytes = "bytes", tag = "3")]
        pub body: Bytes,
        #[prost(fixed64, repeated, tag = "4")]
        pub admitted: Vec<u64>,
    }
}

pub fn applied(applied: &Applied) -> Vec<u8> {
    let wire = wire::Applied {
        format: FORMAT,
        last: applied.last.map(id_to_wire),
        generation: applied.generation.get(),
        last_commit_ts: applied.state.last_commit_ts.get(),
        ceiling: applied.state.ceiling.get(),
        oldest: applied.state.oldest.get(),
        horizon_ms: applied.state.horizon.map(UnixMillis::get),
        over_horizon: applied.state.over_horizon.map(Timestamp::get),
    };
    wire.encode_to_vec()
}

pub fn membership(record: &MembershipRecord) -> Vec<u8> {
    let wire = wire::Membership {
        format: FORMAT,
        id: record.id.map(id_to_wire),
        body: record.body.clone(),
        admitted: record.admitted.iter().map(|id| id.get()).collect(),
    };
    wire.encode_to_vec()
}

pub(crate) fn admitted_from_wire(raw: &[u64]) -> Option<BTreeSet<FullNodeId>> {
    raw.iter().map(|id| FullNodeId::from_u64(*id)).collect()
}

fn id_to_wire(id: LogId) -> wire::LogId {
    wire::LogId { term: id.term.get(), index: id.index.get() }
}

fn id_from_wire(id: wire::LogId) -> LogId {
    LogId::new(Term::new(id.term), LogIndex::new(id.index))
}

fn check_format(record: &'static str, format: u32) -> Result<(), PerformError> {
    if format == FORMAT {
        return Ok(());
    }
    Err(PerformError::Record { record, reason: format!("format {format} is not known to this build") })
}

/// Reads a record of which no byte is left over: what a later build keeps there is not dropped.
fn read<M: Message + Default>(record: &'static str, raw: Bytes) -> Result<M, PerformError> {
    walk::read(raw, &[]).map_err(|wrong| {
        let reason = match wrong {
            Wrong::Malformed(reason) => reason,
            Wrong::Unknown => "it has a field that is not known to this build".to_owned(),
            Wrong::Invalid(reason) => reason.to_owned(),
        };
        PerformError::Record { record, reason }
    })
}

/// How far the store has come; the beginning when it is new.
pub fn read_applied(view: &dyn View, keyspaces: &GroupKeyspaces) -> Result<Applied, PerformError> {
    let mut state = GroupState::from_records(keyspaces.group(), read_records(view, keyspaces)?)?;
    state.membership = read_membership(view, keyspaces)?.id;
    let Some(raw) = view.get(keyspaces.meta(), APPLIED)? else {
        return Ok(Applied { state, ..Applied::new(keyspaces.group()) });
    };
    let record: wire::Applied = read("applied", raw)?;
    check_format("applied", record.format)?;
    state.last_commit_ts = Timestamp::from_u64(record.last_commit_ts);
    state.ceiling = Timestamp::from_u64(record.ceiling);
    state.oldest = Timestamp::from_u64(record.oldest);
    state.horizon = record.horizon_ms.map(UnixMillis::new);
    state.over_horizon = record.over_horizon.map(Timestamp::from_u64);
    let generation = Generation::from_u64(record.generation);
    Ok(Applied { last: record.last.map(id_from_wire), generation, state })
}

fn read_records(view: &dyn View, keyspaces: &GroupKeyspaces) -> Result<Vec<Pair>, PerformError> {
    let range = KeyRange {
        start: Bound::Included(Bytes::from_static(RecordKey::PREFIX)),
        end: Bound::Excluded(Bytes::from_static(RecordKey::END)),
    };
    let records = view.range(keyspaces.meta(), range, Direction::Forward)?;
    Ok(records.collect::<Result<_, _>>()?)
}

pub fn read_membership(
    view: &dyn View,
    keyspaces: &GroupKeyspaces,
) -> Result<MembershipRecord, PerformError> {
    let Some(raw) = view.get(keyspaces.meta(), MEMBERSHIP)? else { return Ok(MembershipRecord::default()) };
    let record: wire::Membership = read("membership", raw)?;
    check_format("membership", record.format)?;
    let admitted = admitted_from_wire(&record.admitted).ok_or_else(|| PerformError::Record {
        record: "membership",
        reason: "it admits a node with id 0".to_owned(),
    })?;
    Ok(MembershipRecord { id: record.id.map(id_from_wire), body: record.body, admitted })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a later build might add is not dropped: it would be gone with the next batch that is written.
    #[test]
    fn a_record_is_read_whole() {
        let unknown = |error: PerformError, name: &str| {
            let text =
                format!("the record {name:?} of the store does not decode: it has a field that is not known");
            assert!(error.to_string().starts_with(&text), "{error}");
        };
        let later = |raw: Vec<u8>| Bytes::from([&raw[..], &[0x98, 0x06, 0x01]].concat());
        let id = Some(LogId::new(Term::new(3), LogIndex::new(9)));
        let written = Applied { last: id, ..Applied::new(elastickv_types::GroupId::CONTROL) };
        assert!(read::<wire::Applied>("applied", applied(&written).into()).is_ok());
        unknown(read::<wire::Applied>("applied", later(applied(&written))).unwrap_err(), "applied");
        let written =
            MembershipRecord { id, admitted: [FullNodeId::of_name("n1")].into(), ..Default::default() };
        assert!(read::<wire::Membership>("membership", membership(&written).into()).is_ok());
        unknown(
            read::<wire::Membership>("membership", later(membership(&written))).unwrap_err(),
            "membership",
        );
    }
}
