//! The bodies of the seven kinds of records. A log id is its term and its index, u64 each; an absent one is
//! zeroes, and a flag says that it is absent.
//!
//! ```text
//! open      previous segment's id u64 (0 in the first) ‖ purged ‖ last ‖ committed ‖ vote term u64
//!           ‖ voted for u64 (0 for nobody) ‖ flags u8 ‖ zero 7
//!           flags: 1 purged · 2 last · 4 committed · 8 vote · 16 the vote is committed
//! entry     its log id ‖ payload
//! vote      term u64 ‖ voted for u64 (0 for nobody) ‖ committed u8 (0 or 1) ‖ zero 7
//! truncate  last log id kept ‖ flag u8 (0: nothing is kept) ‖ zero 7
//! purge     last log id purged
//! mark      committed log id ‖ flag u8 ‖ zero 7
//! close     next segment's id u64
//! ```

use elastickv_types::{FullNodeId, LogId, Term};

use super::fields::{Fields, put_log_id};
use super::{Kind, SegmentId};
use crate::Vote;

/// Everything of a log but its entries: what a segment begins with, so that those before it can go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Standing {
    pub purged: Option<LogId>,
    /// The last entry, or the last one purged if there is none.
    pub last: Option<LogId>,
    pub committed: Option<LogId>,
    pub vote: Option<Vote>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Opening {
    pub previous: Option<SegmentId>,
    pub standing: Standing,
}

/// A record without the payload of an entry, which stands behind these bytes of its body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Record {
    Open(Opening),
    Entry(LogId),
    Vote(Vote),
    Truncate(Option<LogId>),
    Purge(LogId),
    Mark(Option<LogId>),
    Close(SegmentId),
}

/// The bytes of an entry's body before its payload.
pub(crate) const ENTRY_BYTES: usize = 16;

impl Record {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Open(_) => Kind::Open,
            Self::Entry(_) => Kind::Entry,
            Self::Vote(_) => Kind::Vote,
            Self::Truncate(_) => Kind::Truncate,
            Self::Purge(_) => Kind::Purge,
            Self::Mark(_) => Kind::Mark,
            Self::Close(_) => Kind::Close,
        }
    }

    /// The body, but for the payload of an entry.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(80);
        match *self {
            Self::Open(opening) => opening.encode(&mut bytes),
            Self::Entry(id) | Self::Purge(id) => put_log_id(&mut bytes, Some(id)),
            Self::Vote(vote) => {
                put_vote(&mut bytes, Some(vote));
                put_flags(&mut bytes, u8::from(vote.committed));
            }
            Self::Truncate(id) | Self::Mark(id) => {
                put_log_id(&mut bytes, id);
                put_flags(&mut bytes, u8::from(id.is_some()));
            }
            Self::Close(next) => bytes.extend_from_slice(&next.get().to_be_bytes()),
        }
        bytes
    }

    /// Reads a body; `None` if it is not one of this kind.
    pub(crate) fn decode(kind: Kind, body: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(body);
        let record = match kind {
            Kind::Open => Self::Open(Opening::decode(&mut fields)?),
            Kind::Entry => return fields.log_id().map(Self::Entry),
            Kind::Vote => Self::Vote(vote(&mut fields)?),
            Kind::Truncate => Self::Truncate(flagged_log_id(&mut fields)?),
            Kind::Purge => Self::Purge(fields.log_id()?),
            Kind::Mark => Self::Mark(flagged_log_id(&mut fields)?),
            Kind::Close => Self::Close(SegmentId::from_u64(fields.u64()?)?),
        };
        fields.end()?;
        Some(record)
    }
}

const PURGED: u8 = 1;
const LAST: u8 = 2;
const COMMITTED: u8 = 4;
const VOTE: u8 = 8;
const VOTE_COMMITTED: u8 = 16;
const ALL: u8 = 31;

