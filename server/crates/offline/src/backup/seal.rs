//! The checksum by which a file of a backup is known.

use std::path::Path;

use elastickv_sys::files::{Files, Open};
use sha2::{Digest, Sha256};

use super::{BackupError, FileFacts, io_at};
use crate::{Pace, Strides};

const READ_BYTES: usize = 1 << 20;

/// Reads a file to its end.
pub fn facts_of(
    files: &dyn Files,
    path: &Path,
    pace: &mut Pace,
    strides: &Strides,
) -> Result<FileFacts, BackupError> {
    let failed = io_at(path);
    let file = files.open(path, Open::Read).map_err(&failed)?;
    let (mut buffer, mut bytes, mut hash) = (vec![0; READ_BYTES], 0, Sha256::new());
    loop {
        let read = file.read_at(&mut buffer, bytes).map_err(&failed)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes += read as u64;
        strides.add(read as u64);
        pace.take(read as u64);
    }
    Ok(FileFacts { bytes, sha256: hex::encode(hash.finalize()) })
}

pub fn facts_of_bytes(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) }
}
