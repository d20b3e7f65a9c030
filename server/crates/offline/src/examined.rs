//! What a stopped node's directory looks like: its sidecar, its store, its log, its room, and whether they are of one time.
//!
//! Store and log are opened as a start opens them, which takes a torn end off the log and replays the store's journal;
//! nothing else is written.

use std::io;
use std::path::Path;

use elastickv_datadir::{IdentityError, StorePiece, log_mark};
use elastickv_keyring::{Exhausted, FilePiece, KeyringError, Others, Piece, Recorded, Start};
use elastickv_sys::files::{SharedFiles, Space};
use elastickv_sys::random::SystemRandom;

use crate::data_dir::DataDir;
use crate::own_state::{OwnState, OwnStateError};
use crate::resync::NoStore;

#[derive(Debug)]
pub struct Examined {
    /// None where there is no sidecar.
    pub sidecar: Result<Option<Recorded>, KeyringError>,
    /// Earlier sidecars that were kept.
    pub asides: Vec<String>,
    pub own: Result<OwnState, OwnStateError>,
    /// Whether a start would find these parts to be of one time. None where a part can not be read, which is told by that.
    pub start: Option<Result<(), KeyringError>>,
    pub space: io::Result<Space>,
}

/// A backup was to become this directory, and has not.
pub fn is_half_restored(files: &SharedFiles, dir: &Path) -> Result<bool, IdentityError> {
    elastickv_datadir::is_restoring(&**files, dir)
}

impl DataDir {
    pub fn examine(&self) -> Examined {
        let file = self.sidecar();
        let (sidecar, own) = (file.load(), OwnState::read(self));
        let start = match (&sidecar, &own) {
            (Ok(sidecar), Ok(own)) => Some(self.may_start(sidecar.clone(), own)),
            _ => None,
        };
        Examined {
            asides: file.asides().unwrap_or_default(),
            sidecar,
            own,
            start,
            space: self.files.space(self.path()),
        }
    }

    /// What a start finds before it writes anything.
    fn may_start(&self, sidecar: Option<Recorded>, own: &OwnState) -> Result<(), KeyringError> {
        let log = FilePiece::at(self.files.clone(), log_mark(&self.control_dir()));
        let store = own.engine.clone().map(StorePiece::of);
        let store: &dyn Piece = store.as_ref().map_or(&NoStore, |store| store);
        let (others, random) = (Others { store, log: &log }, SystemRandom::shared());
        let start = Start { file: self.sidecar(), others, random, exhausted: Exhausted::Refuse };
        start.check(sidecar).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use elastickv_datadir::{Identity, group_dir, state_dir, write_identity};
    use elastickv_engine::{Batch, FjallEngine, FjallOptions, SharedEngine};
    use elastickv_fsm::GroupKeyspaces;
    use elastickv_keyring::{LoadMark, Pieces};
    use elastickv_sys::files::{Files as _, SystemFiles};
    use elastickv_types::{ClusterId, GroupId, LoadToken, StoreId};

    use super::*;
    use crate::Trouble;

    /// The directory of a node that stands still.
    struct Still(tempfile::TempDir);

    impl Still {
        fn new() -> Self {
            let still = Self(tempfile::tempdir().unwrap());
            let mut identity = Identity::new("n1".parse().unwrap(), StoreId::from_bytes([1; 16]));
            identity.cluster = Some((ClusterId::from_bytes([2; 16]), "demo".parse().unwrap()));
            write_identity(&SystemFiles, still.0.path(), &identity).unwrap();
            SystemFiles.create_dir_all(&still.group()).unwrap();
            still
        }

        fn group(&self) -> PathBuf {
            group_dir(self.0.path(), GroupId::CONTROL)
        }

        fn store(&self) -> SharedEngine {
            Arc::new(FjallEngine::open(&state_dir(&self.group()), FjallOptions::default()).unwrap())
        }

        fn examined(&self) -> Examined {
            DataDir::take(SystemFiles::shared(), self.0.path()).unwrap().examine()
        }

        fn trouble(&self) -> Option<Trouble> {
            self.examined().own.unwrap().trouble
        }
    }

    #[test]
    fn a_store_that_holds_nonsense_is_told_from_one_without_keys() {
        let still = Still::new();
        assert!(matches!(still.trouble(), Some(Trouble::Missing { .. })));
        drop(still.store());
        assert!(matches!(still.trouble(), Some(Trouble::NoKeys)));
        let (store, keyspaces) = (still.store(), GroupKeyspaces::new(GroupId::CONTROL));
        store.create_keyspace(keyspaces.meta()).unwrap();
        let mut batch = Batch::default();
        batch.put(keyspaces.meta(), &b"applied"[..], b"nonsense".to_vec());
        store.write(batch).unwrap();
        store.persist().unwrap();
        drop(store);
        assert!(matches!(still.trouble(), Some(Trouble::Unreadable(_))));
    }

    #[test]
    fn parts_of_different_starts_are_found_as_a_start_finds_them() {
        let still = Still::new();
        let mark = |token| LoadMark::Settled { token: LoadToken::new(token) }.into();
        let log = FilePiece::at(SystemFiles::shared(), log_mark(&still.group()));
        StorePiece::of(still.store()).write(mark(7)).unwrap();
        log.write(mark(7)).unwrap();
        assert_eq!(still.examined().start, Some(Ok(())));
        log.write(mark(6)).unwrap();
        let put_back = KeyringError::RolledBack { pieces: Pieces::StoreAndLog };
        assert_eq!(still.examined().start, Some(Err(put_back)));
    }
}
