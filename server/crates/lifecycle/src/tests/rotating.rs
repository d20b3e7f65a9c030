//! Rotations, and rewrapping under another KEK.

use std::time::Duration;

use elastickv_fsm::{KeyState, OperationKind, Rejection};
use elastickv_types::{LocalEpoch, Purpose};

use super::sim::{Sim, TestKek};
use crate::operations::{GONE_AFTER, due};
use crate::*;

#[tokio::test(start_paused = true)]
async fn the_new_key_takes_over_once_everybody_who_answers_holds_it() {
    let sim = Sim::new(4);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let old = sim.control().keys.active(Purpose::Storage).unwrap();
    sim.set(3, |node| node.opens = false);
    let rotation = sim.rotation(Purpose::Storage, 2);
    sim.ops[0].begin(rotation.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let installed = sim.control().keys.installed(Purpose::Storage).unwrap();
    assert_eq!(sim.control().keys.active(Purpose::Storage), Some(old), "a learner holds it up too");
    sim.set(3, |node| node.opens = true);
    let record = sim.ask(rotation).await.unwrap();
    assert_eq!(record.outcome.unwrap().key, Some(installed));
    let control = sim.control();
    assert_eq!(control.keys.active(Purpose::Storage), Some(installed));
    assert_eq!(control.keys.get(old).unwrap().state, KeyState::Retiring);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_gone_is_not_waited_for_long() {
    let sim = Sim::new(4);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    sim.set(2, |node| node.down = true);
    let began = sim.clock.now();
    let record = sim.ask(sim.rotation(Purpose::Raft, 2)).await.unwrap();
    assert!(record.outcome.is_ok());
    let took = sim.clock.now().since(began);
    assert!((GONE_AFTER..GONE_AFTER + Duration::from_secs(2)).contains(&took), "{took:?}");
    // It is no writer of the new key: it registers once it is back.
    let control = sim.control();
    let key = control.keys.active(Purpose::Raft).unwrap();
    assert!(control.writers.of(key, super::sim::node_id(2)).is_none());
    assert!(control.writers.of(key, super::sim::node_id(3)).is_some());
}

#[tokio::test(start_paused = true)]
async fn without_a_majority_no_key_is_made() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let keys = sim.control().keys.iter().count();
    sim.set(1, |node| node.down = true);
    sim.set(2, |node| node.keks = None);
    let record = sim.ask(sim.rotation(Purpose::Raft, 2)).await.unwrap();
    let Err(Rejection::Refused { text, .. }) = record.outcome else { panic!("{:?}", record.outcome) };
    assert!(text.as_str().contains("of 3 voters 1 can take part, and 2 are needed"), "{text}");
    assert_eq!(sim.control().keys.iter().count(), keys);
}

#[tokio::test(start_paused = true)]
async fn rotations_asked_for_at_once_give_one_new_key() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let keys = sim.control().keys.iter().count();
    let asked = (2..5).map(|tail| sim.ask(sim.rotation(Purpose::Storage, tail)));
    let answers = futures_util::future::join_all(asked).await;
    let done = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|record| record.outcome.is_ok()));
    assert_eq!(done.count(), 1, "the others are told that one is under way: {answers:?}");
    assert_eq!(sim.control().keys.iter().count(), keys + 1);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_past_its_deadline_leaves_its_key_to_the_next() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    sim.set(1, |node| node.opens = false);
    let record = sim.ask(sim.rotation(Purpose::Storage, 2)).await.unwrap();
    assert!(matches!(record.outcome, Err(Rejection::DeadlinePassed { .. })), "{:?}", record.outcome);
    let installed = sim.control().keys.installed(Purpose::Storage).unwrap();
    sim.set(1, |node| node.opens = true);
    let record = sim.ask(sim.rotation(Purpose::Storage, 3)).await.unwrap();
    assert!(record.outcome.is_ok());
    assert_eq!(sim.control().keys.active(Purpose::Storage), Some(installed));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_nearly_used_up_is_rotated_without_being_asked() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    let active = |purpose| sim.control().keys.active(purpose).unwrap();
    let (storage, raft) = (active(Purpose::Storage), active(Purpose::Raft));
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!((active(Purpose::Storage), active(Purpose::Raft)), (storage, raft));
    sim.set(2, |node| node.epoch = LocalEpoch::new(0xff01));
    tokio::time::sleep(Duration::from_secs(63)).await;
    assert_ne!(active(Purpose::Storage), storage);
    sim.set(2, |node| node.epoch = LocalEpoch::ZERO);
    let record = sim.control().history.iter().next_back().map(|(_, record)| record.clone()).unwrap();
    assert_eq!(record.actor.as_str(), "elastickv");
    assert!(record.reason.as_str().contains("n3 is at epoch 65281"), "{}", record.reason);
}

