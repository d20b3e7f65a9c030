//! The judge: one test a check, and what holds for all of them.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Member, Membership};
use elastickv_fsm::{Control, OperationKind};
use elastickv_types::*;
use proptest::prelude::*;

use super::sim::{Sim, cluster_id, membership_id};
use crate::capability::{ForBootstrap, ForStorage, NEEDED, Proof, Report, judge};
use crate::*;

const GATES: [Gate; 5] =
    [Gate::Bootstrap, Gate::EnableStorage, Gate::EnableRaft, Gate::Rotate(Purpose::Raft), Gate::Rewrap];

fn member(place: u8) -> Member {
    Member {
        name: format!("n{place}").parse().unwrap(),
        address: format!("10.0.0.{place}:1").parse().unwrap(),
        store_id: StoreId::from_bytes([place; 16]),
    }
}

/// Three voters and a learner, all as they should be, in the state of a bootstrapped cluster.
#[derive(Clone)]
struct Case {
    standing: Standing,
    reports: Vec<Report>,
}

impl Case {
    fn new(control: Arc<Control>) -> Self {
        let members: Vec<_> = (1..=4).map(member).collect();
        let voters = members.iter().take(3).map(Member::id).collect();
        let standing = Standing {
            me: members[0].id(),
            cluster: cluster_id(),
            applied: LogIndex::new(9),
            membership: Membership {
                voters: vec![voters],
                members: members.iter().map(|member| (member.id(), member.clone())).collect(),
            },
            membership_id: Some(membership_id()),
            changing: false,
            admitted: members.iter().map(Member::id).collect(),
            groups: Vec::new(),
            control,
        };
        let reports = members.iter().map(|member| report(member, &standing.control)).collect();
        Self { standing, reports }
    }

    fn facts(&mut self, place: usize) -> &mut Facts {
        self.reports[place].answer.as_mut().unwrap()
    }

    fn judge(&self, gate: Gate) -> Judgement {
        judge(gate, &self.standing, &self.reports, 0)
    }

    /// What is found of a member under a check.
    fn found(&self, gate: Gate, check: Check, place: usize) -> (Verdict, Option<Problem>) {
        let judgement = self.judge(gate);
        let name = &self.reports[place].member.name;
        let mut of = judgement
            .findings
            .iter()
            .filter(|found| found.check == check && found.member.as_ref() == Some(name));
        let found = of.next().unwrap();
        assert!(of.next().is_none(), "{check:?} has one finding a member");
        (found.verdict, found.problem.clone())
    }
}

fn report(member: &Member, control: &Control) -> Report {
    let keys = control.keys.iter().map(|(key, row)| HeldKey {
        key,
        purpose: row.purpose,
        open: true,
        epoch: LocalEpoch::new(3),
        seals: 5,
        seal_key: false,
    });
    let facts = Facts {
        rewrite: None,
        counted: None,
        older_reads: 0,
        building: None,
        last_sealed: Default::default(),
        leftovers: Vec::new(),
        name: member.name.clone(),
        store: member.store_id,
        cluster: Some(cluster_id()),
        build: "abc".into(),
        formats: NEEDED.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect(),
        encryption: true,
        kek: Some(KekLabel { provider: "test".into(), key: "kek".into(), version: "1".into() }),
        probe: Probe::Opened,
        applied: LogIndex::new(9),
        control_index: control.control_index,
        fingerprint: control.fingerprint(),
        load: Some(LoadToken::new(1)),
        keys: keys.collect(),
        unix_ms: 1_000_000,
        disk: Disk { free: 100, reserve: 10 },
        syncs_directories: true,
        first_log: LogIndex::new(1),
        snapshot: None,
        sidecar: true,
    };
    Report { member: member.clone(), asked_ms: 1_000_000, took: Duration::ZERO, answer: Ok(facts) }
}

/// The control state of a cluster that was bootstrapped by the real plan.
fn bootstrapped() -> Arc<Control> {
    static ONCE: std::sync::OnceLock<Arc<Control>> = std::sync::OnceLock::new();
    let made = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let sim = Sim::new(3);
            sim.run();
            sim.done(OperationKind::Bootstrap, 1).await;
            sim.control()
        })
    };
    ONCE.get_or_init(|| std::thread::scope(|scope| scope.spawn(made).join().unwrap())).clone()
}

