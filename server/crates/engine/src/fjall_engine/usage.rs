//! Bytes that a directory takes on the disk.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use elastickv_sys::files::Files;

/// What the system counts blocks in, whatever the file system's own are.
const BLOCK: u64 = 512;

/// Adds up the blocks that are really allocated: fjall makes journals longer than what they hold.
/// Files that vanish meanwhile count nothing.
pub(super) fn bytes_below(files: &dyn Files, dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for name in missing_is(files.list(dir), Vec::new())? {
        let path = dir.join(name);
        let Some(about) = missing_is(std::fs::symlink_metadata(&path).map(Some), None)? else { continue };
        bytes += own_bytes(&about);
        if about.is_dir() {
            bytes += bytes_below(files, &path)?;
        }
    }
    Ok(bytes)
}

fn own_bytes(about: &Metadata) -> u64 {
    about.blocks() * BLOCK
}

fn missing_is<T>(result: io::Result<T>, instead: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(instead),
        result => result,
    }
}
