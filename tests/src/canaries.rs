//! Random bytes that are planted in a cluster, and the search for them in everything it has written.
//!
//! A file may hold a canary as it is, or spelled in hexadecimal or base64, and in base64 the same bytes look
//! different behind one, two or three others. All these spellings are looked for in one pass over each file.
//! What is looked for is the first half of a canary: sixteen random bytes come about by no accident, and a
//! copy that was cut short counts as well.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

pub const BYTES: usize = 32;
const SOUGHT: usize = BYTES / 2;
/// Enough to start a search with.
const EXAMPLES: usize = 5;

pub type Canary = [u8; BYTES];

/// Canaries, ready to be looked for.
#[derive(Debug)]
pub struct Search {
    automaton: AhoCorasick,
    /// Which canary each spelling is of.
    spelled: Vec<usize>,
    sought: usize,
}

/// What a search came upon.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub files: usize,
    pub bytes: u64,
    pub sought: usize,
    canaries: BTreeSet<usize>,
    examples: Vec<(PathBuf, usize, usize)>,
}

impl Search {
    pub fn of(canaries: &[Canary]) -> Result<Self> {
        let (mut spellings, mut spelled) = (Vec::new(), Vec::new());
        for (number, canary) in canaries.iter().enumerate() {
            let ways = spellings_of(canary);
            spelled.extend(ways.iter().map(|_| number));
            spellings.extend(ways);
        }
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(spellings);
        Ok(Self { automaton: automaton.context("too many canaries")?, spelled, sought: canaries.len() })
    }

    /// Looks into every file below a directory.
    pub fn below(&self, dir: &Path) -> Result<Found> {
        let mut found = Found { sought: self.sought, ..Found::default() };
        self.walk(dir, &mut found)?;
        Ok(found)
    }

    fn walk(&self, dir: &Path, found: &mut Found) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            match path.is_dir() {
                true => self.walk(&path, found)?,
                false => {
                    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                    self.look(&path, &bytes, found);
                }
            }
        }
        Ok(())
    }

    fn look(&self, path: &Path, bytes: &[u8], found: &mut Found) {
        found.files += 1;
        found.bytes += bytes.len() as u64;
        for hit in self.automaton.find_iter(bytes) {
            let number = self.spelled.get(hit.pattern().as_usize()).copied().unwrap_or_default();
            found.canaries.insert(number);
            if found.examples.len() < EXAMPLES {
                found.examples.push((path.to_owned(), hit.start(), number));
            }
        }
    }
}

impl Found {
    /// How many of the canaries were found at least once.
    pub fn canaries(&self) -> usize {
        self.canaries.len()
    }

    pub fn per_cent(&self) -> f64 {
        100.0 * self.canaries() as f64 / self.sought.max(1) as f64
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, bytes, sought, .. } = self;
        write!(f, "{} of {sought} canaries in {bytes} bytes of {files} files", self.canaries())?;
        self.examples.iter().try_for_each(|(path, at, number)| {
            write!(f, "\n  number {number} at byte {at} of {}", path.display())
        })
    }
}

fn spellings_of(canary: &Canary) -> Vec<Vec<u8>> {
    let (sought, _) = canary.split_at(SOUGHT);
    let mut spellings = vec![sought.to_vec(), hex::encode(sought).into(), hex::encode_upper(sought).into()];
    for before in 0..3 {
        let shifted = [&vec![0; before], sought].concat();
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = alphabet.encode(&shifted);
            spellings.push(whole_digits(&text, before, shifted.len()).into());
        }
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// The digits of base64 that say nothing of bytes before or behind: each stands for six bits.
fn whole_digits(text: &str, before: usize, end: usize) -> &str {
    text.get((before * 8).div_ceil(6)..end * 8 / 6).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary() -> Canary {
        std::array::from_fn(|at| (at as u8).wrapping_mul(0x9d) ^ 0xe7)
    }

    fn found_in(content: &[u8]) -> usize {
        let search = Search::of(&[[0x55; BYTES], canary()]).expect("two are not many");
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("deep")).expect("another");
        fs::write(dir.path().join("deep/file"), content).expect("a file");
        let found = search.below(dir.path()).expect("it can be read");
        assert_eq!((found.files, found.bytes), (1, content.len() as u64));
        assert!(found.canaries.iter().all(|&number| number == 1));
        found.canaries()
    }

    #[test]
    fn a_canary_is_found_in_every_spelling_at_every_place() {
        for before in 0..7 {
            let filler = [b'x'; 7];
            let bytes = [&filler[..before], &canary(), &filler].concat();
            let ways = [
                bytes.clone(),
                hex::encode(&bytes).into(),
                hex::encode_upper(&bytes).into(),
                STANDARD_NO_PAD.encode(&bytes).into(),
                URL_SAFE_NO_PAD.encode(&bytes).into(),
            ];
            for way in ways {
                assert_eq!(found_in(&way), 1, "{before} bytes before, {}", String::from_utf8_lossy(&way));
            }
        }
    }

    #[test]
    fn a_half_counts_and_less_does_not() {
        assert_eq!(found_in(&canary()[..SOUGHT]), 1);
        assert_eq!(found_in(&canary()[..SOUGHT - 1]), 0);
        assert_eq!(found_in(&canary()[1..]), 0);
    }
}
