//! A cluster going from clear entries to sealed ones and through a rotation, in every order of things.
//!
//! What consensus promises is taken for granted: one log, of which a new leader knows all that is committed and any
//! first part of what its predecessor had under way. Everything else is the real thing: entries are judged and
//! decided by [`plan`], and a leader proposes by the state that *it* has applied, which may be old. So every
//! interleaving of writes, cutover, rotation, closing, the key floor, retirement and changes of leaders is walked
//! through, up to a few of each.
//!
//! The controls take one rule away and find the trace that it forbids.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test"
)]

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use bytes::Bytes;
use elastickv_fsm::*;
use elastickv_types::*;
use stateright::{Checker, HasDiscoveries, Model, Property};

const WRITES: usize = 2;
/// Changes of leaders.
const CHANGES: u8 = 1;
const STORAGE: u32 = 10;
const OLD: u32 = 11;
const NEW: u32 = 12;

const NO_FAULT: &str = "no replica faults";
const NOTHING_CLEAR: &str = "nothing of a user's is clear above the cutover";
const ONCE: &str = "what was acknowledged took effect, and nothing twice";
const DONE: &str = "the old key can retire";

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Sealed {
    Clear,
    Under(u32),
}

/// What a driver of the lifecycle proposes, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Step {
    Begin(Kind),
    Bootstrap,
    Marker,
    EndCutover,
    Install,
    Activate,
    Close,
    Floor,
    Retire,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Kind {
    Bootstrap,
    Cutover,
    Rotate,
    Close,
    Retire,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Entry {
    Blank,
    /// `forced` bypassed the rules of proposing.
    Write {
        write: usize,
        ts: u64,
        forced: bool,
        form: Sealed,
    },
    Step(Step, Sealed),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Progress {
    Waiting,
    UnderWay,
    Acknowledged,
    /// A change of leaders left it open.
    Unknown,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    log: Vec<Entry>,
    /// What the leader has appended and is not committed.
    tail: Vec<Entry>,
    /// Where the leader's own first entry stands, and how far it has applied the log.
    first: usize,
    applied: usize,
    /// How far everybody has: whoever leads next may be as far behind.
    everybody: usize,
    writes: [Progress; WRITES],
    changes: u8,
    forced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Propose(usize),
    Force(usize, Sealed),
    Advance,
    Commit,
    Apply,
    CatchUp,
    /// Another node leads. It has applied so much, and goes on with so many of what was under way.
    Lead {
        applied: usize,
        kept: usize,
    },
}

/// The rules; the controls take one away.
#[derive(Clone, Copy, Debug)]
struct Rules {
    /// A leader proposes nothing before it has applied an entry of its own.
    readiness: bool,
    /// A leader that proposed the marker proposes nothing in clear behind it, whatever becomes of it.
    marker: bool,
    /// A key retires once entries under it are refused.
    floor: bool,
}

const ALL: Rules = Rules { readiness: true, marker: true, floor: true };

fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

fn membership() -> LogId {
    LogId::new(Term::new(1), LogIndex::new(1))
}

fn origin(kind: Kind) -> Origin {
    // An id tells when it was drawn, and each kind is asked for once.
    let mut id = [0; 16];
    (id[5], id[6], id[8], id[15]) = (1, 0x70, 0x80, kind as u8);
    Origin {
        operation: OperationId::from_bytes(id),
        actor: Actor::cut("model"),
        reason: Reason::cut(""),
        at: UnixMillis::new(1),
    }
}

fn begin(kind: Kind) -> Command {
    let operation = match kind {
        Kind::Bootstrap => OperationKind::Bootstrap,
        Kind::Cutover => OperationKind::EnableRaft,
        Kind::Rotate => OperationKind::Rotate,
        Kind::Close => OperationKind::Close,
        Kind::Retire => OperationKind::Retire,
    };
    let (since, deadline) = (UnixMillis::new(1), UnixMillis::new(1000));
    let purpose = (kind == Kind::Rotate).then_some(Purpose::Raft);
    let phase = Phase::Begin { kind: operation, purpose, since, deadline, membership: membership() };
    Command::Operation(OperationCommand { origin: origin(kind), phase })
}

fn new_key(raw: u32) -> NewKey {
    let kek = KekLabel { provider: "file".into(), key: "kek".into(), version: "1".into() };
    let wrapped = WrappedKey::new(Bytes::from_static(b"wrapped")).unwrap();
    NewKey {
        id: key(raw),
        wrapping: Wrapping::new(wrapped, kek).unwrap(),
        commitment: Commitment::new([raw as u8; 32]),
        created: UnixMillis::new(1),
        cohort: Cohort::default(),
    }
}

fn step(kind: Kind, last: bool, step: elastickv_fsm::Step) -> Command {
    Command::Step(StepCommand { origin: origin(kind), last, step })
}

fn command(state: &GroupState, wanted: Step) -> Command {
    use elastickv_fsm::Step as Real;
    match wanted {
        Step::Begin(kind) => begin(kind),
        Step::Bootstrap => {
            let (storage, raft) = (new_key(STORAGE), new_key(OLD));
            let bootstrap = Bootstrap { storage, raft, membership: membership() };
            step(Kind::Bootstrap, true, Real::Bootstrap(Box::new(bootstrap)))
        }
        Step::Marker => Command::Group(GroupCommand {
            origin: origin(Kind::Cutover),
            change: GroupChange::EnableRaft { membership: membership() },
        }),
        Step::EndCutover => {
            let ending = Ending::Done { changed: true, first: state.raft.cutover.unwrap_or_default() };
            Command::Operation(OperationCommand { origin: origin(Kind::Cutover), phase: Phase::End(ending) })
        }
        Step::Install => {
            let install = Install { purpose: Purpose::Raft, key: new_key(NEW), replaces: key(OLD) };
            step(Kind::Rotate, false, Real::Install(Box::new(install)))
        }
        Step::Activate => step(Kind::Rotate, true, Real::Activate { key: key(NEW), replaces: key(OLD) }),
        Step::Close => step(Kind::Close, true, Real::Close { key: key(OLD) }),
        Step::Floor => Command::Group(GroupCommand {
            origin: origin(Kind::Close),
            change: GroupChange::RaiseFloor { keys: KeySet::new([key(OLD)].into()).unwrap() },
        }),
        Step::Retire => {
            let closed = match held(state, OLD) {
                Some(KeyState::Closed { at }) => at,
                _ => LogIndex::default(),
            };
            step(Kind::Retire, true, Real::Retire(Retire { key: key(OLD), closed, membership: membership() }))
        }
    }
}

fn held(state: &GroupState, raw: u32) -> Option<KeyState> {
    state.control.as_ref()?.keys.get(key(raw)).map(|row| row.state)
}

/// What comes next for a driver that sees this state.
fn next_step(state: &GroupState, rules: Rules) -> Option<Step> {
    let control = state.control.as_ref()?;
    let running = control.running.as_ref().map(|running| running.kind);
    Some(match (running, state.raft.cutover, held(state, NEW), held(state, OLD)?) {
        (None, None, _, _) => Step::Begin(Kind::Cutover),
        (Some(OperationKind::EnableRaft), None, _, _) => Step::Marker,
        (Some(OperationKind::EnableRaft), Some(_), _, _) => Step::EndCutover,
        (None, Some(_), None, _) => Step::Begin(Kind::Rotate),
        (Some(OperationKind::Rotate), _, None, _) => Step::Install,
        (Some(OperationKind::Rotate), _, Some(KeyState::Installed), _) => Step::Activate,
        (None, _, _, KeyState::Retiring) => Step::Begin(Kind::Close),
        (Some(OperationKind::Close), _, _, KeyState::Retiring) => Step::Close,
        (None, _, _, KeyState::Closed { .. }) if rules.floor && !state.raft.floor.contains_key(&key(OLD)) => {
            Step::Floor
        }
        (None, _, _, KeyState::Closed { .. }) => Step::Begin(Kind::Retire),
        (Some(OperationKind::Retire), _, _, KeyState::Closed { .. }) => Step::Retire,
        _ => return None,
    })
}

fn write_command(write: usize, ts: u64) -> Command {
    let name = format!("k{write}");
    let mutations = [Mutation::Put { key: name.as_bytes(), value: b"v", expire_at: 0 }];
    let request_id = Some(RequestId::from_bytes([write as u8 + 1; 16]));
    let commit_ts = Timestamp::from_u64(ts);
    let write = Write { commit_ts, request_id, reads: None, mutations: Mutations::of(mutations).unwrap() };
    Command::WriteBatch(WriteBatch { bounds: Bounds::default(), writes: Writes::of(&[write]) })
}

/// What became of a log: the state after it, and per write how often it took effect.
#[derive(Clone, Debug)]
struct Outcome {
    state: GroupState,
    /// Of the last entry.
    answer: Answer,
    effects: [u8; WRITES],
    faulty: bool,
}

thread_local! {
    /// Of logs that were looked at before; a test has one set of rules.
    static OUTCOMES: RefCell<HashMap<Vec<Entry>, Rc<Outcome>>> = RefCell::default();
}

fn outcome(log: &[Entry], rules: Rules) -> Rc<Outcome> {
    if let Some(known) = OUTCOMES.with_borrow(|known| known.get(log).cloned()) {
        return known;
    }
    let computed = match log.split_last() {
        None => {
            let state = GroupState { membership: Some(membership()), ..GroupState::new(GroupId::CONTROL) };
            Outcome { state, answer: Answer::Nothing, effects: [0; WRITES], faulty: false }
        }
        Some((last, before)) => {
            let before_it = Outcome::clone(&outcome(before, rules));
            applied(before_it, before.len() as u64, *last, rules)
        }
    };
    let computed = Rc::new(computed);
    OUTCOMES.with_borrow_mut(|known| known.insert(log.to_vec(), computed.clone()));
    computed
}

fn applied(before: Outcome, at: u64, entry: Entry, rules: Rules) -> Outcome {
    let mut after = before;
    after.answer = Answer::Nothing;
    let (command, sealed) = match entry {
        Entry::Blank => return after,
        Entry::Write { write, ts, form, .. } => (write_command(write, ts), form),
        Entry::Step(wanted, form) => (command(&after.state, wanted), form),
    };
    let form = match sealed {
        Sealed::Clear => Form::Clear,
        Sealed::Under(raw) => Form::Sealed(key(raw)),
    };
    let place = Place { index: LogIndex::new(at), form };
    if let Err(misfit) = admit(&after.state.raft, elastickv_fsm::Rules::default(), place) {
        after.answer = Answer::Misfit(misfit);
        return after;
    }
    // It has to be opened now, under a key that every replica still holds.
    if let Sealed::Under(raw) = sealed
        && held(&after.state, raw).is_none_or(KeyState::is_retired)
    {
        after.faulty = true;
        return after;
    }
    let mut state = after.state.clone();
    if !rules.floor && entry == Entry::Step(Step::Retire, sealed) {
        std::sync::Arc::make_mut(&mut state.raft).floor.insert(key(OLD), LogIndex::new(at));
    }
    let decision =
        plan(&state, &NothingBefore::default(), elastickv_fsm::Rules::default(), place, command).unwrap();
    let mut touched = BTreeSet::new();
    for action in &decision.actions {
        after.state.perform(action, &mut touched);
    }
    if let (Entry::Write { write, .. }, Answer::Writes(answers)) = (entry, &decision.answer)
        && answers.iter().all(Result::is_ok)
    {
        after.effects[write] += 1;
    }
    after.answer = decision.answer;
    after
}

/// No write here asks what was before it, and nothing is locked.
#[derive(Default)]
struct NothingBefore(Locks);

impl Facts for NothingBefore {
    fn locks(&self) -> &Locks {
        &self.0
    }

    fn first(&self, _request: &RequestId) -> Option<First> {
        None
    }

    fn newer(&self, _key: &[u8], _than: Timestamp) -> Result<Option<Timestamp>, PerformError> {
        Ok(None)
    }

    fn first_newer(&self, _span: Span<'_>, _than: Timestamp) -> Result<Option<Changed>, PerformError> {
        Ok(None)
    }
}

#[derive(Clone, Debug)]
struct Cluster(Rules);

impl Cluster {
    fn seen_by_leader(&self, world: &World) -> Rc<Outcome> {
        outcome(&world.log[..world.applied], self.0)
    }

    fn is_ready(&self, world: &World) -> bool {
        !self.0.readiness || world.applied > world.first
    }

    /// The form in which the leader proposes.
    fn form(&self, world: &World, command: &Command) -> Sealed {
        let state = &self.seen_by_leader(world).state;
        let own_marker = |entry: &Entry| matches!(entry, Entry::Step(Step::Marker, _));
        let behind_it = self.0.marker && own_and_open(world).any(|entry| own_marker(&entry));
        if travels_clear(command) || (state.raft.cutover.is_none() && !behind_it) {
            return Sealed::Clear;
        }
        let keys = state.control.as_ref().map(|control| &control.keys);
        Sealed::Under(keys.and_then(|keys| keys.active(Purpose::Raft)).unwrap().get())
    }

    fn step_of(&self, world: &World) -> Option<Step> {
        let state = &self.seen_by_leader(world).state;
        let step = next_step(state, self.0)?;
        if own_and_open(world).any(|entry| matches!(entry, Entry::Step(found, _) if found == step)) {
            return None;
        }
        match step {
            // The gate: everybody is beyond the last entry under the key.
            Step::Retire => (world.everybody > last_under_the_old_key(state)).then_some(step),
            _ => Some(step),
        }
    }
}

/// What the leader proposed itself and has not applied yet.
fn own_and_open(world: &World) -> impl Iterator<Item = Entry> {
    let log = world.log.iter().skip(world.applied.max(world.first));
    let tail = world.tail.iter().skip(world.first.saturating_sub(world.log.len()));
    log.chain(tail).copied()
}

fn last_under_the_old_key(state: &GroupState) -> usize {
    state.raft.last_sealed.get(&key(OLD)).map_or(0, |last| last.get() as usize)
}

fn append_write(world: &mut World, write: usize, form: Sealed, forced: bool) {
    let ts = (world.log.len() + world.tail.len()) as u64 + 1;
    world.tail.push(Entry::Write { write, ts, forced, form });
}

/// Tells a proposer what became of what it proposed.
fn answer(world: &mut World, entry: Entry, outcome: &Outcome) {
    let Entry::Write { write, .. } = entry else { return };
    let progress = &mut world.writes[write];
    if *progress == Progress::UnderWay {
        *progress = match &outcome.answer {
            Answer::Writes(answers) if answers.iter().all(Result::is_ok) => Progress::Acknowledged,
            _ => Progress::Waiting,
        };
    }
}

impl Model for Cluster {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        let prelude =
            [Step::Begin(Kind::Bootstrap), Step::Bootstrap].map(|step| Entry::Step(step, Sealed::Clear));
        let log = [&[Entry::Blank], &prelude[..]].concat();
        vec![World {
            applied: log.len(),
            everybody: log.len(),
            log,
            tail: Vec::new(),
            first: 0,
            writes: [Progress::Waiting; WRITES],
            changes: 0,
            forced: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Act>) {
        let waiting = (0..WRITES).filter(|write| world.writes[*write] == Progress::Waiting);
        if self.is_ready(world) {
            // Which of those that wait comes first makes no difference.
            let next = waiting.min().filter(|_| world.tail.len() < 3);
            if let Some(write) = next {
                actions.push(Act::Propose(write));
                if !world.forced {
                    actions.extend([Sealed::Clear, Sealed::Under(OLD)].map(|form| Act::Force(write, form)));
                }
            }
            actions.extend(self.step_of(world).map(|_| Act::Advance));
        }
        if !world.tail.is_empty() {
            actions.push(Act::Commit);
        }
        if world.applied < world.log.len() {
            actions.push(Act::Apply);
        }
        let state = &self.seen_by_leader(world).state;
        let retires = next_step(state, self.0) == Some(Step::Retire);
        if retires && world.everybody <= last_under_the_old_key(state) {
            actions.push(Act::CatchUp);
        }
        if world.changes < CHANGES {
            let changes = (world.everybody..=world.log.len())
                .flat_map(|applied| (0..=world.tail.len()).map(move |kept| Act::Lead { applied, kept }));
            actions.extend(changes);
        }
    }

    fn next_state(&self, before: &World, act: Act) -> Option<World> {
        let mut world = before.clone();
        match act {
            Act::Propose(write) => {
                let form = self.form(&world, &write_command(write, 0));
                world.writes[write] = Progress::UnderWay;
                append_write(&mut world, write, form, false);
            }
            Act::Force(write, form) => {
                (world.forced, world.writes[write]) = (true, Progress::UnderWay);
                append_write(&mut world, write, form, true);
            }
            Act::Advance => {
                let step = self.step_of(&world)?;
                let form = self.form(&world, &command(&self.seen_by_leader(&world).state, step));
                world.tail.push(Entry::Step(step, form));
            }
            Act::Commit => {
                let entry = world.tail.remove(0);
                world.log.push(entry);
            }
            Act::Apply => {
                let (entry, outcome) =
                    (world.log[world.applied], outcome(&world.log[..=world.applied], self.0));
                world.applied += 1;
                answer(&mut world, entry, &outcome);
            }
            Act::CatchUp => {
                world.everybody = last_under_the_old_key(&self.seen_by_leader(&world).state) + 1;
            }
            Act::Lead { applied, kept } => {
                world.tail.truncate(kept);
                // Whoever waits for the old leader's answer does not get it.
                for write in &mut world.writes {
                    if *write == Progress::UnderWay {
                        *write = Progress::Unknown;
                    }
                }
                world.first = world.log.len() + world.tail.len();
                world.tail.push(Entry::Blank);
                world.applied = applied;
                world.changes += 1;
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_FAULT, |cluster: &Cluster, world: &World| {
                !outcome(&world.log, cluster.0).faulty
            }),
            Property::always(NOTHING_CLEAR, |cluster: &Cluster, world: &World| {
                let cutover = outcome(&world.log, cluster.0).state.raft.cutover;
                let clear =
                    |entry: &Entry| matches!(entry, Entry::Write { form: Sealed::Clear, forced: false, .. });
                cutover.is_none_or(|cutover| !world.log[cutover.get() as usize..].iter().any(clear))
            }),
            Property::always(ONCE, |cluster: &Cluster, world: &World| {
                let effects = outcome(&world.log, cluster.0).effects;
                world.writes.iter().zip(effects).all(|(progress, effects)| match progress {
                    Progress::Acknowledged => effects == 1,
                    Progress::Waiting => effects == 0,
                    Progress::UnderWay | Progress::Unknown => effects <= 1,
                })
            }),
            Property::sometimes(DONE, |cluster: &Cluster, world: &World| {
                held(&outcome(&world.log, cluster.0).state, OLD).is_some_and(KeyState::is_retired)
            }),
        ]
    }
}

fn explored(rules: Rules, until: HasDiscoveries) -> impl Checker<Cluster> {
    let checker = Cluster(rules).checker().threads(2).finish_when(until).spawn_bfs().join();
    println!(
        "{rules:?}: {} states, {} of them different",
        checker.state_count(),
        checker.unique_state_count()
    );
    checker
}

#[test]
fn no_order_of_things_leaks_loses_or_faults() {
    explored(ALL, HasDiscoveries::AnyFailures).assert_properties();
}

fn finds(rules: Rules, property: &'static str) {
    let found = explored(rules, HasDiscoveries::AnyOf([property].into()));
    let trace = found.discovery(property).unwrap_or_else(|| panic!("nothing was found against: {property}"));
    println!("against {property:?}: {:?}", trace.into_actions());
}

#[test]
fn without_readiness_a_new_leader_proposes_in_clear_above_the_cutover() {
    finds(Rules { readiness: false, ..ALL }, NOTHING_CLEAR);
}

#[test]
fn a_leader_that_forgets_its_marker_proposes_in_clear_behind_it() {
    finds(Rules { marker: false, ..ALL }, NOTHING_CLEAR);
}

#[test]
fn without_the_floor_a_late_entry_faults_every_replica() {
    finds(Rules { floor: false, ..ALL }, NO_FAULT);
}
