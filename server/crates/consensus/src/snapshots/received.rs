//! The file of a snapshot that came from another member, until it is known whether it is installed.
//!
//! It may not be: because it is not what was announced, because this node has committed more by then, because the
//! sender is no leader any more, or because the call that brought it is given up. Its rows may be in clear, and
//! nothing would find the file again before the next start. So whoever lets go of it last removes it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use elastickv_sys::files::SharedFiles;

#[derive(Debug)]
pub(super) struct Received {
    files: SharedFiles,
    path: PathBuf,
    kept: AtomicBool,
}

impl Received {
    pub(super) fn file(files: SharedFiles, path: PathBuf) -> Arc<Self> {
        Arc::new(Self { files, path, kept: AtomicBool::new(false) })
    }

    /// It is the group's current snapshot from now on, and goes when that is replaced.
    pub(super) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if *self.kept.get_mut() {
            return;
        }
        match self.files.remove(&self.path) {
            Ok(()) => tracing::info!(file = %self.path.display(), "a received snapshot is not needed"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = %self.path.display(), %error, "a received snapshot stays until the next start");
            }
        }
    }
}
