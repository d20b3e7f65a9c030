//! Random bytes that are planted in a cluster, and the search for them in everything it has written.
//!
//! The search is the one that operators have: `elastickv-admin scan leak`.

use std::fmt;
use std::ops::Deref;
use std::path::Path;

use anyhow::Result;
use elastickv_offline::leak::{self, Canaries};
use elastickv_offline::{Pace, Strides};

pub const BYTES: usize = 32;
/// Enough to start a search with.
const EXAMPLES: usize = 5;

pub type Canary = [u8; BYTES];

/// Canaries, ready to be looked for.
#[derive(Debug)]
pub struct Search(leak::Search);

/// What a search came upon.
#[derive(Clone, Debug, Default)]
pub struct Found(leak::Found);

impl Search {
    pub fn of(canaries: &[Canary]) -> Result<Self> {
        Ok(Self(leak::Search::new(&Canaries::numbered(canaries)?)?))
    }

    /// Looks into every file below a directory.
    pub fn below(&self, dir: &Path) -> Result<Found> {
        Ok(Found(self.0.below(dir, Pace::unbounded(), &Strides::default())?))
    }
}

impl Deref for Found {
    type Target = leak::Found;

    fn deref(&self) -> &leak::Found {
        &self.0
    }
}

impl Found {
    /// How many of the canaries were found at least once.
    pub fn canaries(&self) -> usize {
        self.0.canaries.len()
    }

    pub fn per_cent(&self) -> f64 {
        100.0 * self.canaries() as f64 / self.sought.max(1) as f64
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leak::Found { files, bytes, sought, .. } = &self.0;
        write!(f, "{} of {sought} canaries in {bytes} bytes of {files} files", self.canaries())?;
        self.findings.iter().take(EXAMPLES).try_for_each(|finding| {
            let leak::Finding { file, offset, canary, spelling } = finding;
            write!(f, "\n  number {canary}, {spelling}, at byte {offset} of {}", file.display())
        })
    }
}