#[tokio::test(start_paused = true)]
async fn use_counts_from_nine_tenths_on() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let look = async |seals: u64| {
        sim.set(1, |node| node.seals = seals);
        let handle = &sim.ops[0].parts;
        let standing = handle.cluster.standing().await.unwrap();
        let members: Vec<_> = standing.membership.members.values().cloned().collect();
        let question = Question::default();
        let reports = capability::fanout::ask_all(&*handle.fleet, &handle.clock, &members, &question).await;
        due(&standing, &reports)
    };
    assert_eq!(look(3_865_470_559).await, None);
    assert!(look(3_865_470_566).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn rewrapping_leaves_every_key_what_it_is() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    sim.ask(sim.rotation(Purpose::Raft, 2)).await.unwrap().outcome.unwrap();
    let before = sim.control();
    assert_eq!(sim.ops[0].previous_kek().await.unwrap(), None);
    let (new, old) = (TestKek::open(2, &sim.out), TestKek::open(1, &sim.out));
    let both = Keks { current: new.clone(), previous: Some(old.clone()) };
    (0..3).for_each(|place| sim.set(place, |node| node.keks = Some(both.clone())));
    // A node takes its KEKs at its start.
    let restarted = Sim { ops: (0..3).map(|place| sim.operations(place)).collect(), ..sim.clone() };
    restarted.inner.lock().leader = Some(1);
    elastickv_sys::task::spawn(restarted.ops[1].clone().run());
    restarted.done(OperationKind::Rewrap, 3).await;
    let after = restarted.control();
    assert_eq!(before.fingerprint(), after.fingerprint());
    let needed = restarted.ops[1].previous_kek().await.unwrap().unwrap();
    assert_eq!(needed.iter().map(|waits| waits.name).collect::<Vec<_>>(), ["LogBefore"; 3]);
    let first_log = after.control_index.unwrap().next();
    (0..3).for_each(|place| sim.set(place, |node| node.first_log = first_log));
    assert_eq!(restarted.ops[1].previous_kek().await.unwrap(), Some(Vec::new()));
    sim.set(2, |node| node.keks = Some(Keks { current: old.clone(), previous: Some(new.clone()) }));
    let needed = restarted.ops[1].previous_kek().await.unwrap().unwrap();
    assert_eq!(needed.iter().map(|waits| waits.name).collect::<Vec<_>>(), ["KekIsPrevious"]);
    restarted.set(2, |node| (node.down, node.questions) = (true, 0));
    let needed = restarted.ops[1].previous_kek().await.unwrap().unwrap();
    assert_eq!(needed.iter().map(|waits| waits.name).collect::<Vec<_>>(), ["Unreachable"]);
    restarted.set(2, |node| {
        assert_eq!(node.questions, 1, "one that is away is asked once, however many keys there are")
    });
    for (key, row) in after.keys.iter() {
        let wrapping = row.wrapping.as_ref().unwrap();
        assert_eq!(wrapping.kek(), &new.label());
        let context =
            elastickv_crypto::WrapContext { cluster: super::sim::cluster_id(), key, purpose: row.purpose };
        let alone = Keks { current: new.clone(), previous: None };
        alone.unwrap(context, wrapping.wrapped(), row.commitment).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_kek_out_of_reach_delays_an_operation_or_ends_it_cleanly() {
    let sim = Sim::new(3);
    sim.run();
    sim.kek_out(true);
    let asked = elastickv_sys::task::spawn({
        let (sim, request) = (sim.clone(), sim.request(OperationKind::Bootstrap, 1));
        async move { sim.ask(request).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(sim.ops[0].progress().borrow().waiting[0].name, "KekUnavailable");
    sim.kek_out(false);
    assert!(asked.await.unwrap().outcome.is_ok());
    sim.kek_out(true);
    let late = sim.ask(sim.rotation(Purpose::Raft, 2)).await.unwrap();
    assert!(matches!(late.outcome, Err(Rejection::DeadlinePassed { .. })));
    assert_eq!(sim.control().keys.installed(Purpose::Raft), None);
    sim.kek_out(false);
    assert!(sim.ask(sim.rotation(Purpose::Raft, 3)).await.unwrap().outcome.is_ok());
}
