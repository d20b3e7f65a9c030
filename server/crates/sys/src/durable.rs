//! Replacing a small file so that a crash leaves the old content or the new, never neither.

use std::io;
use std::path::Path;

use crate::files::{Files, Open};
use crate::point;

/// Writes beside, syncs, renames over, syncs the directory. A temporary file that an earlier
/// crash left behind is removed first, so its content and its mode can not come back.
pub fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let beside = path.with_added_extension("tmp");
    match files.remove(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = files.open(&beside, Open::New)?;
    file.write_all_at(bytes, 0)?;
    point!(FileWritten);
    file.sync_data()?;
    point!(FileSynced);
    files.rename(&beside, path)?;
    point!(FileRenamed);
    files.sync_dir(dir)?;
    point!(NameSynced);
    Ok(())
}

const PROBE: &str = ".probe";

/// Goes through a replacement with a file of no importance: fails where a file system can not make a name
/// durable, as long as nothing depends on it yet.
pub fn probe(files: &dyn Files, dir: &Path) -> io::Result<()> {
    let path = dir.join(PROBE);
    replace(files, &path, b"probe")?;
    files.remove(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::SystemFiles;

    #[test]
    fn a_stale_temporary_file_is_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        std::fs::write(dir.path().join("state.tmp"), b"stale and much longer").unwrap();
        replace(&SystemFiles, &path, b"one").unwrap();
        replace(&SystemFiles, &path, b"two").unwrap();
        assert_eq!(SystemFiles.read(&path, 10).unwrap(), b"two");
        assert_eq!(SystemFiles.list(dir.path()).unwrap(), ["state"]);
        assert!(SystemFiles.read(&path, 2).is_err());
    }
}
