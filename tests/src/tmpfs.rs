//! Small file systems in memory, and a foreign file that fills one.
//!
//! Mounting takes root, or `sudo` without a password. A mount must not outlive its test, however that ends:
//! as with scratch directories, a small shell process waits for the end of a pipe and unmounts then.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustix::fs::{FallocateFlags, fallocate, statvfs};

const GUARDIAN: &str = r#"
cat >/dev/null
$SUDO umount -l "$DIR" && rmdir "$DIR"
"#;

/// The foreign file.
const FOREIGN: &str = "somebody-elses.file";
const BLOCK: u64 = 4096;
const STEP: u64 = 4 << 20;

/// A mounted file system; dropping it unmounts it, whoever still uses it.
#[derive(Debug)]
pub struct Tmpfs {
    dir: PathBuf,
    guardian: Child,
}

impl Tmpfs {
    /// Mounts one of this many bytes in a directory of its own.
    pub fn mount(label: &str, bytes: u64) -> Result<Self> {
        let made = tempfile::Builder::new().prefix(&format!("elastickv-{label}-")).tempdir()?;
        let dir = made.keep();
        let guardian = guard(&dir).context("cannot start the guardian of a mount")?;
        let tmpfs = Self { dir, guardian };
        let options = format!("size={bytes},mode=0777");
        let mut mount = as_root("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&tmpfs.dir);
        ensure!(mount.status().context("cannot run mount")?.success(), "cannot mount a tmpfs");
        Ok(tmpfs)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Free bytes.
    pub fn free(&self) -> Result<u64> {
        let space = statvfs(&self.dir)?;
        Ok(space.f_bavail * space.f_frsize)
    }

    /// Lets a foreign file take all the room but this much. Taking the rest then is quick: memory has to be
    /// zeroed before anyone gets it.
    pub fn crowd(&self, leave: u64) -> Result<()> {
        let file = File::options().create(true).truncate(false).write(true).open(self.dir.join(FOREIGN))?;
        let (mut taken, mut step) = (file.metadata()?.len(), STEP);
        if let Some(missing) = leave.checked_sub(self.free()?) {
            return Ok(file.set_len(taken.saturating_sub(missing))?);
        }
        // Others take room meanwhile, and what can not be had whole is not had at all.
        while step >= BLOCK {
            let more = self.free()?.saturating_sub(leave).min(step) / BLOCK * BLOCK;
            if more > 0 && fallocate(&file, FallocateFlags::empty(), taken, more).is_ok() {
                taken += more;
            } else {
                step /= 2;
            }
        }
        Ok(())
    }

    /// Lets the foreign file take all the room that is left.
    pub fn fill(&self) -> Result<()> {
        self.crowd(0)
    }

    /// Removes the foreign file.
    pub fn relieve(&self) -> Result<()> {
        Ok(fs::remove_file(self.dir.join(FOREIGN))?)
    }
}

fn as_root(program: &str) -> Command {
    if rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", program]);
    sudo
}

fn guard(dir: &Path) -> std::io::Result<Child> {
    let sudo = if rustix::process::getuid().is_root() { "" } else { "sudo -n" };
    Command::new("sh")
        .args(["-c", GUARDIAN])
        .env("DIR", dir)
        .env("SUDO", sudo)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        if let Err(why) = self.guardian.wait() {
            eprintln!("{} may still be mounted: {why}", self.dir.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_system_takes_nothing_until_it_is_relieved() {
        let tmpfs = Tmpfs::mount("tmpfs", 1 << 20).expect("mounted");
        let (path, dir) = (tmpfs.dir().join("ours"), tmpfs.dir().to_owned());
        tmpfs.crowd(1 << 16).expect("crowded");
        assert_eq!(tmpfs.free().expect("a number"), 1 << 16);
        tmpfs.fill().expect("filled");
        assert_eq!(tmpfs.free().expect("a number"), 0);
        assert!(fs::write(&path, [1; 4096]).is_err());
        tmpfs.crowd(1 << 15).expect("some room again");
        assert_eq!(tmpfs.free().expect("a number"), 1 << 15);
        tmpfs.relieve().expect("relieved");
        fs::write(&path, [1; 4096]).expect("there is room again");
        drop(tmpfs);
        assert!(!dir.exists());
    }
}
