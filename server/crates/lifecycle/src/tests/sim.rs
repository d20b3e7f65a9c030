//! A cluster in memory: one log, a state for each node, faults on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use elastickv_consensus::{Member, Membership, ProposalAnswer, ProposeError};
use elastickv_crypto::{KeyMaterial, WrapContext, WrappingKey};
use elastickv_fsm::{
    Actor, Answer, Command, Control, Decision, Form, GroupState, KeyState, NothingWritten, OperationKind,
    Place, Reason, Record, Rules, decode_command, encode_command, plan,
};
use elastickv_kek::{Kek, KekError, KekProvider, Wrapped};
use elastickv_sys::clock::{Clock, Moment, SharedClock};
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::*;
use futures_util::future::{BoxFuture, ready};
use parking_lot::Mutex;

use crate::capability::{Counted, Disk, Facts, HeldKey, NEEDED, Probe};
use crate::*;

pub const START_MS: u64 = 1_700_000_000_000;

/// Runs with the time of the test's runtime, which stands still until everybody waits.
#[derive(Debug)]
pub struct TestClock(tokio::time::Instant);

impl TestClock {
    pub fn shared() -> SharedClock {
        Arc::new(Self(tokio::time::Instant::now()))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::default().after(self.0.elapsed())
    }

    fn unix_ms(&self) -> u64 {
        START_MS + self.0.elapsed().as_millis() as u64
    }
}

/// A KEK that can be out of reach.
pub struct TestKek {
    key: WrappingKey,
    version: String,
    random: SharedRandom,
    pub out: Arc<AtomicBool>,
}

impl TestKek {
    pub fn open(byte: u8, out: &Arc<AtomicBool>) -> Kek {
        let key = WrappingKey::load(|bytes| {
            bytes.fill(byte);
            Ok::<(), KekError>(())
        });
        let (version, random) = (byte.to_string(), SeededRandom::shared(u64::from(byte)));
        Kek::new(Arc::new(Self { key: key.unwrap(), version, random, out: out.clone() }))
    }

    fn reach(&self) -> Result<(), KekError> {
        match self.out.load(Ordering::SeqCst) {
            true => Err(KekError::Unavailable { provider: "test".into(), reason: "it is out".into() }),
            false => Ok(()),
        }
    }
}

impl KekProvider for TestKek {
    fn label(&self) -> KekLabel {
        KekLabel { provider: "test".into(), key: "kek".into(), version: self.version.clone() }
    }

    fn wrap<'a>(
        &'a self,
        cluster: ClusterId,
        key: &'a KeyMaterial,
    ) -> BoxFuture<'a, Result<Wrapped, KekError>> {
        let wrapped = self.reach().map(|()| Wrapped {
            key: self.key.wrap(cluster, key, |nonce| self.random.fill(nonce)),
            by: self.label(),
        });
        Box::pin(ready(wrapped))
    }

    fn unwrap<'a>(
        &'a self,
        context: WrapContext,
        wrapped: &'a WrappedKey,
    ) -> BoxFuture<'a, Result<KeyMaterial, KekError>> {
        let mismatch = |_| KekError::Mismatch { key: context.key, purpose: context.purpose };
        Box::pin(ready(self.reach().and_then(|()| self.key.unwrap(context, wrapped).map_err(mismatch))))
    }
}

/// What becomes of a proposal that does not simply go through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is applied, and nobody is told; another node leads then.
    AnswerLost,
    /// It never reaches a majority; another node leads then.
    Discarded,
    /// It is of no legal form.
    Misfit,
}

pub struct SimNode {
    pub name: NodeName,
    pub store: StoreId,
    pub state: GroupState,
    pub applied: LogIndex,
    /// It neither answers nor applies.
    pub down: bool,
    /// How often it was asked.
    pub questions: usize,
    /// It answers, and applies nothing.
    pub stuck: bool,
    pub keks: Option<Keks>,
    /// It opens new keys.
    pub opens: bool,
    pub open: BTreeSet<KeyId>,
    pub token: LoadToken,
    pub formats: u32,
    pub skew_ms: i64,
    pub free: u64,
    pub syncs: bool,
    pub epoch: LocalEpoch,
    pub seals: u64,
    pub voter: bool,
    pub first_log: LogIndex,
    pub counted: Option<Counted>,
    pub snapshot: Option<LogIndex>,
}

pub struct Inner {
    pub nodes: Vec<SimNode>,
    log: Vec<(Form, Command)>,
    pub leader: Option<usize>,
    pub faults: VecDeque<(usize, Fault)>,
    proposals: usize,
    pub changing: bool,
    pub admitted: BTreeSet<FullNodeId>,
    /// The groups to which markers were proposed.
    pub markers: Vec<GroupId>,
}

