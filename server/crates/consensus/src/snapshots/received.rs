//! The files of snapshots that came from other members, until it is known whether they are installed.
//!
//! One may not be: because it is not what was announced, because this node has committed more by then, because the
//! sender is no leader any more, or because the call that brought it is given up. Its rows may be in clear, and
//! nothing would find the file again before the next start. So whoever lets go of it last removes it, unless it is
//! the current snapshot by then.
//!
//! The same snapshot may come twice, when the first time was not answered in time, and then both have one file. So
//! who holds a file is counted by its path, and files get their names and go under one lock.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_sys::files::SharedFiles;
use parking_lot::Mutex;

#[derive(Debug)]
pub(super) struct Arrivals {
    files: SharedFiles,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    times: BTreeMap<PathBuf, usize>,
    current: Option<PathBuf>,
}

impl Arrivals {
    pub(super) fn new(files: SharedFiles) -> Arc<Self> {
        Arc::new(Self { files, held: Mutex::default() })
    }

    /// Gives a file its name and holds it under that.
    pub(super) fn hold(
        self: &Arc<Self>,
        path: PathBuf,
        name: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<Arc<Received>> {
        let mut held = self.held.lock();
        name(&path)?;
        *held.times.entry(path.clone()).or_default() += 1;
        drop(held);
        Ok(Arc::new(Received { arrivals: self.clone(), path }))
    }

    /// From now on this is the group's current snapshot, and its file goes when that is replaced.
    pub(super) fn now_current(&self, path: &Path) {
        self.held.lock().current = Some(path.to_owned());
    }

    fn let_go(&self, path: &Path) {
        let mut held = self.held.lock();
        let left = held.times.get(path).map_or(0, |times| times - 1);
        if left > 0 {
            held.times.insert(path.to_owned(), left);
            return;
        }
        held.times.remove(path);
        if held.current.as_deref() != Some(path) {
            self.remove(path);
        }
    }

    fn remove(&self, path: &Path) {
        match self.files.remove(path) {
            Ok(()) => tracing::info!(file = %path.display(), "a received snapshot is not needed"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "a received snapshot stays until the next start");
            }
        }
    }
}

/// Holds one file.
#[derive(Debug)]
pub(super) struct Received {
    arrivals: Arc<Arrivals>,
    path: PathBuf,
}

impl Drop for Received {
    fn drop(&mut self) {
        self.arrivals.let_go(&self.path);
    }
}
