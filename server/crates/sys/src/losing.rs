//! Files that lose what was not synced, as a disk does when the power goes.
//!
//! Writes stay in the memory of this process, where its own reads see them, and reach the file below only
//! when it is synced. A process that is killed thus leaves exactly what it had made sure of. Lengths, names
//! and removals go straight through: only content is at stake here.
//!
//! The same layer also makes the control run of a crash test: with [`Syncs::Ignored`] a sync reports success
//! and writes nothing, and content trickles down on its own some time later. A crash test that still passes
//! then tests nothing.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::files::{File, Files, Lock, Open, SharedFiles, Space};
use crate::task;

/// How long ignored writes stay in memory, and how often they are looked at.
const TRICKLE_AFTER: Duration = Duration::from_millis(300);
const TRICKLE_EVERY: Duration = Duration::from_millis(50);

/// What a sync does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syncs {
    /// It writes what waits and syncs the file below.
    Honoured,
    /// It claims success. What waits is written only once it is 300 ms old.
    Ignored,
}

/// A stretch of a file that is in memory only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsynced {
    pub path: PathBuf,
    pub offset: u64,
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
pub struct LosingFiles {
    inner: SharedFiles,
    syncs: Syncs,
    pending: Arc<PendingByPath>,
}

type PendingByPath = Mutex<HashMap<PathBuf, Arc<Mutex<Pending>>>>;

impl LosingFiles {
    /// Stands in front of `inner`; fails only if the thread that trickles can not be started.
    pub fn over(inner: SharedFiles, syncs: Syncs) -> io::Result<Arc<Self>> {
        let pending = Arc::<PendingByPath>::default();
        if syncs == Syncs::Ignored {
            let below = Arc::downgrade(&pending);
            task::thread("trickle", move || trickle(&below))?;
        }
        Ok(Arc::new(Self { inner, syncs, pending }))
    }

    /// Everything that a power loss would take now, in the order of paths and offsets.
    pub fn unsynced(&self) -> Vec<Unsynced> {
        let mut all = Vec::new();
        for (path, pending) in self.pending.lock().iter() {
            let pending = pending.lock();
            all.extend(pending.extents.iter().map(|(&offset, extent)| {
                let bytes = extent.bytes.clone();
                Unsynced { path: path.clone(), offset, bytes }
            }));
        }
        all.sort_by(|a, b| (&a.path, a.offset).cmp(&(&b.path, b.offset)));
        all
    }

    fn pending_of(&self, path: &Path) -> Arc<Mutex<Pending>> {
        Arc::clone(self.pending.lock().entry(path.to_owned()).or_default())
    }
}

fn trickle(pending: &Weak<PendingByPath>) {
    while let Some(pending) = pending.upgrade() {
        let files: Vec<_> = pending.lock().values().cloned().collect();
        drop(pending);
        for file in files {
            // A control run wants loss; what can not be written is lost as well.
            let _ = file.lock().write_down(TRICKLE_AFTER);
        }
        std::thread::sleep(TRICKLE_EVERY);
    }
}

impl Files for LosingFiles {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn File>> {
        let below = self.inner.open(path, how)?;
        if how == Open::New {
            self.pending.lock().remove(path);
        }
        let pending = self.pending_of(path);
        if how != Open::Read {
            pending.lock().below = Some(Arc::clone(&below));
        }
        Ok(Arc::new(LosingFile { below, syncs: self.syncs, pending }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)?;
        let mut pending = self.pending.lock();
        match pending.remove(from) {
            Some(moved) => pending.insert(to.to_owned(), moved),
            None => pending.remove(to),
        };
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)?;
        self.pending.lock().remove(path);
        Ok(())
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir_all(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_dir_all(path)?;
        self.pending.lock().retain(|file, _| !file.starts_with(path));
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.inner.list(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.inner.exists(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.inner.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        self.inner.lock(path)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}

#[derive(Debug)]
struct LosingFile {
    below: Arc<dyn File>,
    syncs: Syncs,
    pending: Arc<Mutex<Pending>>,
}

impl File for LosingFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let pending = self.pending.lock();
        let len = self.below.len()?.max(pending.end());
        let wanted = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.split_at_mut(wanted).0;
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.below.read_at(rest, offset + done as u64)? {
                0 => break,
                read => done += read,
            }
        }
        // Between the end of the file below and what waits behind it there are zeroes.
        bytes.iter_mut().skip(done).for_each(|byte| *byte = 0);
        pending.lay_over(bytes, offset);
        Ok(wanted)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.pending.lock().write(bytes, offset);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let pending = self.pending.lock();
        Ok(self.below.len()?.max(pending.end()))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut pending = self.pending.lock();
        self.below.set_len(len)?;
        pending.cut(len, u64::MAX);
        Ok(())
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.below.allocate(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.syncs == Syncs::Ignored {
            return Ok(());
        }
        self.pending.lock().write_down(Duration::ZERO)?;
        self.below.sync_data()
    }
}

/// What waits for one file: stretches that do not overlap, by offset.
#[derive(Debug, Default)]
struct Pending {
    extents: BTreeMap<u64, Extent>,
    /// The newest handle below that may be written through.
    below: Option<Arc<dyn File>>,
}

#[derive(Debug)]
struct Extent {
    bytes: Vec<u8>,
    since: Instant,
}

impl Extent {
    fn end(&self, start: u64) -> u64 {
        start + self.bytes.len() as u64
    }
}

impl Pending {
    fn end(&self) -> u64 {
        self.extents.last_key_value().map_or(0, |(&start, extent)| extent.end(start))
    }

