//! A directory for one test, and the promise that nothing outlives the test.
//!
//! Dropping a [`Scratch`] removes the directory. A test that is itself killed drops nothing, so each
//! scratch directory has a guardian: a small shell process, in a process group of its own, that waits
//! for the end of a pipe the test holds. When the pipe ends, however that came about, the guardian kills
//! every process that has the directory's unique name in its command line (each server does, for its
//! data directory) and removes the directory.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Set to anything, scratch directories are kept for a look at them.
const KEEP: &str = "ELASTICKV_KEEP";

const GUARDIAN: &str = r#"
cat >/dev/null
# One process looks at all of them. It finds itself as well, and is gone by then.
for file in $(grep -alsF -e "$SCRATCH/" /proc/[0-9]*/cmdline); do
    process=${file#/proc/}
    kill -9 "${process%/cmdline}" 2>/dev/null
done
[ -n "$KEEP" ] || rm -rf "$SCRATCH"
"#;

/// A scratch directory, and the guardian that tidies up after it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    guardian: Child,
}

impl Scratch {
    /// Makes one in the system's directory for temporary files.
    pub fn new(label: &str) -> Result<Self> {
        Self::under(&std::env::temp_dir(), label)
    }

    /// Makes one below a directory that the caller has reasons to want, such as a tmpfs.
    pub fn under(parent: &Path, label: &str) -> Result<Self> {
        let made = tempfile::Builder::new().prefix(&format!("elastickv-{label}-")).tempdir_in(parent);
        let path = made.with_context(|| format!("no scratch directory in {}", parent.display()))?.keep();
        let guardian = guard(&path).context("cannot start the guardian of a scratch directory")?;
        Ok(Self { path, guardian })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn guard(path: &Path) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARDIAN])
        .env("SCRATCH", path)
        .env("KEEP", if keep() { "1" } else { "" })
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn keep() -> bool {
    std::env::var_os(KEEP).is_some()
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        if let Err(why) = self.guardian.wait() {
            eprintln!("the guardian of {} is gone: {why}", self.path.display());
        }
        if keep() {
            eprintln!("kept: {}", self.path.display());
        } else if self.path.exists()
            && let Err(why) = fs::remove_dir_all(&self.path)
        {
            eprintln!("{} is left behind: {why}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;
    use crate::wait;

    #[test]
    fn nothing_is_left_of_a_scratch_directory() {
        let scratch = Scratch::new("gone").expect("a directory");
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), b"content").expect("a file");
        let script = "while :; do sleep 0.05; done";
        let name = path.join("named-here");
        let mut child = Command::new("sh").args(["-c", script]).arg(&name).spawn().expect("a child");
        drop(scratch);
        assert!(!path.exists());
        let status = child.wait().expect("its end");
        assert!(!status.success(), "the child was killed, it never ends by itself");
    }

    const PLAYS_VICTIM: &str = "SCRATCH_TEST_PLAYS_VICTIM";

    /// Only the test below starts this one for real: it makes a directory and a process in it, says where,
    /// and waits to be killed.
    #[test]
    fn victim() {
        if std::env::var_os(PLAYS_VICTIM).is_none() {
            return;
        }
        let scratch = Scratch::new("victim").expect("a directory");
        let name = scratch.path().join("named-here");
        let script = "while :; do sleep 0.05; done";
        let mut child = Command::new("sh").args(["-c", script]).arg(name).spawn().expect("a child");
        println!("\nscratch {} {}", scratch.path().display(), child.id());
        child.wait().expect("the guardian kills it");
    }

    #[tokio::test]
    async fn nothing_is_left_when_the_test_itself_is_killed() {
        let mut victim = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "scratch::tests::victim", "--nocapture"])
            .env(PLAYS_VICTIM, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a victim");
        let said = BufReader::new(victim.stdout.take().expect("its words"));
        let line = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("scratch ").map(str::to_owned));
        let line = line.expect("it says where it is");
        let (path, child) = line.split_once(' ').expect("two words");
        victim.kill().expect("killed");
        victim.wait().expect("gone");
        let process = PathBuf::from(format!("/proc/{child}/cmdline"));
        wait::until_true("the guardian to tidy up", wait::PATIENCE, || async {
            let is_gone = fs::read(&process).unwrap_or_default().is_empty();
            is_gone && !Path::new(path).exists()
        })
        .await
        .expect("nothing is left");
    }
}
