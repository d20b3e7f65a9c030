//! Walking over the records of a segment from its front, up to the first place where there is none.

use crate::format::frame::BadFrame;
use crate::format::{FRAME_BYTES, Frame, HEADER_BYTES, Record, record_bytes};
use crate::segment::Segment;
use crate::{Damage, LogError};

const READ_AT_ONCE: u32 = 256 * 1024;

/// A record and where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub at: u32,
    pub synced: u32,
    /// Of the body, with an entry's log id and payload.
    pub body: u32,
    pub record: Record,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Found(Found),
    /// There is no record here, for this reason; whether that is the end or damage is judged elsewhere.
    Stopped(Damage),
}

pub(crate) struct Scan<'a> {
    segment: &'a Segment,
    window: Window<'a>,
    at: u32,
}

impl<'a> Scan<'a> {
    pub(crate) fn of(segment: &'a Segment) -> Self {
        Self { segment, window: Window::of(segment), at: HEADER_BYTES }
    }

    /// Where the next record is looked for.
    pub(crate) fn at(&self) -> u32 {
        self.at
    }

    /// The next record. An error means that the segment can not be read, or that an intact record is one
    /// that this version can not understand.
    pub(crate) fn step(&mut self) -> Result<Step, LogError> {
        let left = self.segment.size - self.at;
        if left < FRAME_BYTES {
            return Ok(Step::Stopped(Damage::Nothing));
        }
        let frame = match self.frame()? {
            Ok(frame) => frame,
            Err(BadFrame::Nothing) => return Ok(Step::Stopped(Damage::Nothing)),
            Err(BadFrame::Checksum) => return Ok(Step::Stopped(Damage::FrameChecksum)),
            Err(BadFrame::Misplaced) => return Ok(Step::Stopped(Damage::Misplaced)),
            Err(BadFrame::Unknown { kind, version, .. }) => return Err(self.unknown(kind, version)),
        };
        let whole = record_bytes(u64::from(frame.body_bytes));
        match u32::try_from(whole) {
            Ok(whole) if whole <= left => self.body(&frame, whole),
            _ => Err(self.segment.damaged(self.at, Damage::TooLong(whole))),
        }
    }

    fn frame(&mut self) -> Result<Result<Frame, BadFrame>, LogError> {
        let (id, at) = (self.segment.id, self.at);
        let bytes = self.window.bytes(at, FRAME_BYTES)?;
        let frame = bytes.first_chunk().map(|bytes| Frame::decode(bytes, id, at));
        Ok(frame.unwrap_or(Err(BadFrame::Nothing)))
    }

    fn body(&mut self, frame: &Frame, whole: u32) -> Result<Step, LogError> {
        let at = self.at;
        let padded = self.window.bytes(at + FRAME_BYTES, whole - FRAME_BYTES)?;
        let (body, padding) = padded.split_at(frame.body_bytes as usize);
        if crc32c::crc32c(body) != frame.body_checksum {
            return Ok(Step::Stopped(Damage::BodyChecksum));
        }
        if padding.iter().any(|byte| *byte != 0) {
            return Ok(Step::Stopped(Damage::Padding));
        }
        let record =
            Record::decode(frame.kind, body).ok_or_else(|| self.segment.damaged(at, Damage::Body))?;
        self.at += whole;
        Ok(Step::Found(Found { at, synced: frame.synced, body: frame.body_bytes, record }))
    }

    fn unknown(&self, kind: u8, version: u8) -> LogError {
        let path = self.segment.path.clone();
        LogError::UnknownRecord { path, offset: u64::from(self.at), kind, version }
    }
}

/// A part of a segment in memory. Asking for bytes moves it along; it never holds more than the segment.
pub(crate) struct Window<'a> {
    segment: &'a Segment,
    start: u32,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub(crate) fn of(segment: &'a Segment) -> Self {
        Self { segment, start: 0, bytes: Vec::new() }
    }

    /// Bytes that lie within the segment.
    pub(crate) fn bytes(&mut self, at: u32, len: u32) -> Result<&[u8], LogError> {
        let inside = at >= self.start && (at - self.start) as usize + len as usize <= self.bytes.len();
        if !inside {
            let wanted = len.max(READ_AT_ONCE).min(self.segment.size - at);
            self.bytes.clear();
            self.bytes.resize(wanted as usize, 0);
            self.start = at;
            self.segment.read(at, &mut self.bytes)?;
        }
        let from = (at - self.start) as usize;
        let found = self.bytes.get(from..from + len as usize);
        found.ok_or_else(|| self.segment.damaged(at, Damage::TooLong(u64::from(len))))
    }
}
