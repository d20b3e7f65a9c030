//! Where the log is written: one record behind the other, from one segment into the next.
//!
//! The entries of a call are only begun when there is room for all of them, so a full disk never
//! leaves half of a call. At the end of the last segment there is some room that entries may not use:
//! votes, and what shortens the log, go on there while the disk is full.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_types::{LogId, LogIndex};

use crate::format::{FRAME_BYTES, HEADER_BYTES, Opening, Record, SegmentId, Standing, record_bytes};
use crate::index::Place;
use crate::pen::{Counters, Pen};
use crate::recovery::{Filled, Position};
use crate::segment::Segment;
use crate::supply::Supply;
use crate::{Entry, LogError, Vote};

/// What the first and the last record of a segment take.
const OPENING_BYTES: u64 = FRAME_BYTES as u64 + 80;
const CLOSE_BYTES: u64 = FRAME_BYTES as u64 + 8;

/// The room at the end of the last segment that entries may not use: a sixteenth within these bounds.
const LEAST_RESERVE: u64 = 512;
const MOST_RESERVE: u64 = 64 * 1024;
/// What votes leave of it to purges, and purges to the one truncation that can be needed while no entry is
/// taken.
const VOTES_LEAVE: u64 = 256;
const PURGES_LEAVE: u64 = 64;

pub(crate) struct Tape {
    pub supply: Supply,
    pen: Pen,
    standing: Standing,
    finished: VecDeque<Filled>,
    current: Filled,
    previous: Option<SegmentId>,
    /// Segments that nobody was told of yet.
    entered: Vec<Arc<Segment>>,
    /// Where the last record ends that says anything new; a sync is due when it is not on the disk.
    told: u32,
    /// Up to here a record says that the segment is on the disk.
    sealed: u32,
    /// The committed id that was told last.
    noted: Option<LogId>,
    /// Whether a mark was tried since there was something new to tell.
    tried: bool,
}

impl Tape {
    pub(crate) fn at(position: Position, supply: Supply) -> Self {
        let Position { standing, finished, current, at, previous, unsealed } = position;
        let entered = finished.iter().chain([&current]).map(|filled| Arc::clone(&filled.segment)).collect();
        let pen = Pen::at(Arc::clone(&current.segment), at, supply.options().stopwatch.clone());
        let (told, sealed, noted, tried) = (at, if unsealed { 0 } else { at }, standing.committed, false);
        Self { supply, pen, standing, finished, current, previous, entered, told, sealed, noted, tried }
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(crate) fn counters(&self) -> Counters {
        self.pen.counters()
    }

    /// The segments that were entered since this was asked last.
    pub(crate) fn take_entered(&mut self) -> impl Iterator<Item = Arc<Segment>> {
        self.entered.drain(..)
    }

    /// The lowest index that an entry in a file has, whether it counts or not.
    pub(crate) fn first_written(&self) -> Option<LogIndex> {
        self.finished.iter().chain([&self.current]).filter_map(|filled| filled.first).min()
    }

    /// How many bytes of entries still fit.
    pub(crate) fn room(&self) -> u64 {
        let pieces: Vec<_> = self.pieces().collect();
        let kept = pieces.last().map_or(0, |(_, size)| reserve(*size));
        let free = pieces.iter().map(|(at, size)| size.saturating_sub(at + opening_at(*at) + CLOSE_BYTES));
        free.sum::<u64>().saturating_sub(kept)
    }

    /// Whether so much of the current segment is used that the next one should be made.
    pub(crate) fn wants_next(&self) -> bool {
        u64::from(self.pen.next()) * 4 > u64::from(self.current.segment.size)
    }

    /// Makes sure of room for all of these entries.
    pub(crate) fn reserve(&mut self, entries: &[Entry]) -> Result<(), LogError> {
        while let Some(missing) = self.first_without_room(entries) {
            self.make_for(missing)?;
        }
        Ok(())
    }

    /// Writes an entry for which there is room.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<Place, LogError> {
        let record = Record::Entry(entry.id);
        while !self.fits(entry_bytes(entry), 0) {
            self.roll()?;
        }
        let at = self.put(&record, &entry.payload)?;
        self.standing.last = Some(entry.id);
        self.current.last = Some(entry.id.index);
        let first = self.current.first.map_or(entry.id.index, |first| first.min(entry.id.index));
        self.current.first = Some(first);
        Ok(Place { seq: self.current.segment.seq, at, payload: entry.payload.len() as u32 })
    }

