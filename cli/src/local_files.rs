//! Files that the operator names on the command line.
//!
//! They are not the server's files: they may be pipes (`<(command)`), have no length before they are
//! read to their end, and pages written for everyone must be readable by everyone. So they are opened
//! here with the system's own calls, not through the server's file layer.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use elastickv_sys::clock::SystemClock;

/// More than this is not taken for a key or a value.
pub const LONGEST_INPUT: u64 = 64 << 20;

const BEFORE_ANOTHER_LOOK: Duration = Duration::from_millis(20);

/// Reads a file, or standard input when the path is `-`.
pub fn read_input(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, LONGEST_INPUT)
}

/// The same of an input that may not be longer than so many bytes.
pub fn read_at_most(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return read_bounded(io::stdin().lock(), longest);
    }
    read_bounded(open(path)?, longest)
}

fn read_bounded(source: impl Read, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {longest} bytes")));
    }
    Ok(bytes)
}

/// Writes a page that was generated.
pub fn write_page(path: &Path, bytes: &[u8]) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a page for everyone to read")]
    let mut file = File::create(path)?;
    file.write_all(bytes)
}

pub fn open(path: &Path) -> io::Result<File> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file, perhaps a pipe")]
    File::open(path)
}

/// Makes a file that is not there yet, for its owner alone: it may hold anything that a cluster does.
pub fn create_new(path: &Path) -> io::Result<File> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

pub fn open_to_append(path: &Path) -> io::Result<File> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    File::options().write(true).open(path)
}

/// Makes a directory, and those above it, where they are not there.
pub fn create_directory(path: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the operator's directory")]
    std::fs::create_dir_all(path)
}

/// Makes a directory, and those above it, for its owner alone where they are not there.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Takes the lock that a file stands for, for as long as what is returned lives. None when somebody else has it all
/// the while.
pub fn lock(path: &Path, patience: Duration) -> io::Result<Option<File>> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let clock = SystemClock::shared();
    let begun = clock.now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if clock.now().since(begun) < patience => {
                std::thread::sleep(BEFORE_ANOTHER_LOOK);
            }
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Puts a small file in another's place, so that there is always a whole one. A link stays one, and leads to the new file.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &std::path::absolute(path)?;
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // One that was left there may be for others to read.
    remove(beside)?;
    let mut file = create_new(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    std::fs::rename(beside, path)?;
    match path.parent() {
        Some(directory) => open(directory)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes a file if it is there.
pub fn remove(path: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a directory with all that is in it.
pub fn remove_directory(path: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the operator's directory")]
    std::fs::remove_dir_all(path)
}

/// A file that a child writes to, from the beginning.
pub fn replace_log(path: &Path) -> io::Result<File> {
    #[expect(clippy::disallowed_methods, reason = "the operator's file")]
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "a test looks at its own files")]

    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_is_replaced_is_whole_its_owners_and_a_link_where_it_was_one() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        let left = dir.path().join("file.new");
        fs::write(&left, "longer than what comes").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();
        replace(&file, b"one").unwrap();
        assert_eq!(
            (fs::read(&file).unwrap().as_slice(), file.metadata().unwrap().mode() & 0o777),
            (&b"one"[..], 0o600)
        );
        symlink(&file, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
