//! Every file below a directory, whatever it is called and whatever it is.
//!
//! [`Files`](crate::files::Files) knows the files that a server makes, by names that it gives. Whoever has to see all there
//! is, names of any bytes, links and pipes included, walks here. Links are followed: what a directory holds by a link
//! it holds. A directory that is met twice is entered once.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::private::Kind;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub path: PathBuf,
    pub kind: Kind,
    pub len: u64,
}

/// What could not be looked at.
#[derive(Debug)]
pub struct TreeError {
    pub path: PathBuf,
    pub error: io::Error,
}

/// What lies below a directory, itself and other directories left out, in the order of the paths.
pub fn below(dir: &Path) -> Result<Vec<Entry>, TreeError> {
    let mut walk = Walk::default();
    walk.enter(dir)?;
    walk.entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.entries)
}

#[derive(Default)]
struct Walk {
    entries: Vec<Entry>,
    entered: HashSet<(u64, u64)>,
}

impl Walk {
    fn enter(&mut self, dir: &Path) -> Result<(), TreeError> {
        let at = |error| TreeError { path: dir.to_owned(), error };
        let found = fs::metadata(dir).map_err(at)?;
        if !self.entered.insert((found.dev(), found.ino())) {
            return Ok(());
        }
        for entry in fs::read_dir(dir).map_err(at)? {
            self.meet(entry.map_err(at)?.path())?;
        }
        Ok(())
    }

    fn meet(&mut self, path: PathBuf) -> Result<(), TreeError> {
        let found = match fs::metadata(&path) {
            // A link to nothing holds nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => found.map_err(|error| TreeError { path: path.clone(), error })?,
        };
        match Kind::of(found.file_type()) {
            Kind::Directory => self.enter(&path),
            kind => {
                self.entries.push(Entry { path, kind, len: found.len() });
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn all_there_is_is_met_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        let elsewhere = dir.path().join("elsewhere");
        fs::create_dir_all(root.join("deep/deeper")).unwrap();
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("linked"), b"12").unwrap();
        fs::write(root.join("deep/deeper/file"), b"1").unwrap();
        let odd = std::ffi::OsStr::from_bytes(b"odd\xff");
        fs::write(root.join(odd), b"").unwrap();
        symlink(&root, root.join("deep/round")).unwrap();
        symlink(&elsewhere, root.join("deep/away")).unwrap();
        symlink(root.join("nothing"), root.join("dangling")).unwrap();
        let found = below(&root).unwrap();
        let expected = [("deep/away/linked", 2), ("deep/deeper/file", 1)]
            .map(|(path, len)| (root.join(path), len))
            .into_iter()
            .chain([(root.join(odd), 0)]);
        assert!(found.iter().map(|entry| (entry.path.clone(), entry.len)).eq(expected), "{found:?}");
        assert!(found.iter().all(|entry| entry.kind == Kind::File));
        assert_eq!(below(&root.join("nothing")).unwrap_err().path, root.join("nothing"));
    }
}
