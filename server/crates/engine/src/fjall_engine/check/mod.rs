//! Looks at a store's files before fjall does.
//!
//! fjall is trusting when it opens a database. It does not compare a tree's list of tables with the
//! checksum it has of it, it deletes directories that its own list of names does not mention, it
//! takes any damage in a journal for the end of it, and a batch's sequence number is under no
//! checksum at all. So before it gets to see a directory, everything it would believe is compared
//! here with what must hold:
//!
//! - every tree's list of tables is what was written, and its tables open;
//! - the journals hold batches without a gap, numbered by their seals, up to some last one;
//! - the tables hold no batch behind that last one, and all before the first.
//!
//! Then what the store holds is all batches up to a certain one, in all keyspaces alike. That one may
//! be earlier than the last that was written: whatever was not persisted may be gone.
//!
//! The blocks of the tables are not read here: each carries a checksum that is compared when it is.

mod journal;
mod tree;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use elastickv_sys::files::{Files, Open};

use super::failure::Place;
use super::options::FjallOptions;
use super::seal;
use crate::Result;
use journal::Scan;
use tree::Tree;

pub(super) use tree::{KEYSPACES, TABLES};

/// Says of a database that it was completely made.
const MARKER: &str = "version";
pub(super) const LOCK: &str = "lock";
const JOURNAL_ENDING: &str = ".jnl";
/// fjall's list of the other keyspaces' names.
const NAMES: u64 = 0;

/// What a directory holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// All batches up to this one.
    pub(super) last: u64,
    /// Those up to this one in tables too.
    pub(super) flushed: u64,
}

/// Leaves the directory as fjall should find it. Batches behind `up_to` are taken for not written.
pub(super) fn inspect(dir: &Path, place: &Place, options: &FjallOptions, up_to: u64) -> Result<Found> {
    let files = &*options.files;
    let system = |error: io::Error| place.opening("looking at its files", error.into());
    if !files.exists(dir).map_err(system)? {
        return Ok(Found::default());
    }
    if !files.exists(&dir.join(MARKER)).map_err(system)? {
        remove_unfinished(files, dir, place)?;
        return Ok(Found::default());
    }
    let trees = tree::read_all(dir, place, options)?;
    let journals = journals(files, dir).map_err(system)?;
    if journals.is_empty() {
        return Err(place.unopenable("it has no journal"));
    }
    let scan = journal::scan_all(files, &journals, up_to, place)?;
    let found = agree(&trees, &scan, place)?;
    journal::cut_all(files, &scan, place)?;
    Ok(found)
}

/// The journals in the order in which they were written.
pub(super) fn journals(files: &dyn Files, dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut numbered = BTreeMap::new();
    for name in files.list(dir)? {
        if let Some(number) = name.strip_suffix(JOURNAL_ENDING) {
            let number: u64 =
                number.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, name.clone()))?;
            numbered.insert(number, dir.join(name));
        }
    }
    Ok(numbered.into_values().collect())
}

/// Whether tables and journals together hold all batches up to the last, and which that is.
fn agree(trees: &[Tree], scan: &Scan, place: &Place) -> Result<Found> {
    let seals = trees.iter().find(|tree| tree.name == seal::KEYSPACE);
    let flushed = seals.and_then(|tree| tree.seal).unwrap_or_default().number;
    let (Some(first), Some(last)) = (&scan.first, &scan.last) else {
        let end = seals.and_then(|tree| tree.highest);
        let newer = trees.iter().find(|tree| tree.highest > end);
        return none_newer(newer, "what all tables hold", place).map(|()| Found { last: flushed, flushed });
    };
    if first.number > flushed + 1 {
        let (file, first) = (scan.file_of(first), first.number);
        return Err(
            place.unopenable(format!("tables hold batches up to {flushed}, {file} begins with {first}"))
        );
    }
    let fits = |highest: u64| highest < last.floor || highest == last.sequence;
    let newer = trees.iter().find(|tree| !tree.highest.is_none_or(fits));
    let what = format!("batch {}, the last whole one in {}", last.number, scan.file_of(last));
    none_newer(newer, &what, place).map(|()| Found { last: last.number, flushed })
}

fn none_newer(newer: Option<&Tree>, what: &str, place: &Place) -> Result<()> {
    match newer {
        None => Ok(()),
        Some(tree) => {
            Err(place.unopenable(format!("the tables in {KEYSPACES}/{} are newer than {what}", tree.id)))
        }
    }
}

/// Removes what is left of a database that was being made when the process or the machine stopped,
/// which fjall itself can not open. Anything else without a marker is left alone and refused.
fn remove_unfinished(files: &dyn Files, dir: &Path, place: &Place) -> Result<()> {
    let system = |error: io::Error| place.opening("looking at its files", error.into());
    let first_journal = format!("0{JOURNAL_ENDING}");
    for name in files.list(dir).map_err(system)? {
        let empty = match name.as_str() {
            LOCK => true,
            KEYSPACES => files.list(&dir.join(KEYSPACES)).map_err(system)?.is_empty(),
            name if name == first_journal => is_blank(files, &dir.join(name)).map_err(system)?,
            _ => false,
        };
        if !empty {
            return Err(place.unopenable(format!("it has no file named {MARKER}, but {name}")));
        }
    }
    let journal = dir.join(first_journal);
    if files.exists(&journal).map_err(system)? {
        files.remove(&journal).map_err(system)?;
    }
    Ok(())
}

fn is_blank(files: &dyn Files, path: &Path) -> io::Result<bool> {
    let file = files.open(path, Open::Read)?;
    let mut start = [0; 64];
    let length = usize::try_from(file.len()?).unwrap_or(usize::MAX).min(start.len());
    if let Some(start) = start.get_mut(..length) {
        file.read_exact_at(start, 0)?;
    }
    Ok(start.iter().all(|byte| *byte == 0))
}
