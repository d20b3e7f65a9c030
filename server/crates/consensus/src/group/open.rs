//! Opening a group: its log, store and snapshots must fit each other before it takes part in anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use elastickv_engine::SharedEngine;
use elastickv_fsm::PerformError;
use elastickv_log::{Log, LogError};
use elastickv_sys::clock::SharedClock;
use elastickv_sys::files::SharedFiles;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex};
use openraft::async_runtime::WatchReceiver;
use tokio::sync::{Notify, watch};

use super::{GroupHandle, Inner};
use crate::config::GroupConfig;
use crate::keys::{KeyError, NodeKeys};
use crate::log_store::LogStore;
use crate::network::SharedPort;
use crate::peer::Peers;
use crate::quorum::Quorum;
use crate::read_index::ReadIndex;
use crate::replica::{Replica, ReplicaError, Waiting};
use crate::snapshots::{self, Snapshots, SnapshotsError};
use crate::state_machine::StateMachine;
use crate::watchdog;

/// What a group is made of.
#[derive(Debug)]
pub struct GroupParts {
    pub group: GroupId,
    pub me: FullNodeId,
    /// Holds the log and `snapshots/`.
    pub dir: PathBuf,
    pub engine: SharedEngine,
    /// As [`open_log`] opened it.
    pub log: Log,
    pub keys: NodeKeys,
    pub files: SharedFiles,
    pub clock: SharedClock,
    pub random: SharedRandom,
    pub port: SharedPort,
    pub config: GroupConfig,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Store(#[from] PerformError),
    #[error("the node's keys do not fit its store: {0}")]
    Keys(KeyError),
    #[error(transparent)]
    Snapshots(#[from] SnapshotsError),
    #[error("the settings of the group do not fit: {0}")]
    Config(String),
    /// Entries that were acknowledged are gone from the log.
    #[error(
        "the log in {dir} ends at {last_log}, in {file}, although the store has applied {applied}: acknowledged entries are missing from it"
    )]
    LogBehindStore { file: String, dir: String, last_log: String, applied: LogId },
    /// The log no longer holds what the store would need next.
    #[error(
        "the log in {dir} begins at index {first}, and the store has applied {applied}: what lies between is missing; {snapshot}"
    )]
    StoreBehindLog { dir: String, first: LogIndex, applied: String, snapshot: String },
    #[error("the log in {dir} holds another entry at index {index} than the store has applied, {applied}")]
    LogContradictsStore { dir: String, index: LogIndex, applied: LogId },
    #[error("the group does not start: {0}")]
    Raft(String),
}

impl From<ReplicaError> for OpenError {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Store(error) => Self::Store(error),
            ReplicaError::Keys(error) => Self::Keys(error),
        }
    }
}

/// A group whose pieces are open and fit each other, and that takes part in nothing yet.
#[derive(Debug)]
pub struct Prepared {
    group: GroupId,
    me: FullNodeId,
    dir: PathBuf,
    log: Log,
    replica: Arc<Replica>,
    snapshots: Arc<Snapshots>,
    files: SharedFiles,
    port: SharedPort,
    config: GroupConfig,
    raft_config: Arc<openraft::Config>,
}

/// Tells of a group that starts. It applies then what its store lacks of the log, and that may have to wait.
#[derive(Clone, Debug)]
pub struct Starting(Arc<Replica>);

impl Starting {
    pub fn waiting(&self) -> Option<Waiting> {
        self.0.waiting()
    }
}

fn shown(id: Option<LogId>) -> String {
    id.map_or_else(|| "nothing".to_owned(), |id| id.to_string())
}

/// Log, store and snapshot were written together; pieces that can not have been are refused.
fn check_fit(dir: &str, log: &Log, replica: &Replica, snapshots: &Snapshots) -> Result<(), OpenError> {
    let snapshot = snapshots.current().and_then(|file| file.last());
    let applied = replica.applied().last;
    let dir = dir.to_owned();
    // A snapshot that was installed carries the store beyond the log it replaces.
    let carried = applied.max(snapshot);
    let next = carried.map_or(LogIndex::default(), |id| id.index.next());
    if next < log.first_index() {
        let (first, applied, snapshot) = (log.first_index(), shown(applied), snapshots.found());
        return Err(OpenError::StoreBehindLog { dir, first, applied, snapshot });
    }
    let Some(applied) = applied else { return Ok(()) };
    if Some(applied) > log.last_id() && snapshot < Some(applied) {
        let file = log.current_file().map(|path| path.display().to_string()).unwrap_or_default();
        return Err(OpenError::LogBehindStore { file, dir, last_log: shown(log.last_id()), applied });
    }
    match log.id_at(applied.index) {
        Some(held) if held != applied => {
            Err(OpenError::LogContradictsStore { dir, index: applied.index, applied })
        }
        _ => Ok(()),
    }
}

