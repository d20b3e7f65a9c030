//! Writing a snapshot, section by section.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use elastickv_sys::files::{File, Files, Open};
use elastickv_types::{RequestId, Timestamp};

use super::{
    HEADER_V2_LEN, LONGEST_SECTION, MAGIC_V1, MAGIC_V2, SECTION_BYTES, SnapshotError, SnapshotHead,
    SnapshotSummary, TAG_END, TAG_LOCKS, TAG_OVER, TAG_REQUESTS, TAG_ROWS, TAG_STATE,
};
use crate::state::{First, Over};

/// A snapshot being written. It counts only once [`SnapshotWriter::finish`] has synced it.
#[derive(Debug)]
pub struct SnapshotWriter {
    file: Arc<dyn File>,
    path: PathBuf,
    offset: u64,
    crc32c: u32,
    /// What waits to become a section, and of which kind it is.
    gathered: BytesMut,
    gathering: u8,
    rows: u64,
    sections: u64,
}

impl SnapshotWriter {
    /// Begins a new file with the header and the state section.
    pub fn create(files: &dyn Files, path: &Path, head: &SnapshotHead) -> Result<Self, SnapshotError> {
        let file = files.open(path, Open::New).map_err(|error| io_error(path, error))?;
        let mut writer = Self {
            file,
            path: path.to_owned(),
            offset: 0,
            crc32c: 0,
            gathered: BytesMut::new(),
            gathering: TAG_REQUESTS,
            rows: 0,
            sections: 0,
        };
        writer.write(&header(head))?;
        writer.section(TAG_STATE, &head.encode())?;
        Ok(writer)
    }

    /// Adds a request that is remembered; they come in order, and before all rows.
    pub fn request(&mut self, request: &RequestId, first: First) -> Result<(), SnapshotError> {
        self.gather(TAG_REQUESTS)?;
        self.gathered.put_slice(request.as_bytes());
        self.gathered.put_u64(first.commit_ts.get());
        self.gathered.put_u64(first.index.get());
        self.flush_if_long()
    }

    /// Adds a transaction that is over; they come in the order in which they began, behind all requests.
    pub fn over(&mut self, start_ts: Timestamp, over: Over) -> Result<(), SnapshotError> {
        self.gather(TAG_OVER)?;
        let (how, commit_ts, index) = match over {
            Over::RolledBack => (0, 0, 0),
            Over::Committed(First { commit_ts, index }) => (1, commit_ts.get(), index.get()),
        };
        self.gathered.put_u64(start_ts.get());
        self.gathered.put_u8(how);
        self.gathered.put_u64(commit_ts);
        self.gathered.put_u64(index);
        self.flush_if_long()
    }

    /// Adds a lock as it is stored; they come in key order, behind all transactions.
    pub fn lock(&mut self, key: &[u8], value: &[u8]) -> Result<(), SnapshotError> {
        self.gather(TAG_LOCKS)?;
        self.pair(key, value)
    }

    /// Adds a row; rows come in key order, behind all locks.
    pub fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), SnapshotError> {
        self.gather(TAG_ROWS)?;
        self.rows += 1;
        self.pair(key, value)
    }

    fn pair(&mut self, key: &[u8], value: &[u8]) -> Result<(), SnapshotError> {
        for part in [key, value] {
            let len =
                u32::try_from(part.len()).map_err(|error| io_error(&self.path, io::Error::other(error)))?;
            self.gathered.put_u32(len);
            self.gathered.put_slice(part);
        }
        self.flush_if_long()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.offset
    }

    /// Ends the file and returns once it is on the disk.
    pub fn finish(mut self) -> Result<SnapshotSummary, SnapshotError> {
        self.flush()?;
        let sections = self.sections + 1;
        self.section(TAG_END, &[self.rows.to_be_bytes(), sections.to_be_bytes()].concat())?;
        self.file.sync_data().map_err(|error| io_error(&self.path, error))?;
        Ok(SnapshotSummary { rows: self.rows, bytes: self.offset, crc32c: self.crc32c })
    }

    /// What follows is of this kind.
    fn gather(&mut self, tag: u8) -> Result<(), SnapshotError> {
        if self.gathering != tag {
            self.flush()?;
            self.gathering = tag;
        }
        Ok(())
    }

    fn flush_if_long(&mut self) -> Result<(), SnapshotError> {
        if self.gathered.len() >= SECTION_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let body = self.gathered.split();
        self.section(self.gathering, &body)
    }

    fn section(&mut self, tag: u8, body: &[u8]) -> Result<(), SnapshotError> {
        // What no reader takes is not written.
        if body.len() as u64 > LONGEST_SECTION {
            let reason = format!("a section of {} bytes is too long", body.len());
            return Err(io_error(&self.path, io::Error::other(reason)));
        }
        let mut out = BytesMut::with_capacity(body.len() + 13);
        out.put_u8(tag);
        out.put_u64(body.len() as u64);
        out.put_slice(body);
        let crc = crc32c::crc32c(&out);
        out.put_u32(crc);
        self.sections += 1;
        self.write(&out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.file.write_all_at(bytes, self.offset).map_err(|error| io_error(&self.path, error))?;
        self.offset += bytes.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, bytes);
        Ok(())
    }
}

/// Decided here once and for all: a group that is cut over stays so.
fn header(head: &SnapshotHead) -> BytesMut {
    let ceiling_ms = head.applied.state.ceiling.unix_ms();
    let mut out = BytesMut::new();
    match head.applied.state.raft.cutover {
        None => {
            out.put_slice(MAGIC_V1);
            out.put_u64(ceiling_ms);
        }
        Some(cutover) => {
            out.put_slice(MAGIC_V2);
            out.put_u16(*HEADER_V2_LEN.start());
            out.put_u64(ceiling_ms);
            out.put_u64(cutover.get());
        }
    }
    out
}

fn io_error(path: &Path, error: io::Error) -> SnapshotError {
    SnapshotError::Io { file: path.display().to_string(), error }
}
