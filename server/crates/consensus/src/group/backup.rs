//! Handing out what this replica holds: a snapshot, whole, in pieces of whatever order somebody asks for.

use std::sync::Arc;

use bytes::Bytes;
use elastickv_sys::files::{File, Open};
use elastickv_types::LogId;

use super::GroupHandle;
use crate::group::TakeSnapshotError;
use crate::snapshots::{CHUNK_BYTES, SnapshotId, SnapshotsError};

/// A snapshot that can be fetched, as long as no newer one is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotForBackup {
    pub id: SnapshotId,
    pub bytes: u64,
    pub crc32c: u32,
    pub last: LogId,
}

/// The bytes of one snapshot. They stay while this lives, also when a newer snapshot takes its place.
#[derive(Clone, Debug)]
pub struct SnapshotBytes {
    file: Arc<dyn File>,
    bytes: u64,
}

impl GroupHandle {
    /// Takes a snapshot of what is applied now and reads it through, so that a damaged one is never handed out.
    pub async fn prepare_backup(&self) -> Result<SnapshotForBackup, TakeSnapshotError> {
        loop {
            self.take_snapshot().await?;
            let (snapshots, replica) = (self.snapshots().clone(), self.inner.replica.clone());
            let verified = elastickv_sys::task::blocking(move || snapshots.verify_current(&replica)).await;
            let verified = verified.map_err(|error| TakeSnapshotError::Stopped(error.to_string()))??;
            // One that was found damaged was replaced.
            if let Some((file, crc32c)) = verified {
                let last = file.last().ok_or(SnapshotsError::Nothing)?;
                return Ok(SnapshotForBackup { id: file.id, bytes: file.bytes, crc32c, last });
            }
        }
    }

    /// The bytes of a snapshot; `None` when it is not the current one any more.
    pub fn snapshot_bytes(&self, id: SnapshotId) -> Result<Option<SnapshotBytes>, SnapshotsError> {
        let Some(current) = self.snapshots().current().filter(|current| current.id == id) else {
            return Ok(None);
        };
        // A newer one may have taken its place since.
        match self.snapshots().files().open(&current.path, Open::Read) {
            Ok(file) => Ok(Some(SnapshotBytes { file, bytes: current.bytes })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.snapshots().dir_error(error)),
        }
    }
}

impl SnapshotBytes {
    /// A piece of it; empty at its end. It blocks for as long as the disk takes.
    pub fn piece(&self, offset: u64) -> std::io::Result<Bytes> {
        let part = self.bytes.saturating_sub(offset).min(CHUNK_BYTES);
        let mut bytes = vec![0; usize::try_from(part).map_err(std::io::Error::other)?];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes.into())
    }
}