#[derive(Clone)]
pub struct Sim {
    pub inner: Arc<Mutex<Inner>>,
    pub clock: SharedClock,
    pub out: Arc<AtomicBool>,
    pub ops: Vec<Arc<Operations>>,
    /// The checks for which gates were refused.
    pub refused: Arc<Mutex<Vec<Check>>>,
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sim")
    }
}

pub fn cluster_id() -> ClusterId {
    ClusterId::from_bytes([5; 16])
}

pub fn membership_id() -> LogId {
    LogId::new(Term::new(1), LogIndex::new(0))
}

pub fn node_id(place: usize) -> FullNodeId {
    FullNodeId::of_name(&format!("n{}", place + 1))
}

pub fn member(node: &SimNode) -> Member {
    let address = format!("127.0.0.1:{}", 1000 + node.store.as_bytes()[0] as u16).parse().unwrap();
    Member { name: node.name.clone(), address, store_id: node.store }
}

impl Sim {
    /// So many nodes, the first of which leads; the last one is a learner if there are more than three.
    pub fn new(nodes: usize) -> Self {
        let out = Arc::new(AtomicBool::new(false));
        let node = |place: usize| {
            let mut state = GroupState::new(GroupId::CONTROL);
            state.membership = Some(membership_id());
            SimNode {
                name: format!("n{}", place + 1).parse().unwrap(),
                store: StoreId::from_bytes([place as u8 + 1; 16]),
                state,
                applied: LogIndex::new(0),
                down: false,
                questions: 0,
                stuck: false,
                keks: Some(Keks { current: TestKek::open(1, &out), previous: None }),
                opens: true,
                open: BTreeSet::new(),
                token: LoadToken::new(100 + place as u64),
                formats: 1,
                skew_ms: 0,
                free: 100,
                syncs: true,
                epoch: LocalEpoch::ZERO,
                seals: 0,
                voter: place < 3,
                first_log: LogIndex::new(1),
                counted: None,
                snapshot: None,
            }
        };
        let nodes: Vec<_> = (0..nodes).map(node).collect();
        let admitted = nodes.iter().map(|node| node.name.full_id()).collect();
        let inner = Inner {
            nodes,
            log: Vec::new(),
            leader: Some(0),
            faults: VecDeque::new(),
            proposals: 0,
            changing: false,
            admitted,
            markers: Vec::new(),
        };
        let count = inner.nodes.len();
        let mut sim = Self {
            inner: Arc::new(Mutex::new(inner)),
            clock: TestClock::shared(),
            out,
            ops: Vec::new(),
            refused: Arc::default(),
        };
        sim.ops = (0..count).map(|place| sim.operations(place)).collect();
        sim
    }

    /// The operations of a node as it would begin anew.
    pub fn operations(&self, place: usize) -> Arc<Operations> {
        let handle = Arc::new(Handle { sim: self.clone(), me: place });
        Operations::new(Parts {
            cluster: handle.clone(),
            fleet: handle,
            keks: self.inner.lock().nodes[place].keks.clone(),
            clock: self.clock.clone(),
            random: SeededRandom::shared(place as u64 + 1),
            watcher: Arc::new(self.clone()),
        })
    }

    /// Lets every node carry out what there is when it leads.
    pub fn run(&self) {
        for operations in &self.ops {
            elastickv_sys::task::spawn(operations.clone().run());
        }
    }

    pub fn set(&self, place: usize, change: impl FnOnce(&mut SimNode)) {
        change(&mut self.inner.lock().nodes[place]);
        self.catch_up();
    }

    /// The n-th proposal from now on, counted from 0, meets this.
    pub fn fail(&self, after: usize, fault: Fault) {
        let mut inner = self.inner.lock();
        let at = inner.proposals + after;
        inner.faults.push_back((at, fault));
    }

    pub fn proposals(&self) -> usize {
        self.inner.lock().proposals
    }

    pub fn kek_out(&self, out: bool) {
        self.out.store(out, Ordering::SeqCst);
    }

    pub fn control(&self) -> Arc<Control> {
        let inner = self.inner.lock();
        inner.nodes[inner.leader.unwrap_or(0)].state.control.clone().unwrap()
    }

    pub fn state(&self, place: usize) -> GroupState {
        self.inner.lock().nodes[place].state.clone()
    }

    fn catch_up(&self) {
        self.inner.lock().catch_up();
    }

