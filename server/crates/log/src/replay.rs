//! What the records of a log, one after the other, amount to.

use elastickv_types::{LogId, LogIndex};

use crate::format::body::ENTRY_BYTES;
use crate::format::{Opening, Record, SegmentId, Seq, Standing};
use crate::index::{Index, Place, Slot};
use crate::scan::Found;
use crate::segment::Segment;
use crate::{Damage, LogError, Vote};

#[derive(Debug, Default)]
pub(crate) struct Replay {
    pub index: Index,
    pub vote: Option<Vote>,
    pub committed: Option<LogId>,
    /// Every segment of which at least the opening was read.
    pub segments: Vec<Replayed>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Replayed {
    pub seq: Seq,
    pub id: SegmentId,
    /// The last entry in it that still counts.
    pub last: Option<LogIndex>,
    /// The lowest index that any entry in it has, whether it counts or not.
    pub first: Option<LogIndex>,
    /// The id of the segment behind this one.
    pub closed: Option<SegmentId>,
}

impl Replay {
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            purged: self.index.purged(),
            last: self.index.last(),
            committed: self.committed,
            vote: self.vote,
        }
    }

    pub(crate) fn apply(&mut self, segment: &Segment, found: &Found) -> Result<(), LogError> {
        let begun = self.segments.last().is_some_and(|last| last.seq == segment.seq);
        let outcome = match found.record {
            Record::Open(opening) if !begun => self.open(segment, &opening),
            Record::Open(_) => Err(Damage::Opening),
            _ if !begun => Err(Damage::Opening),
            Record::Entry(id) => self.entry(segment, found, id),
            Record::Truncate(kept) => self.truncate(kept),
            Record::Purge(upto) => self.purge(upto),
            Record::Vote(vote) => {
                self.vote = Some(vote);
                Ok(())
            }
            Record::Mark(committed) => {
                self.committed = committed;
                Ok(())
            }
            Record::Close(next) => {
                if let Some(current) = self.segments.last_mut() {
                    current.closed = Some(next);
                }
                Ok(())
            }
        };
        outcome.map_err(|reason| segment.damaged(found.at, reason))
    }

    fn open(&mut self, segment: &Segment, opening: &Opening) -> Result<(), Damage> {
        let told = opening.standing;
        // How far the log is committed may be known better here than by the records before.
        let follows = told == Standing { committed: told.committed, ..self.standing() };
        match self.segments.last() {
            Some(before) if opening.previous != Some(before.id) => return Err(Damage::Chain),
            Some(_) if !follows => return Err(Damage::Standing),
            None if segment.seq == Seq::FIRST && (opening.previous.is_some() || !follows) => {
                return Err(Damage::Standing);
            }
            None if segment.seq != Seq::FIRST => {
                if opening.previous.is_none() || !is_sound(&told) {
                    return Err(Damage::Standing);
                }
                self.index = Index::behind(&told);
                self.vote = told.vote;
            }
            Some(_) | None => {}
        }
        self.committed = told.committed;
        let (seq, id) = (segment.seq, segment.id);
        self.segments.push(Replayed { seq, id, last: None, first: None, closed: None });
        Ok(())
    }

    fn entry(&mut self, segment: &Segment, found: &Found, id: LogId) -> Result<(), Damage> {
        if id.index != self.index.next_index() {
            return Err(Damage::Order);
        }
        let place = Place { seq: segment.seq, at: found.at, payload: found.body - ENTRY_BYTES as u32 };
        self.index.push(id, Slot::Written(place));
        if let Some(current) = self.segments.last_mut() {
            current.last = Some(id.index);
            current.first = Some(current.first.map_or(id.index, |first| first.min(id.index)));
        }
        Ok(())
    }

    fn truncate(&mut self, kept: Option<LogId>) -> Result<(), Damage> {
        let (kept_next, purged_next) = (after(kept), after(self.index.purged()));
        let known = kept.and_then(|kept| self.index.id_at(kept.index));
        if kept_next >= self.index.next_index().get() || kept_next < purged_next {
            return Err(Damage::Order);
        }
        // An entry in a segment that is gone has no known id.
        if known.is_some() && known != kept {
            return Err(Damage::Order);
        }
        self.index.truncate(kept);
        for segment in &mut self.segments {
            segment.last = segment.last.min(kept.map(|kept| kept.index));
        }
        Ok(())
    }

    fn purge(&mut self, upto: LogId) -> Result<(), Damage> {
        if after(Some(upto)) <= after(self.index.purged()) {
            return Err(Damage::Order);
        }
        self.index.purge(upto);
        Ok(())
    }
}

fn after(id: Option<LogId>) -> u64 {
    id.map_or(0, |id| id.index.next().get())
}

fn is_sound(standing: &Standing) -> bool {
    after(standing.purged) <= after(standing.last)
}