fn log_dir(group_dir: &Path) -> PathBuf {
    group_dir.join("log")
}

/// Opens the log of a group, which knows how far the node had come before anything else of it is used.
pub fn open_log(
    files: &SharedFiles,
    group_dir: &Path,
    group: GroupId,
    config: &GroupConfig,
) -> Result<Log, OpenError> {
    Ok(Log::open(files.clone(), &log_dir(group_dir), group, config.log.clone())?)
}

impl Prepared {
    pub fn open(parts: GroupParts) -> Result<Self, OpenError> {
        let raft_config = parts.config.to_raft().map_err(OpenError::Config)?;
        let (log, log_dir) = (parts.log, log_dir(&parts.dir));
        let replica = Arc::new(Replica::open(parts.group, parts.engine, parts.keys, parts.clock)?);
        let snapshots = Arc::new(Snapshots::open(
            parts.group,
            &snapshots::dir(&parts.dir),
            parts.files.clone(),
            parts.random,
            parts.config.storage_reserve,
        )?);
        check_fit(&log_dir.display().to_string(), &log, &replica, &snapshots)?;
        let GroupParts { group, me, dir, files, port, config, .. } = parts;
        Ok(Self { group, me, dir, log, replica, snapshots, files, port, config, raft_config })
    }

    pub fn starting(&self) -> Starting {
        Starting(self.replica.clone())
    }

    /// The last entry of the log.
    pub fn last_log(&self) -> Option<LogId> {
        self.log.last_id()
    }

    /// Returns once the store has what is known to be committed, and the group runs.
    pub async fn start(self) -> Result<GroupHandle, OpenError> {
        let Self { group, me, dir, log, replica, snapshots, files, port, config, raft_config } = self;
        let quorum = Arc::new(Quorum::new(replica.clock.clone(), &config));
        let log_store = LogStore::new(log.clone());
        let state_machine = StateMachine {
            replica: replica.clone(),
            snapshots: snapshots.clone(),
            durable_end: log_store.durable_end(),
            log: log.clone(),
            rules: config.rules(),
            stopwatch: config.stopwatch.clone(),
        };
        let patience = config.longest_election_timeout();
        let wanted = Arc::new(Notify::new());
        let (shared, asked) = (snapshots.clone(), quorum.clone());
        let peers = Peers {
            group,
            port,
            files: files.clone(),
            snapshots: shared,
            replica: replica.clone(),
            snapshot_wanted: wanted.clone(),
            quorum: asked,
            patience,
        };
        let raft = openraft::Raft::new(me.get(), raft_config, peers, log_store, state_machine)
            .await
            .map_err(|error| OpenError::Raft(error.to_string()))?;
        quorum.watch(raft.metrics());
        let (faults, _) = watch::channel(None);
        let reads = ReadIndex::start(raft.clone(), config.longest_election_timeout());
        watchdog::start(replica.clone(), config.apply_deadline, faults.clone());
        let handle = GroupHandle {
            inner: Arc::new(Inner {
                group,
                me,
                files,
                dir,
                raft,
                log,
                replica,
                snapshots,
                snapshotting: tokio::sync::Mutex::default(),
                changing: tokio::sync::Mutex::default(),
                reads,
                choosing: tokio::sync::RwLock::default(),
                open_markers: Arc::default(),
                config,
                draining: AtomicBool::new(false),
                begins_with: AtomicU64::new(0),
                quorum,
                faults,
            }),
        };
        handle.watch_for_faults();
        handle.snapshot_as_configured();
        handle.snapshot_for_newcomers(wanted);
        handle.finish_changes();
        handle.hand_over_while_waiting_for_a_key();
        Ok(handle)
    }
}

impl GroupHandle {
    /// Says so once the library has stopped: its own error, or the log's, which tells the cause.
    fn watch_for_faults(&self) {
        let mut metrics = self.inner.raft.metrics();
        let (faults, log) = (self.inner.faults.clone(), self.inner.log.clone());
        elastickv_sys::task::spawn(async move {
            loop {
                let stopped = metrics.borrow_watched().running_state.clone().err();
                let fault = match (stopped, log.fault()) {
                    // Told to stop, not stopped by a fault.
                    (Some(openraft::errors::Fatal::Stopped), None) => return,
                    (_, Some(error)) => Some(error.to_string()),
                    (Some(error), None) => Some(error.to_string()),
                    (None, None) => None,
                };
                if fault.is_some() {
                    faults.send_if_modified(|known| {
                        known.is_none() && {
                            *known = fault;
                            true
                        }
                    });
                    return;
                }
                if metrics.changed().await.is_err() {
                    return;
                }
            }
        });
    }
}