    /// Asks for an operation of whoever leads, as often as its answer is lost, and waits until it is over.
    pub async fn ask(&self, request: Request) -> Result<Record, RequestError> {
        loop {
            let leader = self.inner.lock().leader;
            let Some(leader) = leader else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            match self.ops[leader].begin(request.clone()).await {
                Ok(Begun::Over(_, record)) => return Ok(record),
                Ok(Begun::Running) | Err(RequestError::Away(_)) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub fn request(&self, kind: OperationKind, tail: u8) -> Request {
        let mut id = [tail; 16];
        id[..6].copy_from_slice(&self.clock.unix_ms().to_be_bytes()[2..]);
        (id[6], id[8]) = (0x70, 0x80);
        Request {
            operation: OperationId::from_bytes(id),
            actor: Actor::cut("ops"),
            reason: Reason::cut("because"),
            kind,
            purpose: None,
            limit: None,
            supplied: Supplied::default(),
        }
    }

    pub fn rotation(&self, purpose: Purpose, tail: u8) -> Request {
        Request { purpose: Some(purpose), ..self.request(OperationKind::Rotate, tail) }
    }

    pub async fn done(&self, kind: OperationKind, tail: u8) -> Record {
        let record = self.ask(self.request(kind, tail)).await.unwrap();
        assert!(record.outcome.is_ok(), "{kind}: {:?}", record.outcome);
        record
    }
}

impl Inner {
    fn leader_control(&self) -> Option<&Control> {
        self.nodes[self.leader?].state.control.as_deref()
    }

    fn append(&mut self, command: Command) -> (LogIndex, Answer) {
        let leader = self.leader.unwrap();
        let state = &self.nodes[leader].state;
        let clear = elastickv_fsm::travels_clear(&command);
        let key = self.leader_control().and_then(|control| control.keys.active(Purpose::Raft));
        let form = match (state.raft.cutover, key) {
            (Some(_), Some(key)) if !clear => Form::Sealed(key),
            _ => Form::Clear,
        };
        self.log.push((form, decode_command(encode_command(&command)).unwrap()));
        let index = LogIndex::new(self.log.len() as u64);
        let place = Place { index, form };
        let answer = decided(&self.nodes[leader].state, place, command).answer;
        self.catch_up();
        (index, answer)
    }

    fn catch_up(&mut self) {
        let log = self.log.clone();
        for node in self.nodes.iter_mut().filter(|node| !node.down && !node.stuck) {
            for (place, (form, command)) in log.iter().enumerate().skip(node.applied.get() as usize) {
                let index = LogIndex::new(place as u64 + 1);
                let decision = decided(&node.state, Place { index, form: *form }, command.clone());
                let mut touched = BTreeSet::new();
                decision.actions.iter().for_each(|action| node.state.perform(action, &mut touched));
                node.applied = index;
            }
            if node.opens {
                let control = node.state.control.as_deref().unwrap();
                node.open.extend(control.keys.unretired().map(|(key, _)| key));
            }
        }
    }

    fn standing(&self, me: usize) -> Result<Standing, ProposeError> {
        let leader = self.leader.map(|leader| self.nodes[leader].name.full_id());
        if self.leader != Some(me) || self.nodes[me].down {
            return Err(ProposeError::NotLeader { leader });
        }
        let members: BTreeMap<_, _> =
            self.nodes.iter().map(|node| (node.name.full_id(), member(node))).collect();
        let voters = self.nodes.iter().filter(|node| node.voter).map(|node| node.name.full_id());
        let node = &self.nodes[me];
        Ok(Standing {
            me: node.name.full_id(),
            cluster: cluster_id(),
            control: node.state.control.clone().unwrap(),
            applied: node.applied,
            membership: Membership { voters: vec![voters.collect()], members },
            membership_id: node.state.membership,
            changing: self.changing,
            admitted: self.admitted.clone(),
            groups: vec![GroupStanding {
                group: GroupId::CONTROL,
                cutover: node.state.raft.cutover,
                floor: node.state.raft.floor.clone(),
                membership: node.state.membership,
            }],
        })
    }

    fn propose(&mut self, me: usize, command: Command) -> Result<ProposalAnswer, ProposeError> {
        self.standing(me)?;
        let number = self.proposals;
        self.proposals += 1;
        let fault = self.faults.iter().position(|(at, _)| *at == number);
        let fault = fault.and_then(|place| self.faults.remove(place)).map(|(_, fault)| fault);
        match fault {
            Some(Fault::Misfit) => {
                let answers = Answer::Misfit(elastickv_fsm::Misfit::SealedBeforeCutover);
                Ok(ProposalAnswer { id: LogId::new(Term::new(1), LogIndex::new(0)), answers })
            }
            Some(Fault::Discarded) => {
                self.leader = Some((me + 1) % 3);
                Err(ProposeError::OutcomeUnknown)
            }
            Some(Fault::AnswerLost) => {
                self.append(command);
                self.leader = Some((me + 1) % 3);
                Err(ProposeError::OutcomeUnknown)
            }
            None => {
                let (index, answers) = self.append(command);
                Ok(ProposalAnswer { id: LogId::new(Term::new(1), index), answers })
            }
        }
    }
}

impl Watcher for Sim {
    fn gate_refused(&self, check: Check) {
        self.refused.lock().push(check);
    }
}

/// The ports of one node.
#[derive(Debug)]
struct Handle {
    sim: Sim,
    me: usize,
}

impl Cluster for Handle {
    fn standing(&self) -> BoxFuture<'_, Result<Standing, ProposeError>> {
        Box::pin(ready(self.sim.inner.lock().standing(self.me)))
    }

    fn propose(&self, command: Command) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>> {
        Box::pin(async move {
            // An entry takes a moment, so that others come in between.
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.sim.inner.lock().propose(self.me, command)
        })
    }

    fn propose_to(
        &self,
        group: GroupId,
        command: Command,
    ) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>> {
        self.sim.inner.lock().markers.push(group);
        self.propose(command)
    }
}

impl Fleet for Handle {
    fn ask<'a>(
        &'a self,
        member: &'a Member,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<Facts, Silence>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let keks = {
                let mut inner = self.sim.inner.lock();
                let node = inner.nodes.iter_mut().find(|node| node.name == member.name).unwrap();
                node.questions += 1;
                node.keks.clone()
            };
            let probe = probe(keks.as_ref(), question).await;
            let inner = self.sim.inner.lock();
            let node = inner.nodes.iter().find(|node| node.name == member.name).unwrap();
            match node.down {
                true => Err(Silence("connection refused".into())),
                false => Ok(facts(node, probe, self.sim.clock.unix_ms())),
            }
        })
    }
}

