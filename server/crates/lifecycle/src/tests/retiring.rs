//! Retiring keys: closed first, and gone once nothing refers to them.

use std::sync::Arc;

use elastickv_fsm::{KeyState, OperationKind, Record, Rejection};
use elastickv_types::{KeyId, LogIndex, Purpose};

use super::facts;
use super::sim::{Fault, Sim};
use crate::*;

/// A cluster whose first key of a purpose was replaced.
async fn replaced(purpose: Purpose) -> (Sim, KeyId) {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::EnableStorage, 1).await;
    sim.done(OperationKind::EnableRaft, 2).await;
    let old = sim.control().keys.active(purpose).unwrap();
    sim.ask(sim.rotation(purpose, 3)).await.unwrap().outcome.unwrap();
    (sim, old)
}

fn retirement(sim: &Sim, key: KeyId, tail: u8) -> Request {
    let supplied = Supplied { retires: Some(key), ..Supplied::default() };
    Request { supplied, ..sim.request(OperationKind::Retire, tail) }
}

fn refused(record: &Record) -> String {
    match &record.outcome {
        Err(Rejection::Refused { name, text }) => {
            assert_eq!(name.as_str(), "GateRefused", "{text}");
            text.as_str().to_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn state(sim: &Sim, key: KeyId) -> KeyState {
    sim.control().keys.get(key).unwrap().state
}

fn closed(sim: &Sim, key: KeyId) -> LogIndex {
    let KeyState::Closed { at } = state(sim, key) else { panic!("{:?}", state(sim, key)) };
    at
}

/// Each member counts, with a snapshot from after the key was closed behind it.
fn counts(sim: &Sim, key: KeyId, rows: u64) {
    let begun = LogIndex::new(closed(sim, key).get() + 1);
    for place in 0..3 {
        sim.set(place, |node| {
            node.counted = Some(facts::count(begun, [(key, rows)]));
            node.snapshot = Some(begun);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_storage_key_goes_once_every_member_has_counted_none_of_it() {
    let (sim, old) = replaced(Purpose::Storage).await;
    let told = refused(&sim.ask(retirement(&sim, old, 4)).await.unwrap());
    for name in ["n1", "n2", "n3"] {
        assert!(told.contains(&format!("{name}: its values were not counted")), "{told}");
        assert!(
            told.contains(&format!("{name}: its snapshot is of 0")),
            "a lost store is built from the log: {told}"
        );
    }
    counts(&sim, old, 3);
    let told = refused(&sim.ask(retirement(&sim, old, 5)).await.unwrap());
    assert!(told.contains("3 values are sealed under it"), "{told}");
    counts(&sim, old, 0);
    sim.set(2, |node| node.counted.as_mut().unwrap().begun = LogIndex::new(1));
    let told = refused(&sim.ask(retirement(&sim, old, 6)).await.unwrap());
    assert!(told.contains("n3: its values were counted at 1") && !told.contains("n1:"), "{told}");
    counts(&sim, old, 0);
    let record = sim.ask(retirement(&sim, old, 7)).await.unwrap();
    assert!(record.outcome.unwrap().changed);
    assert!(matches!(state(&sim, old), KeyState::Retired { .. }));
    assert!(sim.control().writers.iter().all(|(key, _)| key != old), "nobody writes under it");
    let again = sim.ask(retirement(&sim, old, 8)).await.unwrap();
    assert!(!again.outcome.unwrap().changed);
}

#[tokio::test(start_paused = true)]
async fn a_raft_key_goes_once_no_log_reaches_back_to_it() {
    let (sim, old) = replaced(Purpose::Raft).await;
    let told = refused(&sim.ask(retirement(&sim, old, 4)).await.unwrap());
    assert!(told.contains("its log begins at 1"), "{told}");
    assert!(sim.state(0).raft.floor.contains_key(&old), "nothing is taken under it any more");
    let behind = LogIndex::new(sim.state(0).raft.last_sealed[&old].get() + 1);
    for place in 0..3 {
        sim.set(place, |node| (node.first_log, node.snapshot) = (behind, Some(behind)));
    }
    sim.ask(retirement(&sim, old, 5)).await.unwrap().outcome.unwrap();
    assert!(matches!(state(&sim, old), KeyState::Retired { .. }));
}

/// It has not seen the last entries under the key, and its log does reach back to them.
#[tokio::test(start_paused = true)]
async fn a_member_is_held_against_entries_that_it_does_not_know_of() {
    let (sim, old) = replaced(Purpose::Raft).await;
    drop(sim.ask(retirement(&sim, old, 4)).await.unwrap());
    let behind = LogIndex::new(sim.state(0).raft.last_sealed[&old].get() + 1);
    for place in 0..3 {
        sim.set(place, |node| (node.first_log, node.snapshot) = (behind, Some(behind)));
    }
    sim.set(2, |node| {
        Arc::make_mut(&mut node.state.raft).last_sealed.clear();
        (node.first_log, node.snapshot) = (LogIndex::new(1), None);
    });
    let told = refused(&sim.ask(retirement(&sim, old, 5)).await.unwrap());
    assert!(told.contains("n3: its log begins at 1") && !told.contains("n1:"), "{told}");
    sim.set(2, |node| (node.first_log, node.snapshot) = (behind, Some(behind)));
    sim.ask(retirement(&sim, old, 6)).await.unwrap().outcome.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_stays_and_so_does_one_that_somebody_is_silent_about() {
    let (sim, old) = replaced(Purpose::Storage).await;
    let active = sim.control().keys.active(Purpose::Storage).unwrap();
    let told = refused(&sim.ask(retirement(&sim, active, 4)).await.unwrap());
    assert!(told.contains("is active: a newer one has to take its place first"), "{told}");
    sim.set(2, |node| node.down = true);
    let told = refused(&sim.ask(retirement(&sim, old, 5)).await.unwrap());
    assert!(told.contains("n3: no answer"), "{told}");
    assert_eq!((state(&sim, active), state(&sim, old)), (KeyState::Active, KeyState::Retiring));
}

/// Each proposal is lost in each way; the key is gone in the end, or the operation is refused and can be asked for again.
#[tokio::test(start_paused = true)]
async fn a_leader_that_is_lost_on_the_way_leaves_nothing_half_done() {
    for fault in [Fault::AnswerLost, Fault::Discarded, Fault::Misfit] {
        for at in 0..3 {
            let (sim, old) = replaced(Purpose::Storage).await;
            drop(sim.ask(retirement(&sim, old, 4)).await.unwrap());
            counts(&sim, old, 0);
            sim.fail(at, fault);
            let record = sim.ask(retirement(&sim, old, 5)).await.unwrap();
            let gone = matches!(state(&sim, old), KeyState::Retired { .. });
            assert_eq!(record.outcome.is_ok(), gone, "{fault:?} at {at}: {:?}", record.outcome);
            if !gone {
                sim.ask(retirement(&sim, old, 6)).await.unwrap().outcome.unwrap();
            }
            assert!(matches!(state(&sim, old), KeyState::Retired { .. }), "{fault:?} at {at}");
        }
    }
}
