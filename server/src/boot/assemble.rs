//! The object graph of a node.

use std::sync::Arc;

use elastickv_consensus::{GroupConfig, GroupHandle, GroupParts, OpenError};
use elastickv_mvcc::ClearRows;
use elastickv_sys::clock::SystemClock;
use elastickv_sys::files::{Lock, SharedFiles, SystemFiles};
use elastickv_sys::random::SystemRandom;
use elastickv_sys::stages::Stopwatch;
use elastickv_txn::{Coordinator, HybridClock, Limits};
use elastickv_types::{GroupId, StoreId};

use super::{guards, store};
use crate::config::Config;
use crate::exit::Stop;
use crate::identity::Identity;
use crate::metrics::Metrics;
use crate::node::{Node, Switches, watch_quorum};
use crate::peers::{Connections, Peers};
use crate::readiness::Removed;
use crate::space::SpaceWatch;

#[cfg(not(feature = "testing"))]
fn files(_config: &Config) -> std::io::Result<SharedFiles> {
    Ok(SystemFiles::shared())
}

#[cfg(feature = "testing")]
fn files(config: &Config) -> std::io::Result<SharedFiles> {
    use crate::config::FileLayer;
    use elastickv_sys::losing::{LosingFiles, Syncs};
    Ok(match config.file_layer {
        FileLayer::System => SystemFiles::shared(),
        FileLayer::Losing => LosingFiles::over(SystemFiles::shared(), Syncs::Honoured)?,
        FileLayer::LosingIgnoringSync => LosingFiles::over(SystemFiles::shared(), Syncs::Ignored)?,
    })
}

fn group_config(config: &Config, stopwatch: Stopwatch) -> GroupConfig {
    let log = elastickv_log::Options { stopwatch: stopwatch.clone(), ..GroupConfig::default().log };
    GroupConfig {
        log,
        stopwatch,
        heartbeat: config.heartbeat_interval,
        election_timeout: config.election_timeout,
        snapshot_entries: config.snapshot_entries,
        keep_log_entries: config.keep_log_entries,
        storage_reserve: config.storage_reserve,
        ..GroupConfig::default()
    }
}

/// What a group says against being opened, with its way out.
fn refuse(error: OpenError) -> Stop {
    let name = match &error {
        OpenError::Log(_) => "LogUnusable",
        OpenError::Store(_) => "StoreUnusable",
        OpenError::Snapshots(_) => "SnapshotsUnusable",
        OpenError::Config(_) => "Settings",
        OpenError::LogBehindStore { .. } => "LogBehindStore",
        OpenError::StoreBehindLog { .. } => "StoreBehindLog",
        OpenError::LogContradictsStore { .. } => "LogContradictsStore",
        OpenError::Raft(_) => "GroupUnusable",
    };
    let way_out = "remove this member from the cluster, empty its data directory and join under a new name";
    Stop::refused(name, error.to_string(), way_out)
}

/// Builds everything up to a running group. The lock is held as long as it is kept.
pub async fn assemble(config: Config) -> Result<(Arc<Node>, Lock), Stop> {
    let clock = SystemClock::shared();
    let random = SystemRandom::shared();
    let dir = config.data_dir.clone();
    let unreadable = |error: std::io::Error| {
        Stop::refused("DataDirUnusable", format!("{}: {error}", dir.display()), "check the file system")
    };
    let files = files(&config).map_err(unreadable)?;
    let lock = guards::lock(&files, &dir)?;
    let fresh = || StoreId::from_random(random.bytes16());
    let identity = Arc::new(Identity::load(&files, &dir, &config.node_name, fresh)?);
    guards::cluster_fits(&config, &identity)?;
    guards::probe_file_system(&files, &dir)?;
    let group_dir = dir.join("groups").join(GroupId::CONTROL.to_string());
    files.create_dir_all(&group_dir).map_err(unreadable)?;
    let space = SpaceWatch::new(files.clone(), dir.clone(), config.storage_reserve).map_err(unreadable)?;
    let engine = store::open(&config, &files, &clock, &space.shortages, &group_dir)?;
    let peers = Arc::new(Peers {
        me: config.node_name.clone(),
        identity: identity.clone(),
        connections: Arc::new(Connections::default()),
        removed: Removed::default(),
    });
    let metrics = Arc::new(Metrics::new());
    let parts = GroupParts {
        group: GroupId::CONTROL,
        me: config.node_name.full_id(),
        dir: group_dir,
        engine,
        sealer: Arc::new(ClearRows),
        files,
        clock: clock.clone(),
        random: random.clone(),
        port: peers.clone(),
        config: group_config(&config, Stopwatch::new(clock.clone(), metrics.stages())),
    };
    let group = GroupHandle::open(parts).await.map_err(refuse)?.handle;
    space.start(group.clone());
    let switches = Arc::new(Switches::default());
    let quorum = watch_quorum(group.clone(), config.heartbeat_interval);
    let admission = switches.admission(&space);
    let coordinator =
        Coordinator::start(group, HybridClock::new(clock.clone()), Limits::default(), admission);
    let node = Node {
        config,
        identity,
        peers,
        coordinator,
        space,
        metrics,
        started: clock.now(),
        clock,
        random,
        switches,
        quorum,
    };
    Ok((Arc::new(node), lock))
}
