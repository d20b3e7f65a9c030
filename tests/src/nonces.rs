//! The nonces that servers sealed under, and whether one of them came twice.
//!
//! Each server writes down every nonce before it uses it: 16 bytes, the key's id and the nonce. All processes that a node
//! ever was write to one file, and all files of a cluster are judged together, since nodes share keys.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub const SUFFIX: &str = "nonces";
const RECORD_BYTES: usize = 16;
const KEY_BYTES: usize = 4;
/// Enough to look into.
const EXAMPLES: usize = 5;

/// What the files of a cluster add up to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub files: usize,
    pub seals: usize,
    pub repeats: usize,
    keys: BTreeSet<[u8; KEY_BYTES]>,
    examples: Vec<String>,
}

/// Judges the files in a directory.
pub fn judge(dir: &Path) -> Result<Tally> {
    let (mut tally, mut seen) = (Tally::default(), HashSet::new());
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == SUFFIX) {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            tally.files += 1;
            tally.add(&path, &bytes, &mut seen);
        }
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, path: &Path, bytes: &[u8], seen: &mut HashSet<[u8; RECORD_BYTES]>) {
        for (number, record) in bytes.as_chunks::<RECORD_BYTES>().0.iter().enumerate() {
            // A place that a killed server had taken and not filled.
            if record == &[0; RECORD_BYTES] {
                continue;
            }
            self.seals += 1;
            self.keys.extend(record.first_chunk::<KEY_BYTES>());
            if !seen.insert(*record) {
                self.repeats += 1;
                if self.examples.len() < EXAMPLES {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    self.examples.push(format!("{}, seal {number} of {name}", hex::encode(record)));
                }
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, seals, repeats, keys, examples } = self;
        write!(
            f,
            "{seals} seals by {files} nodes under {} keys, {repeats} with a nonce that was used",
            keys.len()
        )?;
        examples.iter().try_for_each(|example| write!(f, "\n  {example}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(files: &[&[[u8; RECORD_BYTES]]]) -> Tally {
        let dir = tempfile::tempdir().expect("a directory");
        for (number, records) in files.iter().enumerate() {
            let path = dir.path().join(format!("n{number}.{SUFFIX}"));
            fs::write(path, records.concat()).expect("a file");
        }
        judge(dir.path()).expect("it can be read")
    }

    #[test]
    fn a_nonce_that_comes_twice_is_found_in_one_file_and_across_two() {
        let record = |byte: u8| [byte; RECORD_BYTES];
        let clean = tally(&[&[record(1), record(2), record(0), record(0)], &[record(3)]]);
        assert_eq!((clean.files, clean.seals, clean.repeats), (2, 3, 0));
        assert_eq!(tally(&[&[record(1), record(2), record(1)]]).repeats, 1);
        assert_eq!(tally(&[&[record(1)], &[record(2), record(1)]]).repeats, 1);
        let mut other_key = record(1);
        other_key[0] = 9;
        assert_eq!(tally(&[&[record(1), other_key]]).repeats, 0);
    }
}