    fn write(&mut self, bytes: &[u8], offset: u64) {
        if bytes.is_empty() {
            return;
        }
        self.cut(offset, offset.saturating_add(bytes.len() as u64));
        self.extents.insert(offset, Extent { bytes: bytes.to_vec(), since: Instant::now() });
    }

    /// Forgets what lies between two offsets, and keeps what sticks out on either side.
    fn cut(&mut self, from: u64, to: u64) {
        for start in self.overlapping(from, to) {
            let Some(mut extent) = self.extents.remove(&start) else { continue };
            let end = extent.end(start);
            if end > to {
                let bytes = extent.bytes.split_off((to - start) as usize);
                self.extents.insert(to, Extent { bytes, since: extent.since });
            }
            if start < from {
                extent.bytes.truncate((from - start) as usize);
                self.extents.insert(start, extent);
            }
        }
    }

    fn overlapping(&self, from: u64, to: u64) -> Vec<u64> {
        let before = self.extents.range(..to).rev();
        before.take_while(|&(&start, extent)| extent.end(start) > from).map(|(&start, _)| start).collect()
    }

    fn lay_over(&self, bytes: &mut [u8], offset: u64) {
        let end = offset.saturating_add(bytes.len() as u64);
        for start in self.overlapping(offset, end) {
            let Some(extent) = self.extents.get(&start) else { continue };
            let first = start.max(offset);
            let len = (extent.end(start).min(end) - first) as usize;
            let (at, from) = ((first - offset) as usize, (first - start) as usize);
            if let (Some(into), Some(what)) =
                (bytes.get_mut(at..at + len), extent.bytes.get(from..from + len))
            {
                into.copy_from_slice(what);
            }
        }
    }

    /// Writes to the file below what has waited at least that long.
    fn write_down(&mut self, waited: Duration) -> io::Result<()> {
        let due = self.extents.iter().filter(|(_, extent)| extent.since.elapsed() >= waited);
        let due: Vec<u64> = due.map(|(&start, _)| start).collect();
        for start in due {
            if let (Some(extent), Some(below)) = (self.extents.get(&start), &self.below) {
                below.write_all_at(&extent.bytes, start)?;
                self.extents.remove(&start);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::SystemFiles;

    fn disk() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        (dir, path)
    }

    fn all_of(file: &dyn File) -> Vec<u8> {
        let mut bytes = vec![0xee; file.len().unwrap() as usize];
        file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    }

    #[test]
    fn only_what_was_synced_reaches_the_file() {
        let (_dir, path) = disk();
        let files = LosingFiles::over(SystemFiles::shared(), Syncs::Honoured).unwrap();
        let file = files.open(&path, Open::New).unwrap();
        file.write_all_at(b"kept", 0).unwrap();
        file.sync_data().unwrap();
        file.write_all_at(b"lost", 2).unwrap();
        assert_eq!(all_of(file.as_ref()), b"kelost");
        assert_eq!(all_of(files.open(&path, Open::Read).unwrap().as_ref()), b"kelost");
        assert_eq!(std::fs::read(&path).unwrap(), b"kept");
        assert_eq!(files.unsynced(), [Unsynced { path: path.clone(), offset: 2, bytes: b"lost".to_vec() }]);
        file.sync_data().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"kelost");
        assert_eq!(files.unsynced(), []);
    }

    #[test]
    fn overlapping_writes_read_as_on_a_plain_file() {
        let (_dir, path) = disk();
        let files = LosingFiles::over(SystemFiles::shared(), Syncs::Honoured).unwrap();
        let file = files.open(&path, Open::New).unwrap();
        let mut plain = Vec::new();
        let mut state = 7_u32;
        for step in 0..500_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (at, len) = ((state >> 8) as usize % 60, (state >> 20) as usize % 17);
            file.write_all_at(&vec![step as u8; len], at as u64).unwrap();
            if len > 0 {
                plain.resize(plain.len().max(at + len), 0);
                plain[at..at + len].fill(step as u8);
            }
            if step % 50 == 49 {
                file.sync_data().unwrap();
            }
            assert_eq!(all_of(file.as_ref()), plain, "step {step}");
        }
    }

    #[test]
    fn what_waits_follows_the_name_of_its_file() {
        let (dir, path) = disk();
        let files = LosingFiles::over(SystemFiles::shared(), Syncs::Honoured).unwrap();
        let file = files.open(&path, Open::New).unwrap();
        file.write_all_at(b"abc", 0).unwrap();
        let moved = dir.path().join("moved");
        files.rename(&path, &moved).unwrap();
        assert_eq!(all_of(files.open(&moved, Open::Read).unwrap().as_ref()), b"abc");
        files.remove(&moved).unwrap();
        assert_eq!(files.unsynced(), []);
        file.set_len(1).unwrap();
        assert_eq!(all_of(file.as_ref()), b"a");
    }

    #[test]
    fn an_ignored_sync_writes_nothing_at_once_but_later_it_comes() {
        let (_dir, path) = disk();
        let files = LosingFiles::over(SystemFiles::shared(), Syncs::Ignored).unwrap();
        let file = files.open(&path, Open::New).unwrap();
        let begun = Instant::now();
        file.write_all_at(b"claimed", 0).unwrap();
        file.sync_data().unwrap();
        let found = std::fs::read(&path).unwrap();
        assert!(found.is_empty() || begun.elapsed() >= TRICKLE_AFTER);
        while std::fs::read(&path).unwrap() != b"claimed" {
            assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
            std::thread::yield_now();
        }
        assert!(begun.elapsed() >= TRICKLE_AFTER);
    }
}