fn good() -> Case {
    Case::new(bootstrapped())
}

#[test]
fn what_is_as_it_should_be_passes_every_gate() {
    for gate in GATES {
        let judgement = good().judge(gate);
        assert!(judgement.passed() && judgement.warnings().next().is_none(), "{judgement:?}");
        assert_eq!(judgement.findings.len(), 2 + 12 * 4, "a row a check, a column a member");
        assert_eq!(judgement.cohort.len(), 4);
    }
    let judgement = good().judge(Gate::Bootstrap);
    assert!(Proof::<ForBootstrap>::of(&judgement).is_ok());
    assert!(Proof::<ForStorage>::of(&judgement).is_err(), "the proof of another gate");
}

#[test]
fn a_member_that_does_not_answer_blocks_all_but_a_rotation_and_is_asked_nothing_else() {
    let mut case = good();
    case.reports[2].answer = Err(Silence("connection refused".into()));
    for gate in GATES {
        let expected = if gate.wants_everybody() { Verdict::Blocks } else { Verdict::Warns };
        let problem = Some(Problem::NoAnswer("connection refused".into()));
        assert_eq!(case.found(gate, Check::Reachable, 2), (expected, problem));
        assert_eq!(case.found(gate, Check::Kek, 2).0, Verdict::NotAsked);
        assert_eq!(case.judge(gate).cohort.len(), 3);
    }
    assert!(case.judge(Gate::Rotate(Purpose::Storage)).passed());
    assert!(
        !case.judge(Gate::Bootstrap).may_pass_soon(false) && case.judge(Gate::Bootstrap).may_pass_soon(true)
    );
    case.reports[1].answer = Err(Silence("connection refused".into()));
    assert!(!case.judge(Gate::Rotate(Purpose::Storage)).passed(), "no majority answers");
}

#[test]
fn another_node_in_a_members_place_blocks() {
    let mut case = good();
    case.facts(1).name = "n9".parse().unwrap();
    let problem = Problem::WrongNode { found: "n9".parse().unwrap() };
    assert_eq!(case.found(Gate::Bootstrap, Check::Identity, 1), (Verdict::Blocks, Some(problem)));
    let mut case = good();
    case.facts(1).store = StoreId::from_bytes([9; 16]);
    assert_eq!(case.found(Gate::Rotate(Purpose::Raft), Check::Identity, 1).0, Verdict::Blocks);
    let mut case = good();
    case.facts(1).cluster = None;
    assert_eq!(
        case.found(Gate::Bootstrap, Check::Identity, 1),
        (Verdict::Blocks, Some(Problem::WrongCluster))
    );
    assert_eq!(case.judge(Gate::Bootstrap).cohort.len(), 3, "whoever it is, it is registered nowhere");
}

#[test]
fn an_older_build_blocks() {
    let mut case = good();
    case.facts(3).formats.remove("envelopes");
    let problem = Problem::FormatTooOld { build: "abc".into(), format: "envelopes", has: 0, needs: 1 };
    assert_eq!(case.found(Gate::EnableRaft, Check::Formats, 3), (Verdict::Blocks, Some(problem)));
}

#[test]
fn a_member_without_encryption_or_kek_blocks() {
    let mut case = good();
    case.facts(3).encryption = false;
    let found = case.found(Gate::Bootstrap, Check::Encryption, 3);
    assert_eq!(found, (Verdict::Blocks, Some(Problem::EncryptionNotEnabled)));
    assert_eq!(case.found(Gate::Bootstrap, Check::Kek, 3).0, Verdict::NotAsked);
    let mut case = good();
    case.facts(3).kek = None;
    assert_eq!(case.found(Gate::Bootstrap, Check::Encryption, 3), (Verdict::Blocks, Some(Problem::NoKek)));
}

#[test]
fn without_a_kek_the_leader_alone_stands_in_the_way() {
    let mut case = good();
    case.facts(0).encryption = false;
    (0..4).for_each(|place| case.facts(place).probe = Probe::NotAsked);
    let judgement = case.judge(Gate::Bootstrap);
    let blocking: Vec<_> = judgement.blockers().filter_map(|found| found.member.clone()).collect();
    assert_eq!(blocking, [case.reports[0].member.name.clone()]);
    assert!(judgement.cohort.is_empty() && Proof::<ForBootstrap>::of(&judgement).is_err());
}

