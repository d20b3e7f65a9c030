//! Which table is damaged.
//!
//! Each block of a table carries a checksum, but a block that does not match it does not tell whose it is,
//! and a table that was put in another's place has nothing but blocks that match. The list of tables has a
//! checksum of each table as a whole.

use std::io;
use std::path::Path;

use elastickv_sys::files::{Files, Open};
use lsm_tree::{AbstractTree, AnyTree};
use xxhash_rust::xxh3::Xxh3Default;

const BUFFER: usize = 1 << 20;
/// A table up to this length is always compared: so are all of those that do not hold rows.
const ALWAYS: u64 = 1 << 20;

/// Compares tables with what was written, as long as `budget` lasts, and describes the first that differs.
pub(super) fn first_damaged(
    files: &dyn Files,
    tree: &AnyTree,
    budget: &mut u64,
) -> io::Result<Option<String>> {
    for table in tree.current_version().iter_tables() {
        let path = table.path.as_path();
        let length = files.open(path, Open::Read)?.len()?;
        if length > ALWAYS && length > *budget {
            continue;
        }
        *budget = budget.saturating_sub(length);
        if checksum(files, path)? != table.checksum().into_u128() {
            let shown = path.display();
            return Ok(Some(format!(
                "{shown}, bytes 0 to {length}, does not have the checksum it was written with"
            )));
        }
    }
    Ok(None)
}

fn checksum(files: &dyn Files, path: &Path) -> io::Result<u128> {
    let file = files.open(path, Open::Read)?;
    let (length, mut at) = (file.len()?, 0);
    let mut buffer = vec![0; usize::try_from(length).unwrap_or(BUFFER).min(BUFFER)];
    let mut hasher = Xxh3Default::new();
    while at < length {
        let most = usize::try_from(length - at).unwrap_or(BUFFER).min(buffer.len());
        let (part, _) = buffer.split_at_mut(most);
        file.read_exact_at(part, at)?;
        hasher.update(part);
        at += most as u64;
    }
    Ok(hasher.digest128())
}
