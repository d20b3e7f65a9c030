//! One pass over every file below a directory.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use elastickv_datadir::{LOCK, LockError};
use elastickv_sys::files::{File, Files, Lock, Open, SystemFiles};
use elastickv_sys::private::Kind;
use elastickv_sys::tree::{self, Entry, TreeError};

use super::canaries::{Canaries, CanaryError};
use super::spelling::{Spelling, spellings_of};
use crate::{Pace, Strides};

/// So many findings are listed; all are counted.
pub const MOST_LISTED: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum LeakError {
    #[error(transparent)]
    Canaries(#[from] CanaryError),
    #[error("there are too many canaries: {0}")]
    TooMany(#[from] aho_corasick::BuildError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("{}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
}

impl From<TreeError> for LeakError {
    fn from(TreeError { path, error }: TreeError) -> Self {
        LeakError::Read { path, error }
    }
}

/// Canaries, ready to be looked for.
#[derive(Debug)]
pub struct Search {
    automaton: AhoCorasick,
    /// Which canary each pattern is of, and how it is spelled there.
    patterns: Vec<(usize, Spelling)>,
    sought: usize,
}

/// A canary that stands in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub file: PathBuf,
    pub offset: u64,
    /// Its line in the file of canaries.
    pub canary: usize,
    pub spelling: Spelling,
}

/// What a search came upon.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub files: usize,
    pub bytes: u64,
    /// Canaries that were looked for.
    pub sought: usize,
    /// Those that were found at least once.
    pub canaries: BTreeSet<usize>,
    /// How often any was found.
    pub hits: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// What is no file: pipes, sockets and devices, which hold nothing.
    pub skipped: Vec<PathBuf>,
}

impl Search {
    pub fn new(canaries: &Canaries) -> Result<Self, LeakError> {
        let (mut spelled, mut patterns) = (Vec::new(), Vec::new());
        for (canary, sought) in canaries.sought() {
            for (text, spelling) in spellings_of(sought) {
                spelled.push(text);
                patterns.push((canary, spelling));
            }
        }
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(spelled)?;
        Ok(Self { automaton, patterns, sought: canaries.count() })
    }

    /// Looks into every file below a directory. Data directories that lie there are locked first.
    pub fn below(&self, dir: &Path, mut pace: Pace, strides: &Strides) -> Result<Found, LeakError> {
        let _held = lock_all(&tree::below(dir)?)?;
        let entries = tree::below(dir)?;
        strides.expect(entries.iter().map(|entry| entry.len).sum());
        let mut found = Found { sought: self.sought, ..Found::default() };
        for Entry { path, kind, .. } in entries {
            match kind {
                Kind::File => self.look(&path, &mut pace, strides, &mut found)?,
                _ => found.skipped.push(path),
            }
        }
        Ok(found)
    }

    fn look(
        &self,
        path: &Path,
        pace: &mut Pace,
        strides: &Strides,
        found: &mut Found,
    ) -> Result<(), LeakError> {
        let failed = |error| LeakError::Read { path: path.to_owned(), error };
        let file = SystemFiles.open(path, Open::Read).map_err(failed)?;
        let mut reading = Reading { file, offset: 0, pace, strides };
        // What lies across two buffers is found as well: the automaton keeps its state between them.
        for hit in self.automaton.stream_find_iter(&mut reading) {
            let hit = hit.map_err(failed)?;
            let Some(&(canary, spelling)) = self.patterns.get(hit.pattern().as_usize()) else { continue };
            found.note(Finding { file: path.to_owned(), offset: hit.start() as u64, canary, spelling });
        }
        found.files += 1;
        found.bytes += reading.offset;
        Ok(())
    }
}

impl Found {
    fn note(&mut self, finding: Finding) {
        self.hits += 1;
        self.canaries.insert(finding.canary);
        if self.findings.len() < MOST_LISTED {
            self.findings.push(finding);
        }
    }
}

/// Nobody writes into a directory while it is searched.
fn lock_all(entries: &[Entry]) -> Result<Vec<Lock>, LockError> {
    let locks = entries.iter().filter(|entry| entry.path.file_name().is_some_and(|name| name == LOCK));
    locks
        .filter_map(|entry| entry.path.parent())
        .map(|dir| elastickv_datadir::lock(&SystemFiles, dir))
        .collect()
}

/// A file from its beginning to its end, at the pace that is allowed.
struct Reading<'a> {
    file: Arc<dyn File>,
    offset: u64,
    pace: &'a mut Pace,
    strides: &'a Strides,
}

