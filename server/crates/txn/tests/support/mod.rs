//! Groups in one process: real logs, real consensus, stores in memory, clocks that are moved by hand, and lines
//! between the members that are function calls.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_consensus::*;
use elastickv_engine::SharedEngine;
use elastickv_engine::model::ModelEngine;
use elastickv_fsm::{
    ApplyBatch, GroupKeyspaces, Mutation, Mutations, Store, Tables, UnixMillis, read_applied,
};
use elastickv_log::Vote;
use elastickv_mvcc::ClearRows;
use elastickv_sys::clock::{Clock, ManualClock, SystemClock};
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_txn::*;
use elastickv_types::{FullNodeId, GroupId, RequestId, StoreId, Timestamp};
use parking_lot::Mutex;

pub const START_MS: u64 = 1_700_000_000_000;
const LONGEST: Duration = Duration::from_secs(30);

pub fn ms(ms: u64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, PeerError>> + Send + 'a>>;

/// Lines to whoever is there.
#[derive(Debug, Default)]
pub struct Lines(Mutex<BTreeMap<FullNodeId, GroupHandle>>);

impl Lines {
    async fn to<T, F>(&self, member: &Member, call: impl FnOnce(GroupHandle) -> F) -> Result<T, PeerError>
    where
        F: Future<Output = Result<T, InboundError>>,
    {
        let unreachable = |reason: String| PeerError::Unreachable {
            member: member.name.to_string(),
            address: member.address.to_string(),
            reason,
        };
        let group = self.0.lock().get(&member.id()).cloned();
        let group = group.ok_or_else(|| unreachable("it is not there".to_owned()))?;
        call(group).await.map_err(|error| unreachable(error.to_string()))
    }
}

impl PeerPort for Lines {
    fn append<'a>(
        &'a self,
        _: GroupId,
        to: &'a Member,
        call: AppendCall,
        _: Duration,
    ) -> PortFuture<'a, AppendAnswer> {
        Box::pin(self.to(to, move |group| async move { group.handle_append(call).await }))
    }

    fn vote<'a>(
        &'a self,
        _: GroupId,
        to: &'a Member,
        call: VoteCall,
        _: Duration,
    ) -> PortFuture<'a, VoteAnswer> {
        Box::pin(self.to(to, move |group| async move { group.handle_vote(call).await }))
    }

    fn pre_vote<'a>(
        &'a self,
        _: GroupId,
        to: &'a Member,
        call: VoteCall,
        _: Duration,
    ) -> PortFuture<'a, VoteAnswer> {
        Box::pin(self.to(to, move |group| async move { group.handle_pre_vote(call).await }))
    }

    fn take_leadership<'a>(
        &'a self,
        _: GroupId,
        to: &'a Member,
        call: TakeLeadershipCall,
    ) -> PortFuture<'a, Result<(), String>> {
        Box::pin(self.to(to, move |group| async move { group.handle_take_leadership(call).await }))
    }

    fn snapshot<'a>(
        &'a self,
        _: GroupId,
        to: &'a Member,
        _: SnapshotOffer,
        _: ChunkSource,
    ) -> PortFuture<'a, Vote> {
        Box::pin(
            self.to(to, |_| async {
                Err(InboundError::Invalid("these lines carry no snapshots".to_owned()))
            }),
        )
    }
}

pub struct Node {
    pub member: Member,
    pub clock: Arc<ManualClock>,
    pub coordinator: Coordinator,
    engine: SharedEngine,
    dir: tempfile::TempDir,
}

/// How the coordinators of a cluster are run.
#[derive(Clone, Copy)]
pub struct Settings {
    pub retention: Duration,
    pub gc_rate: Option<NonZeroU32>,
    #[cfg(feature = "testing")]
    pub straight_clock: bool,
    pub rules: Rules,
}

impl Default for Settings {
    fn default() -> Self {
        let (retention, gc_rate) = (Duration::from_secs(600), NonZeroU32::new(1_000_000));
        Self {
            retention,
            gc_rate,
            #[cfg(feature = "testing")]
            straight_clock: false,
            rules: Rules::default(),
        }
    }
}

pub struct Cluster {
    pub nodes: Vec<Node>,
    settings: Settings,
    lines: Arc<Lines>,
}

fn member(number: usize) -> Member {
    let name = format!("n{number}");
    let address = format!("127.0.0.1:{}", 1000 + number);
    let store_id = StoreId::from_bytes([number as u8; 16]);
    Member { name: name.parse().unwrap(), address: address.parse().unwrap(), store_id }
}

async fn open(
    member: &Member,
    dir: &tempfile::TempDir,
    engine: SharedEngine,
    lines: &Arc<Lines>,
) -> GroupHandle {
    let config = GroupConfig {
        heartbeat: Duration::from_millis(40),
        election_timeout: Duration::from_millis(400),
        ..GroupConfig::default()
    };
    let files = SystemFiles::shared();
    let log = open_log(&files, dir.path(), GroupId::CONTROL, &config).unwrap();
    let prepared = Prepared::open(GroupParts {
        group: GroupId::CONTROL,
        me: member.id(),
        dir: dir.path().to_owned(),
        engine,
        log,
        keys: NodeKeys::none(),
        files,
        clock: SystemClock::shared(),
        random: SystemRandom::shared(),
        port: lines.clone(),
        config,
    });
    prepared.unwrap().start().await.unwrap()
}

