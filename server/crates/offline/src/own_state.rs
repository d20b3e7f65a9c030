//! What a node's own files say of its keys: its store, or the last snapshot where there is no store.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use elastickv_consensus::{KeyError, StoredGroup, differing_cutovers, key_table};
use elastickv_engine::{EngineError, FjallEngine, FjallOptions, SharedEngine};
use elastickv_fsm::{GroupState, PerformError};
use elastickv_keyring::{KeyTable, KeyringError};
use elastickv_log::LogError;
use elastickv_mvcc::RowError;
use elastickv_types::{GroupId, KeyId, LocalEpoch, LogIndex};

use crate::data_dir::DataDir;
use crate::evidence;

/// What a sidecar is made of, wherever it was learnt.
#[derive(Clone, Debug)]
pub struct Replicated {
    pub table: KeyTable,
    /// Of each group that is cut over.
    pub cutovers: BTreeMap<GroupId, LogIndex>,
}

/// Where it was learnt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    Store,
    Snapshot,
    Leader,
}

/// A data directory with its store, as far as that opens.
#[derive(Debug)]
pub struct OwnState {
    pub(crate) engine: Option<SharedEngine>,
    replicated: Option<(Replicated, Source)>,
    /// Why the store says nothing of keys.
    pub trouble: Option<Trouble>,
    /// The latest epoch of this node under each key that anything in its files was sealed in.
    pub(crate) sealed: BTreeMap<KeyId, LocalEpoch>,
    /// What in the store can not be true of this directory: no start goes on with it.
    pub contradiction: Option<String>,
}

/// Why a store says nothing of keys.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It is whole, and of a node that never had any.
    #[error("it knows of no keys")]
    NoKeys,
    #[error("there is no {}", dir.display())]
    Missing { dir: PathBuf },
    /// The next start sets it aside and builds another.
    #[error(transparent)]
    Unopenable(EngineError),
    /// It opens, and what it holds is not what was written: no start goes on with it.
    #[error(transparent)]
    Unreadable(PerformError),
}

#[derive(Debug, thiserror::Error)]
pub enum OwnStateError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Stored(#[from] PerformError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Row(#[from] RowError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl OwnState {
    /// Opens what there is. A store that is damaged is no error: the next start sets it aside and builds another.
    pub(crate) fn read(dir: &DataDir) -> Result<Self, OwnStateError> {
        let (engine, trouble) = match open_store(dir)? {
            Ok(engine) => (Some(engine), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let Some(engine) = engine else {
            let sealed = evidence::of_log(dir)?;
            return Ok(Self { engine: None, replicated: None, trouble, sealed, contradiction: None });
        };
        let stored = match StoredGroup::read(GroupId::CONTROL, &engine, &dir.files, &dir.control_dir()) {
            Ok(stored) => stored,
            Err(error @ PerformError::Engine(_)) => return Err(error.into()),
            Err(error) => {
                return Ok(Self {
                    engine: Some(engine),
                    replicated: None,
                    trouble: Some(Trouble::Unreadable(error)),
                    sealed: evidence::of_log(dir)?,
                    contradiction: None,
                });
            }
        };
        let of_store = replicated(dir, &stored.applied.state)?.map(|found| (found, Source::Store));
        let of_snapshot = || -> Result<_, KeyError> {
            let found = stored.snapshot.as_ref().map(|state| replicated(dir, state)).transpose()?.flatten();
            Ok(found.map(|found| (found, Source::Snapshot)))
        };
        let replicated = match of_store {
            Some(found) => Some(found),
            None => of_snapshot()?,
        };
        let trouble = replicated.is_none().then_some(Trouble::NoKeys);
        let sealed = evidence::gather(dir, &engine, stored.applied.generation)?;
        let contradiction = contradiction(dir, &stored);
        Ok(Self { engine: Some(engine), replicated, trouble, sealed, contradiction })
    }

    pub fn replicated(&self) -> Option<&(Replicated, Source)> {
        self.replicated.as_ref()
    }
}

fn contradiction(dir: &DataDir, stored: &StoredGroup) -> Option<String> {
    let (name, own) = (&dir.identity().node, dir.identity().store);
    let other = stored.membership.by_name(name).filter(|member| member.store_id != own).map(|member| {
        format!("the membership has {name} with store {}, and this directory is store {own}", member.store_id)
    });
    let snapshot = stored.snapshot.as_ref();
    other.or_else(|| differing_cutovers(&stored.applied.state, snapshot?))
}

/// The store, or why there is none to read.
fn open_store(dir: &DataDir) -> Result<Result<SharedEngine, Trouble>, OwnStateError> {
    let state = elastickv_datadir::state_dir(&dir.control_dir());
    if !dir.files.exists(&state)? {
        return Ok(Err(Trouble::Missing { dir: state }));
    }
    let options = FjallOptions { files: dir.files.clone(), ..FjallOptions::default() };
    match FjallEngine::open(&state, options) {
        Ok(engine) => Ok(Ok(Arc::new(engine))),
        Err(error @ EngineError::Unopenable { .. }) => Ok(Err(Trouble::Unopenable(error))),
        Err(error) => Err(error.into()),
    }
}

fn replicated(dir: &DataDir, state: &GroupState) -> Result<Option<Replicated>, KeyError> {
    let table = key_table(state, dir.cluster(), dir.identity().node.full_id())?;
    let cutovers = state.raft.cutover.map(|at| (GroupId::CONTROL, at));
    Ok(table.map(|table| Replicated { table, cutovers: cutovers.into_iter().collect() }))
}
