//! Writing records into one segment: they gather in a buffer and reach the file in as few calls as possible.

use std::sync::Arc;

use bytes::Bytes;
use elastickv_sys::stages::{Stage, Stopwatch};

use crate::LogError;
use crate::format::frame::padding;
use crate::format::{Frame, HEADER_BYTES, Record};
use crate::segment::Segment;

/// From this length on a payload goes to the file without being copied.
const DIRECT: usize = 64 * 1024;
const BUFFER_BYTES: usize = 1024 * 1024;

pub(crate) struct Pen {
    segment: Arc<Segment>,
    /// Up to here the segment was handed to the operating system; behind it comes the buffer.
    written: u32,
    buffer: Vec<u8>,
    /// Up to here it is on the disk.
    synced: u32,
    counters: Counters,
    stopwatch: Stopwatch,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub fsyncs: u64,
    pub writes: u64,
    pub bytes_written: u64,
}

impl Pen {
    /// Goes on in a segment that is on the disk up to `at`.
    pub(crate) fn at(segment: Arc<Segment>, at: u32, stopwatch: Stopwatch) -> Self {
        let counters = Counters::default();
        Self { segment, written: at, buffer: Vec::new(), synced: at, counters, stopwatch }
    }

    /// Begins a blank segment. The one before is left as it is.
    pub(crate) fn turn_to(&mut self, blank: Arc<Segment>) {
        self.segment = blank;
        self.buffer.clear();
        (self.written, self.synced) = (HEADER_BYTES, HEADER_BYTES);
    }

    /// Where the next record goes.
    pub(crate) fn next(&self) -> u32 {
        self.written + self.buffer.len() as u32
    }

    pub(crate) fn synced(&self) -> u32 {
        self.synced
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// Writes a record that fits, and returns where it begins.
    pub(crate) fn put(&mut self, record: &Record, payload: &Bytes) -> Result<u32, LogError> {
        let at = self.next();
        let head = record.encode();
        let body = head.len() + payload.len();
        let frame = Frame {
            kind: record.kind(),
            segment: self.segment.id,
            offset: at,
            synced: self.synced,
            body_bytes: body as u32,
            body_checksum: crc32c::crc32c_append(crc32c::crc32c(&head), payload),
        };
        self.buffer.extend_from_slice(&frame.encode());
        self.buffer.extend_from_slice(&head);
        if payload.len() >= DIRECT {
            self.flush()?;
            self.write(payload)?;
        } else {
            self.buffer.extend_from_slice(payload);
        }
        self.buffer.resize(self.buffer.len() + padding(body as u64), 0);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(at)
    }

    pub(crate) fn flush(&mut self) -> Result<(), LogError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let buffer = std::mem::take(&mut self.buffer);
        self.write(&buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    /// Returns once everything is on the disk.
    pub(crate) fn sync(&mut self) -> Result<(), LogError> {
        self.flush()?;
        let synced = self.stopwatch.time(Stage::LogSync, || self.segment.file.sync_data());
        synced.map_err(self.segment.io("syncing"))?;
        self.counters.fsyncs += 1;
        self.synced = self.written;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        self.segment.file.write_all_at(bytes, u64::from(self.written)).map_err(self.segment.io("writing"))?;
        self.written += bytes.len() as u32;
        self.counters.writes += 1;
        self.counters.bytes_written += bytes.len() as u64;
        Ok(())
    }
}
