//! Files that remember every call which changed something.
//!
//! The calls go through to the files below and, once they succeeded, onto a [`Tape`]. From any prefix of the
//! tape a [`Disk`] can be made that knows what was durable at that moment and what was not, and hence
//! everything that a power loss could have left there.
//!
//! All of one directory tree is recorded, the files of every crate that writes below it. Directories have to
//! be made before files are made in them, as on a real file system, also when the layer below does not care.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::crash::{Disk, FileNumber, Image, Op};
use crate::files::{File, Files, Lock, Open, SharedFiles, Space};

/// What happened, in order, since a known image.
#[derive(Debug)]
pub struct Tape {
    base: Image,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    ops: Vec<Op>,
    /// The disk after all of them, which knows what a path means now.
    now: Disk,
}

impl Tape {
    /// How many calls were recorded.
    pub fn len(&self) -> usize {
        self.state.lock().ops.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn ops(&self) -> Vec<Op> {
        self.state.lock().ops.clone()
    }

    /// The disk as it was after so many calls.
    pub fn disk_after(&self, calls: usize) -> io::Result<Disk> {
        self.replay(self.ops().iter().take(calls))
    }

    /// The disk as it would be if calls of some kind had never been made: the control of a crash test.
    pub fn disk_after_without(&self, calls: usize, missing: impl Fn(&Op) -> bool) -> io::Result<Disk> {
        self.replay(self.ops().iter().take(calls).filter(|op| !missing(op)))
    }

    fn replay<'a>(&self, ops: impl Iterator<Item = &'a Op>) -> io::Result<Disk> {
        let mut disk = Disk::of(&self.base)?;
        for op in ops {
            disk.apply(op)?;
        }
        Ok(disk)
    }
}

impl State {
    fn record(&mut self, op: Op) -> io::Result<Option<FileNumber>> {
        let file = self.now.apply(&op)?;
        self.ops.push(op);
        Ok(file)
    }
}

#[derive(Debug)]
pub struct RecordingFiles {
    inner: SharedFiles,
    tape: Arc<Tape>,
}

impl RecordingFiles {
    /// Stands in front of files that hold `base` and nothing else below its root.
    pub fn over(inner: SharedFiles, base: Image) -> io::Result<(Arc<Self>, Arc<Tape>)> {
        let state = Mutex::new(State { ops: Vec::new(), now: Disk::of(&base)? });
        let tape = Arc::new(Tape { base, state });
        Ok((Arc::new(Self { inner, tape: Arc::clone(&tape) }), tape))
    }

    /// Does something below and records what it was. The lock keeps the tape in the order of the calls.
    fn through(&self, below: impl FnOnce() -> io::Result<()>, op: Op) -> io::Result<()> {
        let mut state = self.tape.state.lock();
        below()?;
        state.record(op).map(drop)
    }
}

