//! Files whose calls fail when a test says so.
//!
//! A test keeps the [`Failures`] and adds rules to it while the files are in use. A rule names a kind of
//! call, a part of the path, how many matching calls to let pass, how many to fail then and with which
//! error of the operating system. A call that fails does nothing. With no kind, no path and no limit a
//! rule is the moment of a crash: from there on nothing happens any more.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::files::{File, Files, Lock, Open, SharedFiles, Space};

/// Numbers of errors, for [`Rule::error`].
pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;

/// The kinds of calls that can be told to fail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call {
    Open,
    Read,
    Write,
    Sync,
    Allocate,
    SetLen,
    Rename,
    Remove,
    SyncDir,
}

#[derive(Clone, Debug)]
pub struct Rule {
    /// `None`: any call.
    pub call: Option<Call>,
    /// Only paths that hold this text.
    pub path_holds: String,
    /// How many matching calls go through first.
    pub pass: u64,
    /// How many fail then; `None`: all.
    pub times: Option<u64>,
    /// The number of the operating system's error.
    pub error: i32,
}

impl Rule {
    pub fn every(call: Call, error: i32) -> Self {
        Self { call: Some(call), path_holds: String::new(), pass: 0, times: None, error }
    }

    pub fn once(call: Call, error: i32) -> Self {
        Self { times: Some(1), ..Self::every(call, error) }
    }

    /// Everything fails after so many calls.
    pub fn crash_after(calls: u64) -> Self {
        Self { call: None, path_holds: String::new(), pass: calls, times: None, error: EIO }
    }

    pub fn on(self, path_holds: &str) -> Self {
        Self { path_holds: path_holds.to_owned(), ..self }
    }

    pub fn after(self, pass: u64) -> Self {
        Self { pass, ..self }
    }

    /// Whether this call fails by this rule; counts it if it matches.
    fn strikes(&mut self, call: Call, path: &Path) -> bool {
        let kind = self.call.is_none_or(|wanted| wanted == call);
        if !kind || !path.to_string_lossy().contains(&self.path_holds) {
            return false;
        }
        if self.pass > 0 {
            self.pass -= 1;
            return false;
        }
        match &mut self.times {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// The rules in force, shared between a test and the files.
#[derive(Clone, Debug, Default)]
pub struct Failures(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    calls: u64,
    struck: u64,
}

impl Failures {
    pub fn add(&self, rule: Rule) {
        self.0.lock().rules.push(rule);
    }

    /// From now on everything works again.
    pub fn clear(&self) {
        self.0.lock().rules.clear();
    }

    /// How many calls were made, failed ones included.
    pub fn calls(&self) -> u64 {
        self.0.lock().calls
    }

    /// How many calls were made to fail.
    pub fn struck(&self) -> u64 {
        self.0.lock().struck
    }

    fn check(&self, call: Call, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.calls += 1;
        let struck = state.rules.iter_mut().find_map(|rule| rule.strikes(call, path).then_some(rule.error));
        match struck {
            None => Ok(()),
            Some(error) => {
                state.struck += 1;
                Err(io::Error::from_raw_os_error(error))
            }
        }
    }
}

#[derive(Debug)]
pub struct FailingFiles {
    inner: SharedFiles,
    failures: Failures,
}

impl FailingFiles {
    pub fn over(inner: SharedFiles) -> (SharedFiles, Failures) {
        let failures = Failures::default();
        (Arc::new(Self { inner, failures: failures.clone() }), failures)
    }
}

impl Files for FailingFiles {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn File>> {
        self.failures.check(Call::Open, path)?;
        let below = self.inner.open(path, how)?;
        Ok(Arc::new(FailingFile { below, path: path.to_owned(), failures: self.failures.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.failures.check(Call::Rename, to)?;
        self.inner.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.failures.check(Call::Remove, path)?;
        self.inner.remove(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.failures.check(Call::Open, path)?;
        self.inner.create_dir_all(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.failures.check(Call::Remove, path)?;
        self.inner.remove_dir_all(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.failures.check(Call::Read, dir)?;
        self.inner.list(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.failures.check(Call::Read, path)?;
        self.inner.exists(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.failures.check(Call::SyncDir, dir)?;
        self.inner.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        self.failures.check(Call::Open, path)?;
        self.inner.lock(path)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}

/// The rules see the path under which the file was opened, also after it was renamed.
#[derive(Debug)]
struct FailingFile {
    below: Arc<dyn File>,
    path: PathBuf,
    failures: Failures,
}

impl File for FailingFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.failures.check(Call::Read, &self.path)?;
        self.below.read_at(bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.failures.check(Call::Write, &self.path)?;
        self.below.write_all_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.below.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.failures.check(Call::SetLen, &self.path)?;
        self.below.set_len(len)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.failures.check(Call::Allocate, &self.path)?;
        self.below.allocate(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.failures.check(Call::Sync, &self.path)?;
        self.below.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::SystemFiles;

    #[test]
    fn a_rule_fails_what_it_names_and_as_often_as_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let (files, failures) = FailingFiles::over(SystemFiles::shared());
        let one = files.open(&dir.path().join("one"), Open::New).unwrap();
        let two = files.open(&dir.path().join("two"), Open::New).unwrap();
        failures.add(Rule::once(Call::Write, ENOSPC).on("one").after(1));
        two.write_all_at(b"x", 0).unwrap();
        one.write_all_at(b"a", 0).unwrap();
        let error = one.write_all_at(b"b", 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        one.sync_data().unwrap();
        assert_eq!(files.read(&dir.path().join("one"), 9).unwrap(), b"a", "a failed call does nothing");
        one.write_all_at(b"c", 0).unwrap();
        assert_eq!(failures.struck(), 1);
    }

    #[test]
    fn after_a_crash_nothing_happens_until_the_rules_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let (files, failures) = FailingFiles::over(SystemFiles::shared());
        failures.add(Rule::crash_after(2));
        let path = dir.path().join("file");
        let file = files.open(&path, Open::New).unwrap();
        file.write_all_at(b"a", 0).unwrap();
        assert!(file.sync_data().is_err());
        assert!(files.rename(&path, &dir.path().join("other")).is_err());
        assert!(files.remove(&path).is_err());
        assert!(files.sync_dir(dir.path()).is_err());
        assert!(file.allocate(10).is_err());
        failures.clear();
        file.sync_data().unwrap();
        assert_eq!(failures.calls(), 8);
        assert_eq!(failures.struck(), 5);
    }
}