impl Read for Reading<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.offset)?;
        self.offset += read as u64;
        self.strides.add(read as u64);
        self.pace.take(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test plants files")]
mod tests {
    use std::fs;
    use std::num::NonZeroU64;

    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use elastickv_sys::clock::SystemClock;

    use super::super::SOUGHT;
    use super::*;

    const CANARY: usize = 32;

    fn canary() -> [u8; CANARY] {
        std::array::from_fn(|at| (at as u8).wrapping_mul(0x9d) ^ 0xe7)
    }

    fn search() -> Search {
        Search::new(&Canaries::numbered(&[[0x55; CANARY], canary()]).unwrap()).unwrap()
    }

    fn look_below(dir: &Path) -> Result<Found, LeakError> {
        search().below(dir, Pace::unbounded(), &Strides::default())
    }

    fn found_in(content: &[u8]) -> Found {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("deep")).unwrap();
        let file = dir.path().join("deep/file");
        fs::write(&file, content).unwrap();
        let found = look_below(dir.path()).unwrap();
        assert_eq!((found.files, found.bytes, found.sought), (1, content.len() as u64, 2));
        assert!(found.findings.iter().all(|finding| finding.canary == 1 && finding.file == file));
        found
    }

    fn spelled(bytes: &[u8]) -> [(Vec<u8>, Spelling); 5] {
        [
            (bytes.to_vec(), Spelling::Raw),
            (hex::encode(bytes).into(), Spelling::Hex),
            (hex::encode_upper(bytes).into(), Spelling::Hex),
            (STANDARD_NO_PAD.encode(bytes).into(), Spelling::Base64),
            (URL_SAFE_NO_PAD.encode(bytes).into(), Spelling::Base64),
        ]
    }

    #[test]
    fn a_canary_is_found_in_every_spelling_at_every_place() {
        for before in 0..7 {
            let filler = [b'x'; 7];
            let bytes = [&filler[..before], &canary(), &filler].concat();
            for (way, spelling) in spelled(&bytes) {
                let found = found_in(&way);
                assert_eq!((found.hits, found.canaries.len()), (1, 1), "{before} bytes before, {spelling}");
                assert_eq!(found.findings[0].spelling, spelling);
            }
        }
    }

    /// Buffers are of some power of two, and no file begins at a multiple of a canary.
    #[test]
    fn a_canary_is_found_across_the_edges_of_buffers() {
        for edge in [4 << 10, 8 << 10, 64 << 10, 128 << 10, 1 << 20] {
            for (way, spelling) in spelled(&canary()) {
                for inside in [1, 7, way.len() / 2 - 1, way.len() / 2, way.len() - 1] {
                    let at = edge - inside;
                    let content = [&vec![0xa5; at], &way[..], &[0xa5; 99]].concat();
                    let found = found_in(&content);
                    assert_eq!(found.hits, 1, "{spelling}, {inside} bytes before {edge}");
                    assert_eq!(found.findings[0].offset, at as u64);
                }
            }
        }
    }

    #[test]
    fn its_beginning_counts_and_less_does_not() {
        assert_eq!(found_in(&canary()[..SOUGHT]).hits, 1);
        assert_eq!(found_in(&canary()[..SOUGHT - 1]).hits, 0);
        assert_eq!(found_in(&canary()[1..]).hits, 0);
    }

    #[test]
    fn each_is_counted_and_the_first_are_listed() {
        let found = found_in(&canary().repeat(MOST_LISTED + 5));
        assert_eq!((found.hits, found.findings.len()), (MOST_LISTED as u64 + 5, MOST_LISTED));
    }

    #[test]
    fn a_directory_in_use_is_not_searched() {
        let dir = tempfile::tempdir().unwrap();
        let node = dir.path().join("n1");
        fs::create_dir(&node).unwrap();
        fs::write(node.join("file"), canary()).unwrap();
        let held = elastickv_datadir::lock(&SystemFiles, &node).unwrap();
        let refused = look_below(dir.path()).unwrap_err();
        assert!(matches!(refused, LeakError::Lock(LockError::InUse { dir }) if dir == node));
        drop(held);
        assert_eq!(look_below(dir.path()).unwrap().hits, 1);
    }

    #[test]
    fn a_pace_is_kept_and_told() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), vec![0; 300_000]).unwrap();
        let (clock, strides) = (SystemClock::shared(), Strides::default());
        let began = clock.now();
        let pace = Pace::of(NonZeroU64::new(1 << 20).unwrap(), clock.clone());
        search().below(dir.path(), pace, &strides).unwrap();
        let took = clock.now().since(began);
        assert!(took.as_secs_f64() > 0.28, "300,000 bytes at 1 MiB/s in {took:?}");
        assert_eq!(strides.so_far(), (300_000, 300_000));
    }
}
