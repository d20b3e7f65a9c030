//! The object graph of a node.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use elastickv_consensus::{GroupConfig, GroupHandle, GroupParts, NodeKeys, Prepared, Waiting, open_log};
use elastickv_engine::SharedEngine;
use elastickv_lifecycle::{Local, Verifier};
use elastickv_log::Log;
use elastickv_sys::clock::{SharedClock, SystemClock};
use elastickv_sys::files::{Lock, SharedFiles, SystemFiles};
use elastickv_sys::random::{SharedRandom, SystemRandom};
use elastickv_sys::stages::Stopwatch;
use elastickv_txn::{Coordinator, CoordinatorParts, HybridClock, Limits, Lookups, Rules, watch_for_skew};
use elastickv_types::{FullNodeId, GroupId, StoreId};

use super::keys::{Begun, Directory};
use super::{guards, refusal, store};
use crate::config::Config;
#[cfg(feature = "testing")]
use crate::config::Without;
use crate::exit::Stop;
use crate::identity::Identity;
use crate::keys::{HeldKeys, Keks, Keys};
use crate::metrics::Metrics;
use crate::node::{Node, Switches, watch_quorum};
use crate::peers::{Connections, Peers};
use crate::readiness::{Predecessor, Removed};
use crate::rpc::starting;
use crate::slow::SlowLog;
use crate::space::SpaceWatch;
use crate::stage::Stage;

/// How often a start that found no room tries again.
const ROOM_PAUSE: Duration = Duration::from_secs(1);
/// How often a group that starts is asked what it waits for.
const LOOK: Duration = Duration::from_millis(50);

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

#[cfg(not(feature = "testing"))]
fn clock(_config: &Config) -> SharedClock {
    SystemClock::shared()
}

#[cfg(feature = "testing")]
fn clock(config: &Config) -> SharedClock {
    use elastickv_sys::moved_clock::MovedClock;
    let clock = SystemClock::shared();
    match &config.wall_offset_file {
        Some(file) => MovedClock::over(clock, file),
        None => clock,
    }
}

#[cfg(not(feature = "testing"))]
fn hybrid(_config: &Config, clock: &SharedClock) -> HybridClock {
    HybridClock::new(clock.clone())
}

#[cfg(feature = "testing")]
fn hybrid(config: &Config, clock: &SharedClock) -> HybridClock {
    match config.without {
        Some(Without::Ceiling) => HybridClock::straight(clock.clone()),
        _ => HybridClock::new(clock.clone()),
    }
}

#[cfg(not(feature = "testing"))]
fn rules(_config: &Config) -> Rules {
    Rules::default()
}

#[cfg(feature = "testing")]
fn rules(config: &Config) -> Rules {
    match config.without {
        Some(Without::FreshReads) => Rules::without_fresh_reads(),
        _ => Rules::default(),
    }
}

#[cfg(not(feature = "testing"))]
fn rewriter(
    _config: &Config,
    group: &GroupHandle,
    clock: &SharedClock,
    metrics: &Arc<Metrics>,
) -> Arc<Local> {
    Arc::new(Local::new(group.clone(), clock.clone(), metrics.clone()))
}

#[cfg(feature = "testing")]
fn rewriter(config: &Config, group: &GroupHandle, clock: &SharedClock, metrics: &Arc<Metrics>) -> Arc<Local> {
    let local = Local::new(group.clone(), clock.clone(), metrics.clone());
    Arc::new(match config.without {
        Some(Without::Erase) => local.without_erasing(),
        _ => local,
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
        snapshot_bytes: config.snapshot_log_size,
        keep_log_entries: config.keep_log_entries,
        storage_reserve: config.storage_reserve,
        #[cfg(feature = "testing")]
        without: missing_rule(config),
        #[cfg(feature = "testing")]
        without_readiness: config.without == Some(Without::Readiness),
        ..GroupConfig::default()
    }
}

/// Without a ceiling stamps go where the wall clock goes, so they are not held to rise either.
#[cfg(feature = "testing")]
fn missing_rule(config: &Config) -> Option<elastickv_fsm::Rule> {
    use elastickv_fsm::Rule;
    match config.without? {
        Without::ReadValidation => Some(Rule::ReadSets),
        Without::Sessions => Some(Rule::Sessions),
        Without::Ceiling => Some(Rule::Timestamps),
        Without::StrictlyAbove => Some(Rule::StrictlyAbove),
        Without::KeyFloor => Some(Rule::KeyFloor),
        Without::Locks => Some(Rule::Locks),
        Without::FreshReads
        | Without::Readiness
        | Without::FirstSnapshot
        | Without::SnapshotForNewcomers
        | Without::FreshNonces
        | Without::FreshSalts
        | Without::Erase
        | Without::Roles => None,
    }
}

/// The data directory as this process holds it.
#[derive(Debug)]
pub struct Claim {
    files: SharedFiles,
}

/// Held until the process has ended, and by nobody shorter: the log's thread and others write as long as they
/// live, and the node that takes the lock next must find nobody writing.
static HELD: OnceLock<Lock> = OnceLock::new();

/// Makes the data directory this process's own.
pub fn claim(config: &Config) -> Result<Claim, Stop> {
    #[cfg(feature = "testing")]
    follow_orders(config)?;
    let files = files(config).map_err(|error| unreadable(&config.data_dir, &error))?;
    let lock = guards::lock(&files, &config.data_dir)?;
    HELD.get_or_init(|| lock);
    Ok(Claim { files })
}

#[cfg(feature = "testing")]
fn follow_orders(config: &Config) -> Result<(), Stop> {
    let Some(dir) = &config.points_dir else { return Ok(()) };
    elastickv_sys::points::follow(dir).map_err(|error| unreadable(dir, &error))
}

fn unreadable(dir: &Path, error: &std::io::Error) -> Stop {
    Stop::refused("DataDirUnusable", format!("{}: {error}", dir.display()), "check the file system")
}

/// What the pieces of a group are opened with.
struct Pieces<'a> {
    config: &'a Config,
    files: &'a SharedFiles,
    clock: &'a SharedClock,
    random: &'a SharedRandom,
    space: &'a SpaceWatch,
    peers: &'a Arc<Peers>,
    metrics: &'a Metrics,
    identity: &'a Arc<Identity>,
    keks: Option<&'a Keks>,
    stage: &'a Stage,
}