fn coordinator(group: GroupHandle, clock: &Arc<ManualClock>, settings: Settings) -> Coordinator {
    #[cfg(feature = "testing")]
    let clock = match settings.straight_clock {
        true => HybridClock::straight(clock.clone()),
        false => HybridClock::new(clock.clone()),
    };
    #[cfg(not(feature = "testing"))]
    let clock = HybridClock::new(clock.clone());
    Coordinator::start(CoordinatorParts {
        group,
        clock,
        limits: Limits::default(),
        admission: Arc::new(|| Ok(())),
        retention: settings.retention,
        gc_rate: settings.gc_rate,
        lookups: Lookups::start().unwrap(),
        rules: settings.rules,
    })
}

impl Cluster {
    pub async fn one() -> Self {
        Self::start(1, Settings::default()).await
    }

    pub async fn start(size: usize, settings: Settings) -> Self {
        let lines = Arc::new(Lines::default());
        let mut cluster = Self { nodes: Vec::new(), settings, lines: lines.clone() };
        for number in 1..=size {
            let member = member(number);
            let (dir, engine) = (tempfile::tempdir().unwrap(), Arc::new(ModelEngine::default()));
            let group = open(&member, &dir, engine.clone(), &lines).await;
            lines.0.lock().insert(member.id(), group.clone());
            let clock = ManualClock::at_unix_ms(START_MS);
            let coordinator = coordinator(group, &clock, settings);
            cluster.nodes.push(Node { member, clock, coordinator, engine, dir });
        }
        let members = cluster.nodes.iter().map(|node| node.member.clone()).collect();
        cluster.nodes[0].coordinator.group().initialize(members).await.unwrap();
        cluster.leader().await;
        cluster
    }

    /// Returns once one of them leads.
    pub async fn leader(&self) -> &Node {
        let found = async {
            loop {
                let leads = |node: &&Node| node.coordinator.group().is_leader();
                if let Some(node) = self.nodes.iter().find(leads) {
                    return node;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONGEST, found).await.expect("nobody leads")
    }

    pub async fn lead_by(&self, number: usize) {
        let next = &self.nodes[number];
        while !next.coordinator.group().is_leader() {
            let leader = self.leader().await;
            if leader.member.id() != next.member.id() {
                drop(leader.coordinator.group().transfer_to(next.member.id()).await);
            }
        }
    }

    /// Nobody reaches anybody any more.
    pub fn cut_all(&self) {
        self.lines.0.lock().clear();
    }

    pub fn advance(&self, by: Duration) {
        self.nodes.iter().for_each(|node| node.clock.advance(by));
    }

    /// Stops the only node and starts it again at another wall time.
    pub async fn restart_at(&mut self, unix_ms: u64) {
        let node = self.nodes.pop().unwrap();
        let Node { member, coordinator: stopped, engine, dir, .. } = node;
        stopped.group().shutdown().await.unwrap();
        drop(stopped);
        self.lines.0.lock().clear();
        let group = open(&member, &dir, engine.clone(), &self.lines).await;
        self.lines.0.lock().insert(member.id(), group.clone());
        let clock = ManualClock::at_unix_ms(unix_ms);
        let coordinator = coordinator(group, &clock, self.settings);
        self.nodes.push(Node { member, clock, coordinator, engine, dir });
        self.leader().await;
    }

    /// The same, as if all requests that were drawn up to then had been forgotten meanwhile.
    pub async fn restart_forgetting(&mut self, horizon_ms: u64) {
        let node = self.nodes.first().unwrap();
        let engine = node.engine.clone();
        let unix_ms = node.clock.unix_ms();
        node.coordinator.group().shutdown().await.unwrap();
        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        let mut applied = read_applied(&*engine.view().unwrap(), &keyspaces).unwrap();
        applied.state.horizon = Some(UnixMillis::new(horizon_ms));
        let store = Store { keyspaces: &keyspaces, engine: &*engine, sealer: &ClearRows };
        let ready = ApplyBatch::new(store, applied, Tables::default()).finish();
        engine.write(ready.batch).unwrap();
        self.restart_at(unix_ms).await;
    }

    /// The only node's.
    pub fn coordinator(&self) -> &Coordinator {
        &self.nodes[0].coordinator
    }

    pub fn last_index(&self) -> u64 {
        self.coordinator().group().status().last_log.map_or(0, |id| id.index.get())
    }
}

pub fn put(key: &str, value: &str) -> WriteRequest {
    put_until(key, value, 0)
}

pub fn put_until(key: &str, value: &str, expire_at: u64) -> WriteRequest {
    let put = Mutation::Put { key: key.as_bytes(), value: value.as_bytes(), expire_at };
    WriteRequest { mutations: Mutations::of([put]).unwrap(), ..WriteRequest::default() }
}

pub fn delete(key: &str) -> WriteRequest {
    let delete = Mutation::Delete { key: key.as_bytes() };
    WriteRequest { mutations: Mutations::of([delete]).unwrap(), ..WriteRequest::default() }
}

/// An id that tells when it was drawn.
pub fn request_id(number: u8, unix_ms: u64) -> RequestId {
    let [_, _, a, b, c, d, e, f] = unix_ms.to_be_bytes();
    RequestId::from_bytes([a, b, c, d, e, f, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number])
}

pub async fn value_at(coordinator: &Coordinator, key: &str, at: ReadAt) -> Option<String> {
    let read =
        coordinator.get(Bytes::copy_from_slice(key.as_bytes()), at, Consistency::Linearizable).await.unwrap();
    read.found.map(|found| String::from_utf8(found.value.to_vec()).unwrap())
}

pub fn whole(at: ReadAt) -> Scan {
    Scan {
        start: Bytes::new(),
        end: Bytes::new(),
        at,
        way: elastickv_engine::Direction::Forward,
        keys_only: false,
        limit: None,
        token: None,
        resumes: true,
        hold: None,
    }
}
