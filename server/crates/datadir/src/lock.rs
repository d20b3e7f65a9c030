//! The lock of a data directory, which one process holds as long as it uses anything in there.

use std::io;
use std::path::{Path, PathBuf};

use elastickv_sys::files::{Files, Lock};

/// The file that is locked. It is made once and never removed: a lock on a removed file keeps nobody out.
pub const LOCK: &str = "LOCK";

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another process uses the data directory {}", dir.display())]
    InUse { dir: PathBuf },
    #[error("the data directory {} can not be locked: {error}", dir.display())]
    Io { dir: PathBuf, error: io::Error },
}

/// Takes the lock of a directory that is there.
pub fn lock(files: &dyn Files, dir: &Path) -> Result<Lock, LockError> {
    let locked = files.lock(&dir.join(LOCK)).map_err(|error| LockError::Io { dir: dir.to_owned(), error })?;
    locked.ok_or_else(|| LockError::InUse { dir: dir.to_owned() })
}

#[cfg(test)]
mod tests {
    use elastickv_sys::files::SystemFiles;

    use super::*;

    #[test]
    fn one_process_at_a_time_uses_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(&SystemFiles, dir.path()).unwrap();
        assert!(matches!(lock(&SystemFiles, dir.path()), Err(LockError::InUse { .. })));
        drop(held);
        lock(&SystemFiles, dir.path()).unwrap();
        let nowhere = lock(&SystemFiles, &dir.path().join("absent")).unwrap_err();
        assert!(matches!(nowhere, LockError::Io { .. }), "{nowhere}");
    }
}
