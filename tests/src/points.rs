//! Orders for a server with the powers of tests: to end at a point of its work, or to wait there.
//!
//! Server and test share a directory for it. The names of the points are the server's.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::wait;

/// Where a server notes what it passed.
const PASSED: &str = "passed";

/// The directory that a test shares with one node.
#[derive(Clone, Debug)]
pub struct Points {
    dir: PathBuf,
}

/// A point that was passed, and what was done there: `passed`, `held`, `killed` or `done`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passing {
    pub point: String,
    pub what: String,
}

impl Points {
    pub(crate) fn below(dir: PathBuf) -> Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(Self { dir })
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// The next process that passes this point for the `nth` time from now on ends there, at once.
    pub fn kill_at(&self, point: &str, nth: usize) -> Result<()> {
        self.order(point, &format!("kill {nth}"))
    }

    /// Whoever passes this point for the `nth` time from now on waits there until it is let go.
    pub fn hold_at(&self, point: &str, nth: usize) -> Result<()> {
        self.order(point, &format!("hold {nth}"))
    }

    /// Has something wrong done, once.
    pub fn order_wrong(&self, what: &str) -> Result<()> {
        self.order(what, "once")
    }

    fn order(&self, name: &str, order: &str) -> Result<()> {
        let (file, beside) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        fs::write(&beside, order)?;
        Ok(fs::rename(&beside, &file)?)
    }

    /// Takes an order back, and lets go whoever waits by it. Says whether there was one.
    pub fn let_go(&self, name: &str) -> Result<bool> {
        match fs::remove_file(self.dir.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// All that was passed so far, in its order.
    pub fn passed(&self) -> Result<Vec<Passing>> {
        let text = match fs::read_to_string(self.dir.join(PASSED)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let passing = |line: &str| {
            let (point, what) = line.split_once(' ').with_context(|| format!("a line is cut: {line:?}"))?;
            Ok(Passing { point: point.to_owned(), what: what.to_owned() })
        };
        text.lines().map(passing).collect()
    }

    /// How often something was done at a point.
    pub fn count(&self, point: &str, what: &str) -> Result<usize> {
        Ok(self.passed()?.iter().filter(|passing| passing.point == point && passing.what == what).count())
    }

    /// Waits until somebody waits at a point for the `times`th time.
    pub async fn held(&self, point: &str, times: usize, limit: Duration) -> Result<()> {
        wait::until(&format!("somebody to wait at {point}"), limit, || async {
            ensure!(self.count(point, "held")? >= times, "nobody does");
            Ok(())
        })
        .await
    }
}