    pub(crate) fn vote(&mut self, vote: Vote) -> Result<(), LogError> {
        self.control(&Record::Vote(vote), VOTES_LEAVE)?;
        self.standing.vote = Some(vote);
        Ok(())
    }

    pub(crate) fn truncate(&mut self, kept: Option<LogId>) -> Result<(), LogError> {
        self.control(&Record::Truncate(kept), 0)?;
        self.standing.last = kept;
        let last = kept.map(|kept| kept.index);
        self.finished
            .iter_mut()
            .chain([&mut self.current])
            .for_each(|filled| filled.last = filled.last.min(last));
        Ok(())
    }

    pub(crate) fn purge(&mut self, upto: LogId) -> Result<(), LogError> {
        self.control(&Record::Purge(upto), PURGES_LEAVE)?;
        self.standing.purged = Some(upto);
        if self.standing.last.is_none_or(|last| last.index < upto.index) {
            self.standing.last = Some(upto);
        }
        Ok(())
    }

    pub(crate) fn commit(&mut self, committed: Option<LogId>) {
        self.tried &= self.standing.committed == committed;
        self.standing.committed = committed;
    }

    /// Whether a mark would tell something new.
    pub(crate) fn wants_mark(&self) -> bool {
        !self.tried && !self.is_sealed()
    }

    /// Notes how far the log is committed and, by being there, how far it is on the disk. Nothing is synced
    /// for it, and without room there is no mark.
    pub(crate) fn mark(&mut self) -> Result<(), LogError> {
        let record = Record::Mark(self.standing.committed);
        let keep = reserve(u64::from(self.current.segment.size));
        self.tried = true;
        if self.fits(body_bytes(&record), keep) || !self.supply.ready().is_empty() {
            self.control(&record, keep)?;
        }
        Ok(())
    }

    /// The last mark before the log is closed is worth a new segment, if there is room for one, and a sync.
    pub(crate) fn seal(&mut self) -> Result<(), LogError> {
        if self.is_sealed() {
            return self.pen.flush();
        }
        let record = Record::Mark(self.standing.committed);
        match self.control(&record, reserve(u64::from(self.current.segment.size))) {
            Err(full) if full.is_full() => {}
            other => other?,
        }
        self.sync()
    }

    /// Goes on in a new segment, if any entry was ever written to this one.
    pub(crate) fn leave(&mut self) -> Result<(), LogError> {
        if self.current.first.is_none() {
            return Ok(());
        }
        if self.supply.ready().is_empty() {
            self.make_for(0)?;
        }
        self.roll()
    }

    /// Hands everything to the operating system, and returns once it is on the disk if any of it has to be.
    pub(crate) fn settle(&mut self) -> Result<(), LogError> {
        if self.told > self.pen.synced() { self.sync() } else { self.pen.flush() }
    }

    /// Takes off the front every segment of which no entry counts any more. What else was told in them is
    /// then told, on the disk, by the opening of a later one.
    pub(crate) fn take_dead(&mut self) -> Result<Vec<Arc<Segment>>, LogError> {
        let purged = self.standing.purged.map(|purged| purged.index);
        let dead = self.finished.iter().take_while(|oldest| oldest.last <= purged).count();
        if dead == self.finished.len() && dead > 0 && self.pen.synced() == HEADER_BYTES {
            self.open()?;
            self.sync()?;
        }
        Ok(self.finished.drain(..dead).map(|filled| filled.segment).collect())
    }

    /// The free ends of the current segment and of the ones behind it: where each begins, and the size.
    fn pieces(&self) -> impl Iterator<Item = (u64, u64)> {
        let current = (u64::from(self.pen.next()), u64::from(self.current.segment.size));
        let blank = |segment: &Arc<Segment>| (u64::from(HEADER_BYTES), u64::from(segment.size));
        [current].into_iter().chain(self.supply.ready().iter().map(blank))
    }

