//! Files that are a key, and all those that are taken for none.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use elastickv_sys::private::{Facts, Kind};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

fn open(path: &Path) -> Result<Kek> {
    Kek::open(&KekUri::File(path.to_owned()), random())
}

fn fault(path: &Path) -> FileFault {
    match open(path) {
        Err(KekError::File { fault, .. }) => fault,
        other => panic!("{}: {other:?}", path.display()),
    }
}

#[test]
fn a_key_is_32_bytes_for_its_owner() {
    let scratch = Scratch::new();
    for mode in [0o600, 0o400] {
        let label = open(&scratch.file("kek.bin", &[7; 32], mode)).unwrap().label();
        assert_eq!((&label.provider[..], &label.key[..], label.version.len()), ("file", "kek.bin", 8));
    }
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let scratch = Scratch::new();
    let pipe = scratch.path("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    assert_eq!(fault(&pipe), FileFault::Pipe);
    assert_eq!(fault(scratch.0.path()), FileFault::Directory);
    for device in ["/dev/zero", "/dev/null", "/dev/urandom"] {
        assert_eq!(fault(Path::new(device)), FileFault::Device);
    }
    let socket = scratch.path("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(matches!(open(&socket), Err(KekError::Io { .. })));
}

#[test]
fn a_wrong_length_is_refused_without_reading_more() {
    let scratch = Scratch::new();
    for len in [0, 1, 31, 33, 64] {
        let expected = FileFault::Length { len: len as u64 };
        assert_eq!(fault(&scratch.file("kek", &vec![7; len], 0o600)), expected);
    }
    let huge = scratch.file("huge", b"", 0o600);
    fs::File::options().write(true).open(&huge).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(fault(&huge), FileFault::Length { len: 1 << 40 });
    // Files of the kernel say that they are empty, and are read as far as they go.
    assert!(matches!(open(Path::new("/proc/self/environ")), Err(KekError::File { .. })));
}

#[test]
fn what_others_may_use_is_refused() {
    let scratch = Scratch::new();
    for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o660, 0o666, 0o777, 0o440] {
        assert_eq!(fault(&scratch.file("kek", &[7; 32], mode)), FileFault::Mode { mode });
    }
}

#[test]
fn what_belongs_to_another_is_refused() {
    let facts = Facts { kind: Kind::File, mode: 0o600, owner: 1000, len: 32 };
    assert_eq!(file::judge(facts, 1000, false), Ok(()));
    assert_eq!(file::judge(Facts { owner: 0, ..facts }, 1000, false), Ok(()));
    assert_eq!(file::judge(facts, 1001, false), Err(FileFault::Owner { owner: 1000, expected: 1001 }));
    assert_eq!(file::judge(facts, 0, false), Err(FileFault::Owner { owner: 1000, expected: 0 }));
    // A credential of a unit: root's, and an access list lets one user read it, which shows as a right of the group.
    let credential = Facts { owner: 0, mode: 0o440, ..facts };
    assert_eq!(file::judge(credential, 1000, true), Ok(()));
    assert_eq!(file::judge(credential, 1000, false), Err(FileFault::Mode { mode: 0o440 }));
    for worse in [0o444, 0o460, 0o450, 0o441] {
        let worse = Facts { mode: worse, ..credential };
        assert_eq!(file::judge(worse, 1000, true), Err(FileFault::Mode { mode: worse.mode }));
    }
    let others = Facts { owner: 1000, ..credential };
    assert_eq!(file::judge(others, 1000, true), Err(FileFault::Mode { mode: 0o440 }));
    let scratch = Scratch::new();
    let path = scratch.file("kek", &[7; 32], 0o600);
    // Only root may give a file away.
    if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
        assert!(matches!(fault(&path), FileFault::Owner { owner: 12345, .. }));
    }
}

#[test]
fn links_are_followed_and_what_they_name_is_judged() {
    let scratch = Scratch::new();
    scratch.file("good", &[7; 32], 0o600);
    scratch.file("loose", &[7; 32], 0o644);
    for (name, target) in [("a", "good"), ("b", "loose"), ("c", "/dev/zero"), ("d", "nothing"), ("e", "e")] {
        symlink(target, scratch.path(name)).unwrap();
    }
    assert!(open(&scratch.path("a")).is_ok());
    assert_eq!(fault(&scratch.path("b")), FileFault::Mode { mode: 0o644 });
    assert_eq!(fault(&scratch.path("c")), FileFault::Device);
    for name in ["d", "e"] {
        assert!(matches!(open(&scratch.path(name)), Err(KekError::Io { .. })), "{name}");
    }
}

#[test]
fn a_key_of_zeroes_is_none() {
    assert_eq!(fault(&Scratch::new().file("kek", &[0; 32], 0o600)), FileFault::Zero);
}

#[test]
fn what_is_missing_does_not_pass_by_itself() {
    let missing = open(&Scratch::new().path("kek")).unwrap_err();
    assert!(
        matches!(missing, KekError::Io { kind: std::io::ErrorKind::NotFound, .. }) && !missing.is_transient()
    );
}

#[test]
fn a_made_key_opens_and_is_never_replaced() {
    let scratch = Scratch::new();
    let path = scratch.path("kek.bin");
    file::generate(&path, &*random()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let (first, bytes) = (open(&path).unwrap().label(), fs::read(&path).unwrap());
    let again = file::generate(&path, &*SeededRandom::shared(8)).unwrap_err();
    assert!(matches!(again, KekError::Io { kind: std::io::ErrorKind::AlreadyExists, .. }), "{again}");
    assert_eq!((open(&path).unwrap().label(), fs::read(&path).unwrap()), (first, bytes));
    assert_eq!(fs::read_dir(scratch.0.path()).unwrap().count(), 1);
}