/// A group that is ready to start, and the keys it starts with.
#[derive(Debug)]
struct Opened {
    group: Prepared,
    begun: Option<Begun>,
}

impl Pieces<'_> {
    /// Opens the store, begins this load of the node's keys unless it has begun, and opens log and snapshots.
    /// Nothing is left open where one of them does not open.
    async fn open(&self, known: &mut Option<Option<Begun>>) -> Result<Opened, Stop> {
        let group_dir = elastickv_datadir::group_dir(&self.config.data_dir, GroupId::CONTROL);
        let engine = elastickv_sys::task::in_place(|| self.open_store(&group_dir))?;
        let log = elastickv_sys::task::in_place(|| self.open_log(&group_dir))?;
        let begun = match known {
            Some(begun) => begun.clone(),
            None => {
                let begun = self.directory(&group_dir, &engine, &log).start().await?;
                known.insert(begun).clone()
            }
        };
        let held = begun.as_ref().map(|begun| &begun.held);
        let group = elastickv_sys::task::in_place(|| self.prepare(group_dir, engine, log, held))?;
        Ok(Opened { group, begun })
    }

    fn open_store(&self, group_dir: &Path) -> Result<SharedEngine, Stop> {
        let dir = &self.config.data_dir;
        guards::probe_file_system(self.files, dir)?;
        self.files.create_dir_all(group_dir).map_err(|error| unreadable(dir, &error))?;
        store::open(self.config, self.files, self.clock, &self.space.shortages, group_dir)
    }

    fn open_log(&self, group_dir: &Path) -> Result<Log, Stop> {
        let opened = open_log(self.files, group_dir, GroupId::CONTROL, &self.group_config());
        opened.map_err(|error| refusal::group(&error))
    }

    fn group_config(&self) -> GroupConfig {
        group_config(self.config, Stopwatch::new(self.clock.clone(), self.metrics.stages()))
    }

    fn directory<'a>(&'a self, group_dir: &'a Path, engine: &'a SharedEngine, log: &'a Log) -> Directory<'a> {
        let Pieces { config, files, random, identity, peers, keks, stage, .. } = *self;
        Directory { config, files, random, identity, peers, keks, group_dir, engine, log, stage }
    }

    fn prepare(
        &self,
        dir: PathBuf,
        engine: SharedEngine,
        log: Log,
        keys: Option<&HeldKeys>,
    ) -> Result<Prepared, Stop> {
        let me = self.config.node_name.full_id();
        Prepared::open(GroupParts {
            group: GroupId::CONTROL,
            me,
            dir,
            engine,
            log,
            keys: self.node_keys(me, keys),
            files: self.files.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            port: self.peers.clone(),
            config: self.group_config(),
        })
        .map_err(|error| refusal::group(&error))
    }

    fn node_keys(&self, me: FullNodeId, keys: Option<&HeldKeys>) -> NodeKeys {
        let Some(keys) = keys else { return NodeKeys::none() };
        let identity = self.identity.clone();
        NodeKeys::held(keys.store.clone(), me, Arc::new(move || identity.cluster().map(|cluster| cluster.id)))
    }

    /// Opens them once there is room.
    async fn open_with_room(&self, stage: &Stage) -> Result<Opened, Stop> {
        let mut known = None;
        loop {
            match self.open(&mut known).await {
                Err(stop) if stop.name == refusal::NO_ROOM => stage.set_waiting(Some(Waiting::Room)),
                other => return other,
            }
            tokio::time::sleep(ROOM_PAUSE).await;
        }
    }
}

