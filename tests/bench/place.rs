//! Where the data of a measured cluster lies.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use elastickv_tests::workspace;
use serde::Serialize;

const TMPFS_MAGIC: i64 = 0x0102_1994;

/// Which kind of place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// The file system that the build lies on; a sync reaches a device.
    Disk,
    /// Memory; the same calls, and a sync costs next to nothing.
    Tmpfs,
}

impl Medium {
    pub fn name(self) -> &'static str {
        match self {
            Medium::Disk => "disk",
            Medium::Tmpfs => "tmpfs",
        }
    }
}

/// A directory on that medium.
#[derive(Clone, Debug)]
pub struct Place {
    pub medium: Medium,
    pub path: PathBuf,
}

impl Place {
    pub fn on(medium: Medium) -> Result<Self> {
        let path = match medium {
            Medium::Disk => workspace::target_dir().join("bench"),
            Medium::Tmpfs => PathBuf::from("/dev/shm"),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        let system =
            rustix::fs::statfs(&path).with_context(|| format!("no file system at {}", path.display()))?;
        let is_tmpfs = system.f_type == TMPFS_MAGIC;
        if is_tmpfs != (medium == Medium::Tmpfs) {
            bail!("{} is not on {}", path.display(), medium.name());
        }
        Ok(Self { medium, path })
    }
}