impl Opening {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let standing = &self.standing;
        bytes.extend_from_slice(&self.previous.map_or(0, SegmentId::get).to_be_bytes());
        put_log_id(bytes, standing.purged);
        put_log_id(bytes, standing.last);
        put_log_id(bytes, standing.committed);
        put_vote(bytes, standing.vote);
        let present = [
            (standing.purged.is_some(), PURGED),
            (standing.last.is_some(), LAST),
            (standing.committed.is_some(), COMMITTED),
            (standing.vote.is_some(), VOTE),
            (standing.vote.is_some_and(|vote| vote.committed), VOTE_COMMITTED),
        ];
        put_flags(bytes, present.iter().filter(|(is, _)| *is).fold(0, |flags, (_, flag)| flags | flag));
    }

    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        let previous = fields.u64()?;
        let (purged, last, committed) = (fields.bytes::<16>()?, fields.bytes::<16>()?, fields.bytes::<16>()?);
        let (term, voted_for) = (Term::new(fields.u64()?), FullNodeId::from_u64(fields.u64()?));
        let flags = fields.u8().filter(|flags| flags & !ALL == 0)?;
        fields.zeroes::<7>()?;
        let id = |bytes: [u8; 16], flag| Fields::of(&bytes).optional_log_id(flags & flag != 0);
        let vote = Vote { term, voted_for, committed: flags & VOTE_COMMITTED != 0 };
        let nobody = Vote { term: Term::new(0), voted_for: None, committed: false };
        let vote = match flags & VOTE != 0 {
            true => Some(vote),
            false if vote == nobody => None,
            false => return None,
        };
        let standing = Standing {
            purged: id(purged, PURGED)?,
            last: id(last, LAST)?,
            committed: id(committed, COMMITTED)?,
            vote,
        };
        Some(Self { previous: SegmentId::from_u64(previous), standing })
    }
}

fn put_vote(bytes: &mut Vec<u8>, vote: Option<Vote>) {
    let term = vote.map_or(0, |vote| vote.term.get());
    let voted_for = vote.and_then(|vote| vote.voted_for).map_or(0, FullNodeId::get);
    bytes.extend_from_slice(&term.to_be_bytes());
    bytes.extend_from_slice(&voted_for.to_be_bytes());
}

fn put_flags(bytes: &mut Vec<u8>, flags: u8) {
    bytes.push(flags);
    bytes.extend_from_slice(&[0; 7]);
}

fn flag(fields: &mut Fields<'_>) -> Option<bool> {
    let flag = fields.u8().filter(|flag| *flag <= 1)?;
    fields.zeroes::<7>()?;
    Some(flag == 1)
}

fn vote(fields: &mut Fields<'_>) -> Option<Vote> {
    let (term, voted_for) = (fields.u64()?, fields.u64()?);
    let committed = flag(fields)?;
    Some(Vote { term: Term::new(term), voted_for: FullNodeId::from_u64(voted_for), committed })
}

fn flagged_log_id(fields: &mut Fields<'_>) -> Option<Option<LogId>> {
    let id = fields.bytes::<16>()?;
    let present = flag(fields)?;
    Fields::of(&id).optional_log_id(present)
}

#[cfg(test)]
mod tests {
    use elastickv_types::LogIndex;

    use super::*;

    fn every_record() -> Vec<Record> {
        let id = |term, index| LogId::new(Term::new(term), LogIndex::new(index));
        let vote = Vote { term: Term::new(4), voted_for: FullNodeId::from_u64(9), committed: true };
        let standing = Standing {
            purged: Some(id(1, 2)),
            last: Some(id(3, 4)),
            committed: Some(id(2, 3)),
            vote: Some(vote),
        };
        vec![
            Record::Open(Opening { previous: None, standing: Standing::default() }),
            Record::Open(Opening { previous: Some(SegmentId::from_random(5)), standing }),
            Record::Entry(id(7, 8)),
            Record::Vote(vote),
            Record::Vote(Vote { term: Term::new(0), voted_for: None, committed: false }),
            Record::Truncate(None),
            Record::Truncate(Some(id(0, 0))),
            Record::Purge(id(1, 1)),
            Record::Mark(None),
            Record::Mark(Some(id(6, 6))),
            Record::Close(SegmentId::from_random(1)),
        ]
    }

    #[test]
    fn bodies_read_as_they_were_written_and_in_no_other_length() {
        for record in every_record() {
            let body = record.encode();
            assert_eq!(Record::decode(record.kind(), &body), Some(record));
            assert_eq!(Record::decode(record.kind(), &body[..body.len() - 1]), None);
            if record.kind() != Kind::Entry {
                assert_eq!(Record::decode(record.kind(), &[body.as_slice(), &[0]].concat()), None);
            }
        }
    }

    #[test]
    fn a_body_has_one_spelling() {
        for record in every_record() {
            let good = record.encode();
            for bit in 0..good.len() * 8 {
                let mut other = good.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                if let Some(read) = Record::decode(record.kind(), &other) {
                    assert_eq!(read.encode(), other, "{record:?} bit {bit}");
                }
            }
        }
    }
}
