//! Files for their owner's eyes: opened without trust in what their path names, and made whole or not at all.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{CWD, OFlags, RenameFlags};

use crate::random::SystemRandom;

/// What a path turned out to name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    File,
    Directory,
    Pipe,
    Device,
    Socket,
    Other,
}

impl Kind {
    pub(crate) fn of(found: fs::FileType) -> Self {
        match () {
            () if found.is_file() => Kind::File,
            () if found.is_dir() => Kind::Directory,
            () if found.is_fifo() => Kind::Pipe,
            () if found.is_block_device() || found.is_char_device() => Kind::Device,
            () if found.is_socket() => Kind::Socket,
            () => Kind::Other,
        }
    }
}

/// What is known of an open file, whatever happens to its path meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    pub kind: Kind,
    /// The permission bits.
    pub mode: u32,
    pub owner: u32,
    pub len: u64,
}

/// A file that was opened to be judged, and to be read only then.
#[derive(Debug)]
pub struct Unjudged(fs::File);

impl Unjudged {
    /// Opens for reading, and waits for nobody: neither for a pipe's writer nor for a device.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        Ok(Self(OpenOptions::new().read(true).custom_flags(flags).open(path)?))
    }

    pub fn facts(&self) -> io::Result<Facts> {
        let found = self.0.metadata()?;
        let kind = Kind::of(found.file_type());
        Ok(Facts { kind, mode: found.mode() & 0o7777, owner: found.uid(), len: found.len() })
    }

    /// Reads from the beginning until the bytes are filled or the file ends, and says how many that were.
    pub fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(rest, done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

/// The user as whom this process acts on files.
pub fn acting_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whose a file is. It need not be readable.
pub fn owner_of(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.uid())
}

/// Who else may do what with a file that is to be relied on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Others {
    /// It holds a secret.
    Nothing,
    /// It holds none, but what stands in it is believed.
    Read,
    /// The same of whosever it is: it is public, and who names it has chosen whom to believe.
    ReadOfAnybody,
}

const FOR_OTHERS: u32 = 0o077;
/// What root alone may do with a file of its own: its group may read it. So orchestrators hand secrets to a process
/// that is not root.
const FOR_OTHERS_BY_ROOT: u32 = 0o027;
const WRITABLE_BY_OTHERS: u32 = 0o022;
const ROOT: u32 = 0;

/// Reads a whole small file, once it is known that nobody else can have written or, where it is a secret, read it.
/// Links are followed, because orchestrators mount secrets through them, and what is behind them is judged.
pub fn read(path: &Path, others: Others, limit: u64) -> io::Result<Vec<u8>> {
    let file = Unjudged::open(path)?;
    let facts = file.facts()?;
    judge(facts, others, acting_user())
        .map_err(|why| io::Error::new(io::ErrorKind::PermissionDenied, why))?;
    if facts.len > limit {
        let text = format!("it is {} bytes long, more than the {limit} allowed", facts.len);
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut bytes = vec![0; usize::try_from(facts.len).map_err(io::Error::other)?];
    let len = file.read(&mut bytes)?;
    bytes.truncate(len);
    Ok(bytes)
}

fn judge(facts: Facts, others: Others, user: u32) -> Result<(), String> {
    if facts.kind != Kind::File {
        return Err("it is no regular file".to_owned());
    }
    if facts.owner != user && facts.owner != ROOT && others != Others::ReadOfAnybody {
        return Err(format!("it belongs to user {}, and this process is user {user}", facts.owner));
    }
    match others {
        Others::Nothing if facts.owner == ROOT && facts.mode & FOR_OTHERS_BY_ROOT == 0 => Ok(()),
        Others::Nothing if facts.mode & FOR_OTHERS != 0 => {
            Err(format!("its mode is {:04o}; only its owner may use it (chmod 600)", facts.mode))
        }
        Others::Read | Others::ReadOfAnybody if facts.mode & WRITABLE_BY_OTHERS != 0 => {
            Err(format!("its mode is {:04o}; only its owner may write it (chmod go-w)", facts.mode))
        }
        _ => Ok(()),
    }
}

/// Makes a file for its owner alone. It must not exist: nothing is ever replaced, and no file is touched that
/// this call did not make. After a crash it is there with all its bytes or not at all; what may stay behind
/// then is a file of a name that nobody else draws.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_for(path, Others::Nothing, bytes)
}