    /// The length of the first record for which there is no room, if these entries were written now.
    fn first_without_room(&self, entries: &[Entry]) -> Option<u64> {
        let mut pieces = self.pieces().peekable();
        let (mut at, mut size) = pieces.next()?;
        for entry in entries {
            let bytes = entry_bytes(entry);
            loop {
                let keep = if pieces.peek().is_none() { reserve(size) } else { 0 };
                let end = at + opening_at(at) + bytes;
                if end + CLOSE_BYTES + keep <= size {
                    at = end;
                    break;
                }
                match pieces.next() {
                    Some(piece) => (at, size) = piece,
                    None => return Some(bytes),
                }
            }
        }
        None
    }

    fn make_for(&mut self, record: u64) -> Result<(), LogError> {
        let used = u64::from(HEADER_BYTES) + OPENING_BYTES + record + CLOSE_BYTES;
        // A fifteenth of what is used is a sixteenth of the whole.
        self.supply.make(used + (used / 15 + 8).clamp(LEAST_RESERVE, MOST_RESERVE))
    }

    /// Whether a record fits into the current segment and so many bytes stay free.
    fn fits(&self, bytes: u64, keep: u64) -> bool {
        let at = u64::from(self.pen.next());
        at + opening_at(at) + bytes + CLOSE_BYTES + keep <= u64::from(self.current.segment.size)
    }

    /// Writes a record that is no entry. Only in the last segment does it leave some room.
    fn control(&mut self, record: &Record, leave: u64) -> Result<(), LogError> {
        let bytes = body_bytes(record);
        loop {
            let last = self.supply.ready().is_empty();
            if self.fits(bytes, if last { leave } else { 0 }) {
                return self.put(record, &Bytes::new()).map(|_| ());
            }
            match last {
                true => self.make_for(bytes)?,
                false => self.roll()?,
            }
        }
    }

    /// Closes the current segment, syncs it and goes on in the next one, which is there.
    fn roll(&mut self) -> Result<(), LogError> {
        let next = self.supply.take().ok_or(LogError::Exhausted)?;
        self.put(&Record::Close(next.id), &Bytes::new())?;
        self.sync()?;
        self.previous = Some(self.current.segment.id);
        self.entered.push(Arc::clone(&next));
        self.finished.push_back(std::mem::replace(&mut self.current, Filled::blank(next)));
        self.pen.turn_to(Arc::clone(&self.current.segment));
        self.told = HEADER_BYTES;
        // Nothing says yet that the closed segment is on the disk; the first record of this one will.
        self.sealed = 0;
        Ok(())
    }

    /// Puts a record into the buffer, and before the first one of a segment its opening.
    fn put(&mut self, record: &Record, payload: &Bytes) -> Result<u32, LogError> {
        self.open()?;
        let at = self.frame(record, payload)?;
        match record {
            Record::Mark(committed) => self.noted = *committed,
            _ => self.told = self.pen.next(),
        }
        Ok(at)
    }

    /// Whether a later record tells of every one that it is on the disk, and how far the log is committed.
    fn is_sealed(&self) -> bool {
        self.told <= self.sealed && self.noted == self.standing.committed
    }

    /// Writes the opening of a segment that has none yet.
    fn open(&mut self) -> Result<(), LogError> {
        if self.pen.next() == HEADER_BYTES {
            let opening = Opening { previous: self.previous, standing: self.standing };
            self.frame(&Record::Open(opening), &Bytes::new())?;
            self.noted = self.standing.committed;
        }
        Ok(())
    }

    fn frame(&mut self, record: &Record, payload: &Bytes) -> Result<u32, LogError> {
        self.sealed = self.pen.synced();
        self.pen.put(record, payload)
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.tried = false;
        self.pen.sync()
    }
}

/// An opening is due where a segment has no record yet.
fn opening_at(at: u64) -> u64 {
    if at == u64::from(HEADER_BYTES) { OPENING_BYTES } else { 0 }
}

fn reserve(size: u64) -> u64 {
    (size / 16).clamp(LEAST_RESERVE, MOST_RESERVE)
}

fn entry_bytes(entry: &Entry) -> u64 {
    record_bytes((crate::format::body::ENTRY_BYTES + entry.payload.len()) as u64)
}

fn body_bytes(record: &Record) -> u64 {
    record_bytes(record.encode().len() as u64)
}