#[test]
fn only_an_opened_probe_proves_the_kek() {
    let cases = [
        (Probe::Mismatch, Verdict::Blocks),
        (Probe::NotAsked, Verdict::Blocks),
        (Probe::NoKek, Verdict::Blocks),
        (Probe::Unavailable("out".into()), Verdict::Blocks),
        (Probe::OpenedByPrevious, Verdict::Warns),
    ];
    for (probe, expected) in cases {
        for gate in GATES {
            let mut case = good();
            case.facts(2).probe = probe.clone();
            assert_eq!(case.found(gate, Check::Kek, 2).0, expected, "{probe:?}");
        }
    }
}

/// A KEK that is away is away from everybody; that nobody can take part says nothing more.
#[test]
fn a_majority_that_lacks_what_passes_is_waited_for() {
    let mut case = good();
    (0..4).for_each(|place| case.facts(place).probe = Probe::Unavailable("away".into()));
    for gate in GATES {
        assert!(!case.judge(gate).passed() && case.judge(gate).may_pass_soon(false), "{gate:?}");
    }
    case.facts(2).probe = Probe::Mismatch;
    for gate in GATES {
        assert!(!case.judge(gate).may_pass_soon(false), "{gate:?}");
    }
}

#[test]
fn another_state_at_the_same_index_blocks_and_one_that_is_behind_is_waited_for() {
    let mut case = good();
    case.facts(2).fingerprint = elastickv_fsm::Fingerprint::new([0; 32]);
    for gate in GATES {
        assert_eq!(case.found(gate, Check::State, 2).0, Verdict::Blocks);
        assert!(!case.judge(gate).may_pass_soon(false));
    }
    let mut case = good();
    case.facts(2).control_index = None;
    assert_eq!(case.found(Gate::EnableRaft, Check::State, 2).0, Verdict::Blocks);
    assert!(case.judge(Gate::EnableRaft).may_pass_soon(false));
    assert_eq!(case.found(Gate::Rotate(Purpose::Raft), Check::State, 2).0, Verdict::Warns);
    let mut case = good();
    case.facts(2).control_index = Some(LogIndex::new(1000));
    assert_eq!(case.found(Gate::EnableRaft, Check::State, 2), (Verdict::Blocks, Some(Problem::StateAhead)));
}

#[test]
fn cutovers_want_the_active_keys_open_everywhere() {
    let mut case = good();
    case.facts(3).keys.iter_mut().for_each(|held| held.open = false);
    for gate in GATES {
        let expected = if gate.wants_open_keys() { Verdict::Blocks } else { Verdict::Warns };
        assert_eq!(case.found(gate, Check::Keys, 3).0, expected, "{gate:?}");
    }
    assert!(case.judge(Gate::EnableStorage).may_pass_soon(false));
    case.facts(3).keys.clear();
    assert_eq!(case.found(Gate::EnableStorage, Check::Keys, 3).0, Verdict::Blocks, "unknown is not open");
}

#[test]
fn short_ids_are_unique_among_members_and_all_that_ever_were() {
    let mut case = good();
    let id = case.reports[1].member.id();
    let twin = FullNodeId::from_u64(id.get() ^ 1 << 40).unwrap();
    case.standing.admitted.insert(twin);
    let problem = Some(Problem::NodeIdCollision { with: twin });
    for gate in GATES {
        assert_eq!(case.found(gate, Check::ShortId, 1), (Verdict::Blocks, problem.clone()));
    }
}

#[test]
fn no_epochs_left_blocks_all_but_a_rotation_and_few_of_them_warn() {
    let set = |epoch| {
        let mut case = good();
        case.facts(1).keys.iter_mut().for_each(|held| held.epoch = LocalEpoch::new(epoch));
        case
    };
    for gate in GATES {
        let expected = if gate.wants_everybody() { Verdict::Blocks } else { Verdict::Warns };
        assert_eq!(set(0xffff).found(gate, Check::Epochs, 1).0, expected);
        assert_eq!(set(0xff01).found(gate, Check::Epochs, 1).0, Verdict::Warns);
        assert_eq!(set(0xff00).found(gate, Check::Epochs, 1).0, Verdict::Passes);
    }
    assert!(set(0xffff).judge(Gate::Rotate(Purpose::Raft)).passed());
}

