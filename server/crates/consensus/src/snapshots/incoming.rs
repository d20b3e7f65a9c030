//! Receiving a snapshot in chunks that continue behind the last durable one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use elastickv_fsm::{SnapshotError, SnapshotHead, read_head};
use elastickv_sys::files::{File, Open};

use super::{INCOMING, SnapshotFile, SnapshotId, Snapshots, SnapshotsError, parse_id};

/// Chunks start at multiples of this, so that what a crash left of one is known to be incomplete.
pub const CHUNK_BYTES: u64 = 1 << 20;

/// A snapshot that is being received.
#[derive(Clone, Debug)]
pub struct IncomingSnapshot {
    id: SnapshotId,
    path: PathBuf,
    file: Arc<dyn File>,
    durable: u64,
}

impl Snapshots {
    /// Says how much of a snapshot is here durably. Another one that was being received gives way.
    pub fn offer(&self, id: SnapshotId, bytes: u64) -> Result<u64, SnapshotsError> {
        let continued_at = self.durable_part(id, bytes)?;
        tracing::info!(group = self.group.get(), snapshot = %id, bytes, continued_at, "a snapshot is received");
        Ok(continued_at)
    }

    fn durable_part(&self, id: SnapshotId, bytes: u64) -> Result<u64, SnapshotsError> {
        let mut incoming = self.incoming.lock();
        if let Some(known) = incoming.as_ref().filter(|known| known.id == id) {
            return Ok(known.durable);
        }
        *incoming = None;
        let path = self.dir.join(format!("{id}{INCOMING}"));
        self.remove_other_incoming(id)?;
        let opened = match self.files.exists(&path) {
            Ok(true) => self.files.open(&path, Open::Write),
            Ok(false) => self.files.open(&path, Open::New),
            Err(error) => Err(error),
        };
        let file = opened.map_err(|error| self.dir_error(error))?;
        let len = file.len().map_err(|error| self.dir_error(error))?;
        // The last chunk may have been cut off by the crash that this is a restart from.
        let durable = len.min(bytes).saturating_sub(1) / CHUNK_BYTES * CHUNK_BYTES;
        *incoming = Some(IncomingSnapshot { id, path, file, durable });
        Ok(durable)
    }

    fn remove_other_incoming(&self, id: SnapshotId) -> Result<(), SnapshotsError> {
        for name in self.files.list(&self.dir).map_err(|error| self.dir_error(error))? {
            let other = name.strip_suffix(INCOMING).is_some_and(|found| parse_id(found) != Some(id));
            if other {
                self.files.remove(&self.dir.join(name)).map_err(|error| self.dir_error(error))?;
            }
        }
        Ok(())
    }

    /// What a snapshot stands for that is received in full; `None` when there is none, or none that can be read.
    pub fn incoming_head(&self, id: SnapshotId) -> Result<Option<SnapshotHead>, SnapshotsError> {
        let known = self.incoming.lock().clone().filter(|known| known.id == id);
        let Some(known) = known else { return Ok(None) };
        match read_head(&*self.files, &known.path, self.group) {
            Ok(head) => Ok(Some(head)),
            Err(error @ SnapshotError::Io { .. }) => Err(error.into()),
            // Its checksum will tell.
            Err(_) => Ok(None),
        }
    }

    /// Bytes of snapshots received since the start, those of transfers that did not end included.
    pub fn received_bytes(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Writes a chunk and returns, once it is on the disk, how much is there.
    pub fn receive(&self, id: SnapshotId, offset: u64, data: &[u8]) -> Result<u64, SnapshotsError> {
        let known = self.incoming.lock().clone().filter(|known| known.id == id);
        let durable = known.as_ref().map_or(0, |known| known.durable);
        let gap = SnapshotsError::Gap { id, offset, durable };
        let Some(known) = known.filter(|known| known.durable == offset) else { return Err(gap) };
        self.check_room(data.len() as u64)?;
        known
            .file
            .write_all_at(data, offset)
            .and_then(|()| known.file.sync_data())
            .map_err(|error| self.dir_error(error))?;
        self.received.fetch_add(data.len() as u64, Ordering::Relaxed);
        let durable = offset + data.len() as u64;
        if let Some(current) = self.incoming.lock().as_mut().filter(|current| current.id == id) {
            current.durable = durable;
        }
        Ok(durable)
    }

    /// Checks a completely received snapshot and gives it its final name.
    pub fn complete(&self, id: SnapshotId, bytes: u64, crc32c: u32) -> Result<SnapshotFile, SnapshotsError> {
        let known = self.incoming.lock().clone().filter(|known| known.id == id);
        let durable = known.as_ref().map_or(0, |known| known.durable);
        let gap = SnapshotsError::Gap { id, offset: bytes, durable };
        let Some(known) = known.filter(|known| known.durable >= bytes) else { return Err(gap) };
        let checked = self.check_complete(&known, bytes, crc32c);
        *self.incoming.lock() = None;
        if let Err(error) = &checked {
            tracing::warn!(group = self.group.get(), %error, "a received snapshot is of no use");
            self.files.remove(&known.path).map_err(|error| self.dir_error(error))?;
        }
        checked
    }

    fn check_complete(
        &self,
        known: &IncomingSnapshot,
        bytes: u64,
        crc32c: u32,
    ) -> Result<SnapshotFile, SnapshotsError> {
        known
            .file
            .set_len(bytes)
            .and_then(|()| known.file.sync_data())
            .map_err(|error| self.dir_error(error))?;
        let found = self.checksum(&known.path)?;
        if found != crc32c {
            return Err(SnapshotsError::Checksum { id: known.id, found, expected: crc32c });
        }
        let head = read_head(&*self.files, &known.path, self.group)?;
        let path = self.finished_path(&head, known.id);
        let name = |path: &Path| {
            self.files.rename(&known.path, path)?;
            self.files.sync_dir(&self.dir)
        };
        let received = self.arrivals.hold(path.clone(), name).map_err(|error| self.dir_error(error))?;
        Ok(SnapshotFile { id: known.id, path, bytes, head, received: Some(received) })
    }
}
