//! What a stopped node's directory looks like: its sidecar, its store, its log, its room.
//!
//! Store and log are opened as a start opens them, which takes a torn end off the log and replays the store's journal;
//! nothing else is written.

use std::io;
use std::path::Path;

use elastickv_datadir::IdentityError;
use elastickv_keyring::{KeyringError, Recorded};
use elastickv_sys::files::{SharedFiles, Space};

use crate::data_dir::DataDir;
use crate::own_state::{OwnState, OwnStateError};

#[derive(Debug)]
pub struct Examined {
    /// None where there is no sidecar.
    pub sidecar: Result<Option<Recorded>, KeyringError>,
    /// Earlier sidecars that were kept.
    pub asides: Vec<String>,
    pub own: Result<OwnState, OwnStateError>,
    pub space: io::Result<Space>,
}

/// A backup was to become this directory, and has not.
pub fn is_half_restored(files: &SharedFiles, dir: &Path) -> Result<bool, IdentityError> {
    elastickv_datadir::is_restoring(&**files, dir)
}

impl DataDir {
    pub fn examine(&self) -> Examined {
        let sidecar = self.sidecar();
        Examined {
            asides: sidecar.asides().unwrap_or_default(),
            sidecar: sidecar.load(),
            own: OwnState::read(self),
            space: self.files.space(self.path()),
        }
    }
}
