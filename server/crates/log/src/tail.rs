//! Telling a torn tail from damage, and mending the one.
//!
//! Behind the last record of the segment in use there should be zeroes. If there is something else, then
//! either the power went while it was being written, or the disk lost what had been made sure of. It can
//! only be the latter if a later record says that the segment was on the disk beyond this point, for that
//! is written into every record. Such a record is looked for at every place where one could be.
//!
//! A torn tail is overwritten with zeroes. What stands before it but behind the last point known to be on
//! the disk is written once more: it was read from the operating system's memory, and after a sync that
//! failed there it may be nowhere else, and a second sync would not write it.

use crate::format::{FRAME_BYTES, Frame};
use crate::scan::Window;
use crate::segment::Segment;
use crate::{Damage, LogError};

const STEP: u32 = 64 * 1024;
static ZEROES: [u8; STEP as usize] = [0; STEP as usize];

/// What lies behind the last record of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tail {
    /// Where the last record ends.
    pub at: u32,
    /// Where the first byte is that is not zero, and where the last one ends; `at` if there is none.
    pub first: u32,
    pub end: u32,
}

impl Tail {
    pub(crate) fn nothing(at: u32) -> Self {
        Self { at, first: at, end: at }
    }

    /// Looks at everything behind the last record. `reason` is why there is no record at `at`.
    pub(crate) fn judge(segment: &Segment, at: u32, reason: Damage) -> Result<Self, LogError> {
        let mut tail = Self::nothing(at);
        let mut window = Window::of(segment);
        let mut from = at;
        while from < segment.size {
            let len = STEP.min(segment.size - from);
            let bytes = window.bytes(from, len)?;
            if let Some((first, last)) = ends_of_what_is_not_zero(bytes) {
                tail.first = if tail.end == at { from + first } else { tail.first };
                tail.end = from + last + 1;
                // A frame may begin in this step and end in the next.
                let reach = (len + FRAME_BYTES).min(segment.size - from);
                if proves_sync(window.bytes(from, reach)?, segment, from, at) {
                    return Err(segment.damaged(at, reason));
                }
            }
            from += len;
        }
        Ok(tail)
    }

    /// Zeroes a torn tail, writes the bytes from `synced` to `at` once more and syncs all of it.
    pub(crate) fn mend(self, segment: &Segment, synced: u32) -> Result<(), LogError> {
        let mut window = Window::of(segment);
        for from in (synced..self.at).step_by(STEP as usize) {
            let bytes = window.bytes(from, STEP.min(self.at - from))?;
            segment.file.write_all_at(bytes, u64::from(from)).map_err(segment.io("mending"))?;
        }
        for from in (self.at..self.end).step_by(STEP as usize) {
            let zeroes = ZEROES.get(..STEP.min(self.end - from) as usize).unwrap_or_default();
            segment.file.write_all_at(zeroes, u64::from(from)).map_err(segment.io("mending"))?;
        }
        segment.file.sync_data().map_err(segment.io("syncing"))
    }
}

fn ends_of_what_is_not_zero(bytes: &[u8]) -> Option<(u32, u32)> {
    if ZEROES.get(..bytes.len()) == Some(bytes) {
        return None;
    }
    let first = bytes.iter().position(|byte| *byte != 0)?;
    let last = bytes.iter().rposition(|byte| *byte != 0)?;
    Some((first as u32, last as u32))
}

/// Whether one of these bytes begins a record that was made when the segment was on the disk beyond `point`.
fn proves_sync(bytes: &[u8], segment: &Segment, from: u32, point: u32) -> bool {
    let id = segment.id.get().to_be_bytes();
    let frames = bytes.windows(FRAME_BYTES as usize).enumerate().step_by(8);
    let alike = frames.filter(|(_, frame)| frame.get(8..16) == Some(&id));
    alike
        .filter_map(|(at, frame)| Frame::synced_by(frame.first_chunk()?, segment.id, from + at as u32))
        .any(|synced| synced > point)
}