#[test]
fn clocks_far_apart_block_and_the_way_of_the_question_does_not_count() {
    let at = |unix_ms, took| {
        let mut case = good();
        case.facts(1).unix_ms = unix_ms;
        case.reports[1].took = Duration::from_millis(took);
        case.found(Gate::EnableRaft, Check::Clock, 1).0
    };
    assert_eq!(at(1_000_400, 0), Verdict::Passes);
    assert_eq!(at(1_000_600, 0), Verdict::Warns);
    assert_eq!(at(999_400, 0), Verdict::Warns);
    assert_eq!(at(1_000_600, 400), Verdict::Passes);
    assert_eq!(at(1_011_000, 0), Verdict::Blocks);
    assert_eq!(at(0, 0), Verdict::Blocks);
}

#[test]
fn a_file_system_or_a_disk_that_does_not_do_blocks() {
    let mut case = good();
    case.facts(1).syncs_directories = false;
    assert_eq!(case.found(Gate::Bootstrap, Check::FileSystem, 1).0, Verdict::Blocks);
    for (free, expected) in [(9, Verdict::Blocks), (19, Verdict::Warns), (20, Verdict::Passes)] {
        let mut case = good();
        case.facts(1).disk.free = free;
        assert_eq!(case.found(Gate::Bootstrap, Check::Disk, 1).0, expected);
    }
}

#[test]
fn a_change_of_members_is_waited_for() {
    let mut case = good();
    case.standing.changing = true;
    for gate in GATES {
        assert!(!case.judge(gate).passed() && case.judge(gate).may_pass_soon(false));
    }
}

/// One thing that is wrong with one member.
fn spoil(case: &mut Case, place: usize, how: u8) {
    let Ok(facts) = &mut case.reports[place].answer else { return };
    match how {
        0 => case.reports[place].answer = Err(Silence("gone".into())),
        1 => facts.store = StoreId::from_bytes([99; 16]),
        2 => facts.formats.clear(),
        3 => facts.encryption = false,
        4 => facts.probe = Probe::Mismatch,
        5 => facts.fingerprint = elastickv_fsm::Fingerprint::new([1; 32]),
        6 => facts.keys.iter_mut().for_each(|held| held.open = false),
        7 => facts.keys.iter_mut().for_each(|held| held.epoch = LocalEpoch::EXHAUSTED),
        8 => facts.unix_ms = 0,
        9 => facts.syncs_directories = false,
        _ => facts.disk.free = 0,
    }
}

proptest! {
    /// Whoever is fine is judged fine whatever is wrong with others, and what is wrong with several blocks at once.
    #[test]
    fn blockers_are_named_for_those_and_only_those_they_are_of(
        wrongs in proptest::collection::vec((0..4usize, 0..11u8), 0..6),
        order in Just([0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let mut case = good();
        wrongs.iter().for_each(|(place, how)| spoil(&mut case, *place, *how));
        let gate = Gate::EnableRaft;
        let judgement = case.judge(gate);
        let wrong = |place: usize| wrongs.iter().any(|(of, _)| *of == place);
        for place in 0..4 {
            let name = &case.reports[place].member.name;
            let blocked = judgement.blockers().any(|found| found.member.as_ref() == Some(name));
            prop_assert_eq!(blocked, wrong(place), "{}: {:?}", name, judgement);
        }
        prop_assert_eq!(judgement.passed(), wrongs.is_empty());
        // The order of the answers is nothing.
        let mut shuffled = case.clone();
        shuffled.reports = order.iter().map(|place| case.reports[*place].clone()).collect();
        prop_assert_eq!(shuffled.judge(gate), judgement);
    }

    /// More that is wrong never takes a blocker away, but for what was not asked any more because of it.
    #[test]
    fn one_more_wrong_never_opens_a_gate(
        wrongs in proptest::collection::vec((0..4usize, 0..11u8), 1..6),
        gate in proptest::sample::select(&GATES[..]),
    ) {
        let mut case = good();
        let mut passed = case.judge(gate).passed();
        for (place, how) in wrongs {
            // A silent member of a rotation tells nothing wrong of itself.
            if how == 0 && !gate.wants_everybody() {
                continue;
            }
            spoil(&mut case, place, how);
            let now = case.judge(gate).passed();
            prop_assert!(passed || !now);
            passed = now;
        }
    }
}
