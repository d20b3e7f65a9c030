//! Each operation from its request to its record.

use std::time::Duration;

use elastickv_fsm::{KeyState, OperationKind, Rejection, Stage};
use elastickv_types::{FullNodeId, KeyId, LocalEpoch, Purpose};

use super::sim::{Sim, node_id};
use crate::*;

#[tokio::test(start_paused = true)]
async fn bootstrap_brings_both_keys_with_everybody_as_writer() {
    let sim = Sim::new(4);
    sim.run();
    let record = sim.done(OperationKind::Bootstrap, 1).await;
    assert!(record.outcome.is_ok_and(|done| done.changed));
    let control = sim.control();
    assert!(matches!(control.stage, Stage::Bootstrapped { .. }));
    for purpose in Purpose::ALL {
        let key = control.keys.active(purpose).unwrap();
        for place in 0..4 {
            let row = control.writers.of(key, node_id(place)).unwrap();
            assert_eq!((row.epoch, row.token.get()), (LocalEpoch::ZERO, 100 + place as u64));
        }
    }
    assert!((0..4).all(|place| sim.state(place) == sim.state(0)));
}

#[tokio::test(start_paused = true)]
async fn sealing_storage_bootstraps_on_the_way_in_one_operation() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    let control = sim.control();
    assert!(matches!(control.stage, Stage::StorageSealed { .. }));
    assert_eq!(control.history.iter().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_that_members_are_still_opening_are_waited_for() {
    let sim = Sim::new(3);
    sim.run();
    sim.set(2, |node| node.opens = false);
    let asked = elastickv_sys::task::spawn({
        let (sim, request) = (sim.clone(), sim.request(OperationKind::EnableStorage, 1));
        async move { sim.ask(request).await }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    let shown = sim.ops[0].progress().borrow().clone();
    assert_eq!((shown.phase, shown.waiting[0].name), ("gate", "KeyNotOpen"));
    assert_eq!(shown.waiting[0].member.as_ref().unwrap().as_str(), "n3");
    sim.set(2, |node| node.opens = true);
    assert!(asked.await.unwrap().unwrap().outcome.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_marker_is_proposed_once_and_the_operation_ends_afterwards() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    let record = sim.done(OperationKind::EnableRaft, 2).await;
    let cutover = sim.state(0).raft.cutover.unwrap();
    assert_eq!(record.outcome.map(|done| (done.changed, done.first)), Ok((true, cutover)));
    assert_eq!(sim.inner.lock().markers.len(), 1);
    let again = sim.done(OperationKind::EnableRaft, 3).await;
    assert_eq!(again.outcome.map(|done| (done.changed, done.first)), Ok((false, cutover)));
    assert_eq!(sim.inner.lock().markers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_needs_keys_is_refused_before_there_are_any() {
    let sim = Sim::new(3);
    sim.run();
    for (tail, kind) in
        [OperationKind::EnableRaft, OperationKind::Rotate, OperationKind::Rewrap].into_iter().enumerate()
    {
        let refused = sim.ask(sim.request(kind, tail as u8)).await;
        assert_eq!(refused, Err(RequestError::Rejected(Rejection::NotBootstrapped)), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_acts_once_and_tells_the_same_whenever_it_is_repeated() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let rotation = sim.rotation(Purpose::Storage, 2);
    let first = sim.ask(rotation.clone()).await.unwrap();
    let proposed = sim.proposals();
    assert_eq!(sim.ask(rotation.clone()).await.unwrap(), first);
    assert_eq!(sim.proposals(), proposed, "a repetition proposes nothing");
    let other = Request { kind: OperationKind::Rewrap, purpose: None, ..rotation };
    assert!(matches!(sim.ask(other).await, Err(RequestError::Rejected(Rejection::OperationIdReused { .. }))));
}

#[tokio::test(start_paused = true)]
async fn one_operation_at_a_time() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    sim.set(2, |node| node.opens = false);
    let rotation = sim.rotation(Purpose::Raft, 2);
    let slow = sim.ops[0].begin(rotation.clone()).await.unwrap();
    assert_eq!(slow, Begun::Running);
    let second = sim.ask(sim.request(OperationKind::Rewrap, 3)).await;
    assert!(matches!(second, Err(RequestError::Rejected(Rejection::OperationRunning { .. }))));
    sim.set(2, |node| node.opens = true);
    let first = sim.ask(rotation).await.unwrap();
    assert!(first.outcome.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_refused_gate_names_all_blockers_at_once_and_changes_nothing() {
    let sim = Sim::new(4);
    sim.run();
    sim.set(1, |node| node.down = true);
    sim.set(2, |node| {
        node.formats = 0;
        node.skew_ms = 3_600_000;
    });
    sim.set(3, |node| node.keks = None);
    let before = sim.control().control_index;
    let request = sim.request(OperationKind::Bootstrap, 1);
    let record = sim.ask(request.clone()).await.unwrap();
    let Err(Rejection::Refused { text, .. }) = record.outcome else { panic!("{:?}", record.outcome) };
    for part in ["n2: no answer", "n3: its build build-0", "n3: its clock", "n4: it was started without"] {
        assert!(text.as_str().contains(part), "{text}");
    }
    assert_eq!(sim.control().control_index, before);
    let judgement = sim.ops[0].judgement(request.operation).unwrap();
    let blocked: Vec<_> = judgement
        .blockers()
        .filter_map(|finding| Some((finding.check, finding.member.clone()?.to_string())))
        .collect();
    let expected =
        [(Check::Reachable, "n2"), (Check::Formats, "n3"), (Check::Encryption, "n4"), (Check::Clock, "n3")];
    assert_eq!(blocked, expected.map(|(check, name)| (check, name.to_owned())));
    let counted = [Check::Quorum, Check::Reachable, Check::Formats, Check::Encryption, Check::Clock];
    assert_eq!(*sim.refused.lock(), counted, "once for each check");
    // The same code judges without proposing anything.
    let proposed = sim.proposals();
    let checked = sim.ops[0].check(Gate::Bootstrap).await.unwrap();
    assert_eq!(checked.findings.len(), judgement.findings.len());
    assert!(checked.blockers().map(|one| one.check).eq(judgement.blockers().map(|one| one.check)));
    assert_eq!(sim.proposals(), proposed);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_takes_over_waits_for_the_one_that_was_lost() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    sim.fail(0, super::sim::Fault::AnswerLost);
    let request = sim.request(OperationKind::EnableRaft, 2);
    assert!(sim.ops[0].begin(request.clone()).await.is_err());
    sim.set(0, |node| node.down = true);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(sim.ops[1].progress().borrow().waiting[0].name, "Unreachable");
    sim.set(0, |node| node.down = false);
    assert!(sim.ask(request).await.unwrap().outcome.is_ok_and(|done| done.changed));
}

#[tokio::test(start_paused = true)]
async fn a_follower_says_who_leads() {
    let sim = Sim::new(3);
    let asked = sim.ops[1].begin(sim.request(OperationKind::Bootstrap, 1)).await;
    let leader = Some(FullNodeId::of_name("n1"));
    assert_eq!(asked, Err(elastickv_consensus::ProposeError::NotLeader { leader }.into()));
}

/// A key wrapped as an older client does it.
async fn wrapped(sim: &Sim, id: u32, purpose: Purpose) -> SuppliedKey {
    let id = KeyId::from_u32(id).unwrap();
    let key = elastickv_crypto::KeyMaterial::draw(id, purpose, |bytes| bytes.fill(id.get() as u8));
    let keks = sim.inner.lock().nodes[0].keks.clone().unwrap();
    let wrapped = keks.wrap(super::sim::cluster_id(), &key).await.unwrap();
    SuppliedKey { id: Some(id), wrapped: Some(wrapped.key) }
}

#[tokio::test(start_paused = true)]
async fn keys_that_came_along_are_taken_and_others_are_refused_afterwards() {
    let sim = Sim::new(3);
    sim.run();
    let supplied = |storage, raft| Supplied {
        storage,
        raft,
        writers: vec![SuppliedWriter { node: node_id(1), epoch: LocalEpoch::ZERO }],
        proposer: None,
        retires: None,
    };
    let own = supplied(wrapped(&sim, 7, Purpose::Storage).await, wrapped(&sim, 8, Purpose::Raft).await);
    let request = Request { supplied: own.clone(), ..sim.request(OperationKind::Bootstrap, 1) };
    assert!(sim.ask(request).await.unwrap().outcome.is_ok());
    assert_eq!(sim.control().keys.active(Purpose::Storage).map(KeyId::get), Some(7));
    assert_eq!(sim.control().keys.active(Purpose::Raft).map(KeyId::get), Some(8));
    let again = Request { supplied: own, ..sim.request(OperationKind::Bootstrap, 2) };
    assert!(sim.ask(again).await.unwrap().outcome.is_ok_and(|done| !done.changed));
    let others = supplied(wrapped(&sim, 9, Purpose::Storage).await, wrapped(&sim, 8, Purpose::Raft).await);
    let others = Request { supplied: others, ..sim.request(OperationKind::Bootstrap, 3) };
    let refused = sim.ask(others).await.unwrap().outcome;
    assert!(matches!(refused, Err(Rejection::BootstrappedOtherwise { .. })), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn what_came_along_has_to_hold() {
    let sim = Sim::new(3);
    sim.run();
    let good = wrapped(&sim, 7, Purpose::Storage).await;
    let other_purpose = wrapped(&sim, 8, Purpose::Storage).await;
    let cases = [
        ("not one of this key", Supplied { raft: other_purpose, ..Supplied::default() }),
        (
            "without the id",
            Supplied { storage: SuppliedKey { id: None, ..good.clone() }, ..Supplied::default() },
        ),
        (
            "both keys that came have id 7",
            Supplied {
                storage: good.clone(),
                raft: SuppliedKey { id: good.id, wrapped: None },
                ..Supplied::default()
            },
        ),
        (
            "was named as a writer",
            Supplied {
                writers: vec![SuppliedWriter { node: node_id(1), epoch: LocalEpoch::new(3) }],
                ..Supplied::default()
            },
        ),
        (
            "was named as a writer",
            Supplied {
                writers: vec![SuppliedWriter { node: node_id(8), epoch: LocalEpoch::ZERO }],
                ..Supplied::default()
            },
        ),
    ];
    for (tail, (expected, supplied)) in cases.into_iter().enumerate() {
        let request = Request { supplied, ..sim.request(OperationKind::Bootstrap, tail as u8) };
        let record = sim.ask(request).await.unwrap();
        let Err(Rejection::Refused { text, .. }) = record.outcome else { panic!("{:?}", record.outcome) };
        assert!(text.as_str().contains(expected), "{text}");
        assert_eq!(sim.control().stage, Stage::Cleartext);
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_not_hold_is_refused_before_anything_is_proposed() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let proposed = sim.proposals();
    let standing = sim.ops[0].standing().await.unwrap();
    let vet = |supplied: Supplied| {
        let (sim, standing) = (sim.clone(), standing.clone());
        async move { sim.ops[0].vet(&standing, Some(Purpose::Storage), &supplied).await }
    };
    let proposer = |place, epoch: Option<u16>| Supplied {
        proposer: Some(SuppliedProposer { node: node_id(place), epoch: epoch.map(LocalEpoch::new) }),
        ..Supplied::default()
    };
    let active = standing.control.keys.active(Purpose::Storage);
    let key = |id, wrapped| Supplied { storage: SuppliedKey { id, wrapped }, ..Supplied::default() };
    assert_eq!(vet(proposer(1, None)).await, Ok(()));
    assert_eq!(vet(proposer(1, Some(0))).await, Ok(()));
    assert!(matches!(vet(proposer(8, None)).await, Err(SuppliedError::NotAMember(_))));
    assert!(matches!(vet(proposer(1, Some(3))).await, Err(SuppliedError::OtherEpoch { .. })));
    let used = vet(key(active, None)).await;
    assert!(matches!(used, Err(SuppliedError::Rejected(Rejection::KeyIdUsed { .. }))), "{used:?}");
    let (fresh, raft) = (wrapped(&sim, 9, Purpose::Storage).await, wrapped(&sim, 9, Purpose::Raft).await);
    assert_eq!(vet(key(fresh.id, fresh.wrapped.clone())).await, Ok(()));
    let foreign = vet(key(raft.id, raft.wrapped)).await;
    assert!(
        matches!(foreign, Err(SuppliedError::Key(ref trouble)) if trouble.name() == "KekMismatch"),
        "{foreign:?}"
    );
    sim.kek_out(true);
    assert_eq!(vet(key(fresh.id, fresh.wrapped)).await, Ok(()), "what passes by itself is waited for");
    assert_eq!(sim.proposals(), proposed);
}

#[tokio::test(start_paused = true)]
async fn a_key_id_that_was_used_is_not_used_again() {
    let sim = Sim::new(3);
    sim.run();
    let storage = wrapped(&sim, 7, Purpose::Storage).await;
    let supplied = Supplied { storage: storage.clone(), ..Supplied::default() };
    let request = Request { supplied: supplied.clone(), ..sim.request(OperationKind::Bootstrap, 1) };
    assert!(sim.ask(request).await.unwrap().outcome.is_ok());
    let rotation = Request { supplied, ..sim.rotation(Purpose::Storage, 2) };
    let refused = sim.ask(rotation).await.unwrap().outcome;
    assert_eq!(refused, Err(Rejection::KeyIdUsed { key: storage.id.unwrap() }));
    assert_eq!(sim.control().keys.iter().filter(|(_, row)| row.state == KeyState::Active).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn members_that_lag_behind_what_was_done_are_named() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    sim.set(1, |node| node.stuck = true);
    let record = sim.ask(sim.rotation(Purpose::Raft, 2)).await;
    drop(record);
    let first = sim.control().control_index.unwrap();
    let waiting = sim.ops[0].unsettled(first).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].name, waiting[0].member.as_ref().unwrap().as_str()), ("NotApplied", "n2"));
    sim.set(1, |node| node.stuck = false);
    assert_eq!(sim.ops[0].unsettled(first).await.unwrap(), []);
}