async fn probe(keks: Option<&Keks>, question: &Question) -> Probe {
    let Some(probe) = &question.probe else { return Probe::NotAsked };
    let Some(keks) = keks else { return Probe::NoKek };
    let context = WrapContext { cluster: cluster_id(), key: probe.key, purpose: probe.purpose };
    match keks.unwrap(context, &probe.wrapped.key, probe.commitment).await {
        Ok((_, By::Current)) => Probe::Opened,
        Ok((_, By::Previous)) => Probe::OpenedByPrevious,
        Err(error) if error.is_transient() => Probe::Unavailable(error.to_string()),
        Err(_) => Probe::Mismatch,
    }
}

fn facts(node: &SimNode, probe: Probe, now_ms: u64) -> Facts {
    let control = node.state.control.as_deref().unwrap();
    let keys = control.keys.unretired().map(|(key, row)| HeldKey {
        key,
        purpose: row.purpose,
        open: node.open.contains(&key),
        epoch: if row.state == KeyState::Active { node.epoch } else { LocalEpoch::ZERO },
        seals: if row.state == KeyState::Active { node.seals } else { 0 },
        seal_key: row.state == KeyState::Active,
    });
    Facts {
        name: node.name.clone(),
        store: node.store,
        cluster: Some(cluster_id()),
        build: format!("build-{}", node.formats),
        formats: NEEDED.iter().map(|(name, _)| ((*name).to_owned(), node.formats)).collect(),
        encryption: node.keks.is_some(),
        kek: node.keks.as_ref().map(|keks| keks.current.label()),
        probe,
        applied: node.applied,
        control_index: control.control_index,
        fingerprint: control.fingerprint(),
        load: node.keks.is_some().then_some(node.token),
        keys: keys.collect(),
        unix_ms: now_ms.saturating_add_signed(node.skew_ms),
        disk: Disk { free: node.free, reserve: 10 },
        syncs_directories: node.syncs,
        first_log: node.first_log,
        snapshot: node.snapshot,
        sidecar: control.control_index.is_some(),
        rewrite: None,
        counted: node.counted.clone(),
        older_reads: 0,
        building: None,
        last_sealed: node.state.raft.last_sealed.clone(),
        leftovers: Vec::new(),
    }
}

fn decided(state: &GroupState, place: Place, command: Command) -> Decision {
    plan(state, &NothingWritten, Rules::default(), place, command).unwrap()
}
