//! Files in memory, for tests that open very many of them.
//!
//! Directories are only the front of paths. Everything is as if it were on the disk at once; a layer that
//! loses or fails can stand in front.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::files::{File, Files, Lock, Open, Space};

type Content = Arc<Mutex<Vec<u8>>>;

#[derive(Debug, Default)]
pub struct MemoryFiles {
    files: Mutex<BTreeMap<PathBuf, Content>>,
    largest_read: Arc<Mutex<usize>>,
}

impl MemoryFiles {
    pub fn shared() -> Arc<Self> {
        Arc::default()
    }

    /// The same files with the same bytes, on their own from now on.
    pub fn copy(&self) -> Arc<Self> {
        let files = self.files.lock();
        let copies =
            files.iter().map(|(path, content)| (path.clone(), Arc::new(Mutex::new(content.lock().clone()))));
        Arc::new(Self { files: Mutex::new(copies.collect()), largest_read: Arc::default() })
    }

    /// Makes or replaces a whole file.
    pub fn put(&self, path: &Path, bytes: Vec<u8>) {
        self.files.lock().insert(path.to_owned(), Arc::new(Mutex::new(bytes)));
    }

    pub fn get(&self, path: &Path) -> Option<Vec<u8>> {
        self.files.lock().get(path).map(|content| content.lock().clone())
    }

    /// Every file, in the order of paths.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.lock().keys().cloned().collect()
    }

    /// The most bytes that were asked for in one read.
    pub fn largest_read(&self) -> usize {
        *self.largest_read.lock()
    }

    fn content(&self, path: &Path) -> io::Result<Content> {
        self.files.lock().get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files for MemoryFiles {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn File>> {
        let content = match how {
            Open::Read | Open::Write => self.content(path)?,
            Open::New => {
                let mut files = self.files.lock();
                if files.contains_key(path) {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                Arc::clone(files.entry(path.to_owned()).or_default())
            }
        };
        Ok(Arc::new(MemoryFile { content, largest_read: Arc::clone(&self.largest_read) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.files.lock();
        if let Some(moved) = files.remove(from) {
            files.insert(to.to_owned(), moved);
            return Ok(());
        }
        let inside: Vec<PathBuf> = files.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in &inside {
            let below = path.strip_prefix(from).map_err(io::Error::other)?;
            let moved = files.remove(path).ok_or(io::ErrorKind::NotFound)?;
            files.insert(to.join(below), moved);
        }
        if inside.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.lock().remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create_dir_all(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.files.lock().retain(|file, _| !file.starts_with(path));
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let files = self.files.lock();
        let below = files.keys().filter_map(|path| path.strip_prefix(dir).ok()?.components().next());
        let names: BTreeSet<String> =
            below.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect();
        Ok(names.into_iter().collect())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.files.lock().keys().any(|file| file.starts_with(path)))
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Option<Lock>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        Ok(Space { free: u64::MAX / 2, total: u64::MAX })
    }
}

#[derive(Debug)]
struct MemoryFile {
    content: Content,
    largest_read: Arc<Mutex<usize>>,
}

impl File for MemoryFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut largest = self.largest_read.lock();
        *largest = bytes.len().max(*largest);
        let content = self.content.lock();
        let from = content.get(usize::try_from(offset).unwrap_or(usize::MAX)..).unwrap_or_default();
        let len = from.len().min(bytes.len());
        bytes.iter_mut().zip(from).for_each(|(into, byte)| *into = *byte);
        Ok(len)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut content = self.content.lock();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let end = from + bytes.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content.splice(from..end, bytes.iter().copied());
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.content.lock().len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.content.lock().resize(usize::try_from(len).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut content = self.content.lock();
        let len = usize::try_from(len).map_err(io::Error::other)?;
        if content.len() < len {
            content.resize(len, 0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_memory_behave_like_files() {
        let files = MemoryFiles::shared();
        let dir = Path::new("/dir");
        let file = files.open(&dir.join("one"), Open::New).unwrap();
        file.write_all_at(b"abc", 2).unwrap();
        assert_eq!(files.read(&dir.join("one"), 9).unwrap(), b"\0\0abc");
        assert_eq!(files.open(&dir.join("one"), Open::New).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(files.open(&dir.join("two"), Open::Read).unwrap_err().kind(), io::ErrorKind::NotFound);
        let copy = files.copy();
        files.rename(&dir.join("one"), &dir.join("two")).unwrap();
        file.set_len(3).unwrap();
        file.allocate(4).unwrap();
        assert_eq!((files.list(dir).unwrap(), files.exists(dir).unwrap()), (vec!["two".to_owned()], true));
        assert_eq!(files.get(&dir.join("two")).unwrap(), b"\0\0a\0");
        assert_eq!(copy.get(&dir.join("one")).unwrap(), b"\0\0abc");
        files.remove(&dir.join("two")).unwrap();
        assert!(!files.exists(dir).unwrap());
        assert_eq!(files.largest_read(), 5);
    }
}