impl Files for RecordingFiles {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn File>> {
        let mut state = self.tape.state.lock();
        if how == Open::New {
            state.now.may_create(path)?;
        }
        let below = self.inner.open(path, how)?;
        let number = match how {
            Open::Read | Open::Write => state.now.file_at(path),
            Open::New => state.record(Op::Create(path.to_owned()))?,
        };
        let number = number.ok_or_else(|| unrecorded(path))?;
        Ok(Arc::new(RecordingFile { below, number, tape: Arc::clone(&self.tape) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let op = Op::Rename { from: from.to_owned(), to: to.to_owned() };
        self.through(|| self.inner.rename(from, to), op)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.through(|| self.inner.remove(path), Op::Remove(path.to_owned()))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.tape.state.lock();
        self.inner.create_dir_all(path)?;
        let mut missing: Vec<PathBuf> =
            path.ancestors().take_while(|dir| !state.now.has_dir(dir)).map(Path::to_owned).collect();
        missing.reverse();
        missing.into_iter().try_for_each(|dir| state.record(Op::CreateDir(dir)).map(drop))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.tape.state.lock();
        self.inner.remove_dir_all(path)?;
        let inside = state.now.inside(path);
        inside.into_iter().try_for_each(|path| state.record(Op::Remove(path)).map(drop))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.inner.list(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.inner.exists(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.through(|| self.inner.sync_dir(dir), Op::SyncDir(dir.to_owned()))
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        self.inner.lock(path)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}

fn unrecorded(path: &Path) -> io::Error {
    io::Error::other(format!("{} was made without being recorded", path.display()))
}

#[derive(Debug)]
struct RecordingFile {
    below: Arc<dyn File>,
    number: FileNumber,
    tape: Arc<Tape>,
}

impl RecordingFile {
    fn through(&self, below: impl FnOnce() -> io::Result<()>, op: Op) -> io::Result<()> {
        let mut state = self.tape.state.lock();
        below()?;
        state.record(op).map(drop)
    }
}

impl File for RecordingFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.below.read_at(bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let op = Op::Write { file: self.number, offset, bytes: bytes.to_vec() };
        self.through(|| self.below.write_all_at(bytes, offset), op)
    }

    fn len(&self) -> io::Result<u64> {
        self.below.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.through(|| self.below.set_len(len), Op::SetLen { file: self.number, len })
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut state = self.tape.state.lock();
        self.below.allocate(len)?;
        let len = self.below.len()?;
        state.record(Op::SetLen { file: self.number, len }).map(drop)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.through(|| self.below.sync_data(), Op::Sync(self.number))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::durable;
    use crate::files::SystemFiles;
    use crate::memory::MemoryFiles;

    fn recorded() -> (Arc<RecordingFiles>, Arc<Tape>) {
        RecordingFiles::over(MemoryFiles::shared(), Image::empty("/data")).unwrap()
    }

    fn contents(tape: &Tape, calls: usize, path: &Path) -> BTreeSet<Option<Vec<u8>>> {
        let disk = tape.disk_after(calls).unwrap();
        disk.states(10_000, 1).map(|image| image.get(path).map(<[u8]>::to_vec)).collect()
    }

    #[test]
    fn a_replaced_file_is_old_or_new_at_every_moment() {
        let (files, tape) = recorded();
        let path = Path::new("/data/small");
        durable::replace(&*files, path, b"old").unwrap();
        let (old, between) = (Some(b"old".to_vec()), tape.len());
        durable::replace(&*files, path, b"new!").unwrap();
        let new = Some(b"new!".to_vec());
        for calls in between..tape.len() {
            let found = contents(&tape, calls, path);
            assert!(found.is_subset(&[old.clone(), new.clone()].into()), "after {calls} calls: {found:?}");
        }
        assert_eq!(contents(&tape, between, path), [old].into());
        assert_eq!(contents(&tape, tape.len(), path), [new].into());
    }

    #[test]
    fn a_file_in_a_directory_that_was_not_synced_may_be_gone() {
        let (files, tape) = recorded();
        let (dir, path) = (Path::new("/data/a/b"), Path::new("/data/a/b/file"));
        assert!(files.open(path, Open::New).is_err(), "the directory has to be made first");
        files.create_dir_all(dir).unwrap();
        let file = files.open(path, Open::New).unwrap();
        file.write_all_at(b"x", 0).unwrap();
        file.sync_data().unwrap();
        files.sync_dir(dir).unwrap();
        files.sync_dir(Path::new("/data")).unwrap();
        let whole = Some(b"x".to_vec());
        assert_eq!(contents(&tape, tape.len(), path), [None, whole.clone()].into());
        files.sync_dir(Path::new("/data/a")).unwrap();
        assert_eq!(contents(&tape, tape.len(), path), [whole].into());
    }

    #[test]
    fn a_handle_and_a_name_go_on_meaning_the_same_file() {
        let root = tempfile::tempdir().unwrap();
        let (files, tape) = RecordingFiles::over(SystemFiles::shared(), Image::empty(root.path())).unwrap();
        let [d, e] = ["d", "e"].map(|name| root.path().join(name));
        files.create_dir_all(&d).unwrap();
        let file = files.open(&d.join("a"), Open::New).unwrap();
        files.rename(&d.join("a"), &d.join("b")).unwrap();
        files.rename(&d, &e).unwrap();
        file.write_all_at(b"1", 0).unwrap();
        files.open(&e.join("b"), Open::Write).unwrap().write_all_at(b"2", 1).unwrap();
        file.sync_data().unwrap();
        files.sync_dir(&e).unwrap();
        files.sync_dir(root.path()).unwrap();
        let whole = Some(b"12".to_vec());
        assert_eq!(contents(&tape, tape.len(), &e.join("b")), [whole.clone()].into());
        files.remove_dir_all(&e).unwrap();
        assert_eq!(contents(&tape, tape.len(), &e.join("b")), [None, whole].into());
    }
}
