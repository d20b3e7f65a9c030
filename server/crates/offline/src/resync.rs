//! Making a node's sidecar anew.

use std::collections::BTreeMap;

use elastickv_datadir::{StorePiece, log_mark};
use elastickv_keyring::{FilePiece, KeyringError, LoadTrace, Others, Piece, PieceError, Resync, Resynced};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{KeyId, LocalEpoch};

use crate::data_dir::DataDir;
use crate::own_state::{OwnState, OwnStateError, Replicated};

#[derive(Debug, thiserror::Error)]
pub enum ResyncError {
    /// Neither the node's files nor a leader told what keys there are.
    #[error("the node's own state can not be read: {reason}")]
    NothingToGoBy { reason: String },
    #[error(transparent)]
    OwnState(#[from] OwnStateError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

/// A store that is to be built anew, and was told nothing.
pub(crate) struct NoStore;

impl Piece for NoStore {
    fn read(&self) -> Result<Option<LoadTrace>, PieceError> {
        Ok(None)
    }

    fn write(&self, _: LoadTrace) -> Result<(), PieceError> {
        Err("there is no store to tell".into())
    }
}

impl DataDir {
    pub fn own_state(&self) -> Result<OwnState, ResyncError> {
        Ok(OwnState::read(self)?)
    }

    /// Makes the sidecar anew of the node's own state, or of the leader's where that says nothing. Epochs that the
    /// leader has registered count in either case.
    pub fn resync(
        &self,
        own: &OwnState,
        leader: Option<(Replicated, BTreeMap<KeyId, LocalEpoch>)>,
        random: SharedRandom,
    ) -> Result<Resynced, ResyncError> {
        let (of_leader, registered) = leader.unzip();
        let replicated = own.replicated().map(|(found, _)| found.clone()).or(of_leader);
        let Some(Replicated { table, cutovers }) = replicated else {
            let reason = own.trouble.as_ref().map(ToString::to_string).unwrap_or_default();
            return Err(ResyncError::NothingToGoBy { reason });
        };
        let mut used = own.sealed.clone();
        for (key, epoch) in registered.unwrap_or_default() {
            let latest = used.entry(key).or_insert(epoch);
            *latest = epoch.max(*latest);
        }
        let log = FilePiece::at(self.files.clone(), log_mark(&self.control_dir()));
        let store = own.engine.clone().map(StorePiece::of);
        let store: &dyn Piece = store.as_ref().map_or(&NoStore, |store| store);
        let others = Others { store, log: &log };
        let file = self.sidecar();
        file.probe()?;
        Ok(Resync { file, others, random, table, cutovers, used }.run()?)
    }
}