/// Runs the group. It applies first what its store lacks of the log, and waits for room if it has to.
async fn start(prepared: Prepared, stage: &Stage) -> Result<GroupHandle, Stop> {
    let starting = prepared.starting();
    let started = prepared.start();
    tokio::pin!(started);
    loop {
        tokio::select! {
            group = &mut started => {
                stage.set_waiting(None);
                return group.map_err(|error| refusal::group(&error));
            }
            () = tokio::time::sleep(LOOK) => stage.set_waiting(starting.waiting()),
        }
    }
}

/// Has nonces written down and wrapping keys kept away, as a test asks for. The files are those of the test, whatever
/// happens to the node's.
#[cfg(feature = "testing")]
fn watched(config: &Config, keks: Option<Keks>) -> Result<Option<Keks>, Stop> {
    let files = SystemFiles::shared();
    match config.without {
        Some(Without::FreshNonces) => elastickv_keyring::repeat_nonces(),
        Some(Without::FreshSalts) => elastickv_keyring::repeat_salts(),
        _ => {}
    }
    if let Some(file) = &config.nonces_file {
        elastickv_keyring::record_nonces(&files, file).map_err(|error| unreadable(file, &error))?;
    }
    Ok(keks.map(|keks| match &config.kek_fault_file {
        Some(switch) => keks.failing_by(&files, switch),
        None => keks,
    }))
}

/// Builds everything up to a running group.
pub async fn assemble(config: Config, claim: Claim, stage: Arc<Stage>) -> Result<Arc<Node>, Stop> {
    let clock = clock(&config);
    let random = SystemRandom::shared();
    let (dir, files) = (config.data_dir.clone(), claim.files);
    let fresh = || StoreId::from_random(random.bytes16());
    let identity = Arc::new(Identity::load(&files, &dir, &config.node_name, fresh)?);
    guards::cluster_fits(&config, &identity)?;
    config.encryption.check().map_err(|error| refusal::inconsistent(&error))?;
    let metrics = Arc::new(Metrics::new());
    let keks = Keks::load(&config.encryption, &random, &clock, &metrics)
        .map_err(|(uri, error)| refusal::kek(&uri, &error))?;
    #[cfg(feature = "testing")]
    let keks = watched(&config, keks)?;
    stage.set_identity(&identity, config.encryption.enabled);
    let space = SpaceWatch::new(files.clone(), dir.clone(), config.storage_reserve)
        .map_err(|error| unreadable(&dir, &error))?;
    let peers = Arc::new(Peers {
        me: config.node_name.clone(),
        identity: identity.clone(),
        connections: Arc::new(Connections::new(config.election_timeout, stage.guard.live())),
        removed: Removed::default(),
        predecessor: Predecessor::default(),
    });
    let pieces = Pieces {
        config: &config,
        files: &files,
        clock: &clock,
        random: &random,
        space: &space,
        peers: &peers,
        metrics: &metrics,
        identity: &identity,
        keks: keks.as_ref(),
        stage: &stage,
    };
    let Opened { group, begun } = pieces.open_with_room(&stage).await?;
    if let Some(begun) = &begun {
        let Begun { held, members, control } = begun.clone();
        stage.set_begun(starting::Begun { token: held.store.load_token(), control, members });
    }
    let keys = begun.map(|begun| Keys::tend(begun.held, peers.clone(), begun.members));
    if let Some(keys) = &keys {
        keys.writers.register_first(group.last_log()).await?;
    }
    let group = start(group, &stage).await?;
    if let Some(keys) = &keys {
        keys.writers.start(group.clone());
    }
    space.start(group.clone());
    let switches = Arc::new(Switches::default());
    let quorum = watch_quorum(group.clone(), config.heartbeat_interval);
    let admission = switches.admission(&space);
    let hybrid = hybrid(&config, &clock);
    watch_for_skew(hybrid.clone());
    let rewriter = rewriter(&config, &group, &clock, &metrics);
    let verifier = Verifier::new(group.clone(), clock.clone());
    let coordinator = Coordinator::start(CoordinatorParts {
        group,
        clock: hybrid,
        limits: Limits::default(),
        admission,
        retention: config.gc_retention,
        gc_rate: config.gc_rate,
        lookups: Lookups::start().map_err(|error| refusal::threads(&error))?,
        rules: rules(&config),
    });
    let node = Arc::new(Node {
        config,
        identity,
        peers,
        keys,
        coordinator,
        rewriter,
        verifier,
        space,
        metrics,
        slow: SlowLog::default(),
        guard: stage.guard.clone(),
        started: clock.now(),
        clock,
        random,
        switches,
        quorum,
    });
    node.begin_as_told();
    Ok(node)
}
