//! Reading entries back from the segments.
//!
//! Entries that stand close together are read in one call, and their payloads share that buffer. Every
//! record is checked again: an entry is never handed out unless its bytes are those that were written.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use elastickv_types::LogId;

use crate::format::body::ENTRY_BYTES;
use crate::format::{FRAME_BYTES, Frame, Kind, Record};
use crate::index::Place;
use crate::segment::Segment;
use crate::{Damage, Entry, LogError};

/// Payloads of one buffer keep all of it in memory, so it is not made longer than this, nor filled with
/// much that was not asked for.
const READ_AT_ONCE: u32 = 1024 * 1024;
const WIDEST_GAP: u32 = 4 * 1024;

/// Entries of one segment that are read in one call.
pub(crate) struct Run {
    segment: Arc<Segment>,
    from: u32,
    to: u32,
    entries: Vec<(LogId, Place)>,
}

impl Run {
    pub(crate) fn new(segment: Arc<Segment>, id: LogId, place: Place) -> Self {
        Self { segment, from: place.at, to: end_of(place), entries: vec![(id, place)] }
    }

    /// Takes in an entry if it stands close behind the last one.
    pub(crate) fn extend(&mut self, id: LogId, place: Place) -> bool {
        let near = place.at >= self.to && place.at - self.to <= WIDEST_GAP;
        let short = end_of(place).saturating_sub(self.from) <= READ_AT_ONCE;
        if self.segment.seq != place.seq || !near || !short {
            return false;
        }
        self.to = end_of(place);
        self.entries.push((id, place));
        true
    }

    pub(crate) fn read(&self, into: &mut Vec<Entry>) -> Result<(), LogError> {
        let mut bytes = vec![0; (self.to - self.from) as usize];
        self.segment.read(self.from, &mut bytes)?;
        let bytes = Bytes::from(bytes);
        for &(id, place) in &self.entries {
            let start = (place.at - self.from) as usize;
            let record = bytes.slice(start..start + (end_of(place) - place.at) as usize);
            into.push(self.check(record, id, place)?);
        }
        Ok(())
    }

    fn check(&self, record: Bytes, id: LogId, place: Place) -> Result<Entry, LogError> {
        let damaged = |reason| self.segment.damaged(place.at, reason);
        let mut body = record;
        let frame = body.first_chunk().ok_or(damaged(Damage::FrameChecksum))?;
        let frame =
            Frame::decode(frame, self.segment.id, place.at).map_err(|_| damaged(Damage::FrameChecksum))?;
        body.advance(FRAME_BYTES as usize);
        if crc32c::crc32c(&body) != frame.body_checksum {
            return Err(damaged(Damage::BodyChecksum));
        }
        if frame.kind != Kind::Entry || Record::decode(Kind::Entry, &body) != Some(Record::Entry(id)) {
            return Err(damaged(Damage::Entry));
        }
        body.advance(ENTRY_BYTES);
        Ok(Entry { id, payload: body })
    }
}

/// Where the payload of an entry ends.
fn end_of(place: Place) -> u32 {
    place.at + FRAME_BYTES + ENTRY_BYTES as u32 + place.payload
}