/// As [`create`], and others may read it where that is allowed.
pub fn create_for(path: &Path, others: Others, bytes: &[u8]) -> io::Result<()> {
    let mode = match others {
        Others::Nothing => 0o600,
        Others::Read | Others::ReadOfAnybody => 0o644,
    };
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let beside = path.with_added_extension(format!("{}.tmp", hex::encode(SystemRandom::shared().bytes16())));
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    let made = write_whole(&file, bytes)
        .and_then(|()| Ok(rustix::fs::renameat_with(CWD, &beside, CWD, path, RenameFlags::NOREPLACE)?));
    if made.is_err() {
        let _ = fs::remove_file(&beside);
    }
    made?;
    fs::File::open(dir)?.sync_all()
}

fn write_whole(file: &fs::File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        // Whatever else is there, under whatever name, is somebody's.
        let others = [dir.path().join("secret.tmp"), dir.path().join("other")];
        others.iter().for_each(|other| fs::write(other, b"another secret").unwrap());
        create(&path, b"one").unwrap();
        assert_eq!(create(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let file = Unjudged::open(&path).unwrap();
        let expected = Facts { kind: Kind::File, mode: 0o600, owner: owner_of(&path).unwrap(), len: 3 };
        assert_eq!(expected.owner, acting_user());
        assert_eq!(file.facts().unwrap(), expected);
        let mut bytes = [0; 5];
        assert_eq!((file.read(&mut bytes).unwrap(), &bytes), (3, b"one\0\0"));
        others.iter().for_each(|other| assert_eq!(fs::read(other).unwrap(), b"another secret"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_others_may_touch_is_not_relied_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("public");
        create_for(&path, Others::Read, b"one").unwrap();
        assert_eq!(read(&path, Others::Read, 3).unwrap(), b"one");
        assert_eq!(read(&path, Others::Read, 2).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let refused = read(&path, Others::Nothing, 3).unwrap_err().to_string();
        assert!(refused.contains("0644"), "{refused}");
        let facts = Facts { kind: Kind::File, mode: 0o664, owner: 7, len: 1 };
        assert!(judge(facts, Others::Read, 7).unwrap_err().contains("go-w"));
        assert!(judge(Facts { mode: 0o600, ..facts }, Others::Read, 8).unwrap_err().contains("user 7"));
        assert!(judge(Facts { mode: 0o600, ..facts }, Others::ReadOfAnybody, 8).is_ok());
        assert!(judge(facts, Others::ReadOfAnybody, 8).unwrap_err().contains("go-w"));
        // As Kubernetes mounts a secret for a process that is not root, by the group of its files.
        for (owner, mode, fits) in [
            (0, 0o600, true),
            (0, 0o440, true),
            (0, 0o640, true),
            (0, 0o660, false),
            (0, 0o644, false),
            (8, 0o600, true),
            (8, 0o640, false),
            (7, 0o600, false),
        ] {
            let secret = judge(Facts { mode, owner, ..facts }, Others::Nothing, 8);
            assert_eq!(secret.is_ok(), fits, "{mode:o} of {owner}: {secret:?}");
        }
        assert!(judge(Facts { kind: Kind::Pipe, ..facts }, Others::Read, 7).is_err());
    }

    #[test]
    fn what_is_no_file_is_told_without_waiting_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(
            CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let kind = |path: &Path| Unjudged::open(path).unwrap().facts().unwrap().kind;
        assert_eq!(kind(&pipe), Kind::Pipe);
        assert_eq!(kind(dir.path()), Kind::Directory);
        assert_eq!(kind(Path::new("/dev/zero")), Kind::Device);
    }
}
