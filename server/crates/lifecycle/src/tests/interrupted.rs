//! Each operation with each of its proposals lost in each way, on a leader that changes with it: another leader goes
//! on, the operation acts once, and nobody is told anything but how it ended.

use elastickv_fsm::{KeyState, OperationKind, Record, Stage};
use elastickv_types::Purpose;

use super::sim::{Fault, Sim};
use crate::Request;

/// More than any operation proposes.
const MOST: usize = 8;

async fn from_here(before: &[OperationKind], ask: impl Fn(&Sim) -> Request, check: impl Fn(&Sim, &Record)) {
    let mut met = 0;
    for fault in [Fault::AnswerLost, Fault::Discarded, Fault::Misfit] {
        for at in 0..MOST {
            let sim = Sim::new(3);
            sim.run();
            for (tail, kind) in before.iter().enumerate() {
                sim.done(*kind, 100 + tail as u8).await;
            }
            let records = sim.control().history.iter().count();
            sim.fail(at, fault);
            let request = ask(&sim);
            let record = sim.ask(request.clone()).await.unwrap();
            assert!(record.outcome.is_ok(), "{fault:?} at proposal {at}: {:?}", record.outcome);
            assert_eq!(sim.ask(request).await.unwrap(), record);
            assert_eq!(sim.control().history.iter().count(), records + 1, "{fault:?} at proposal {at}");
            assert_eq!(sim.control().running, None);
            assert!((0..3).all(|place| sim.state(place) == sim.state(0)));
            check(&sim, &record);
            met += usize::from(sim.inner.lock().faults.is_empty());
        }
    }
    assert!(met >= 6, "a begin and a step can fail in three ways each, and {met} did");
}

fn keys(sim: &Sim) -> usize {
    sim.control().keys.iter().count()
}

#[tokio::test(start_paused = true)]
async fn bootstrap() {
    let ask = |sim: &Sim| sim.request(OperationKind::Bootstrap, 1);
    from_here(&[], ask, |sim, _| assert_eq!(keys(sim), 2)).await;
}

#[tokio::test(start_paused = true)]
async fn enable_storage() {
    let ask = |sim: &Sim| sim.request(OperationKind::EnableStorage, 1);
    let check = |sim: &Sim, _: &Record| {
        assert_eq!(keys(sim), 2);
        assert!(matches!(sim.control().stage, Stage::StorageSealed { .. }));
    };
    from_here(&[], ask, check).await;
}

#[tokio::test(start_paused = true)]
async fn enable_raft() {
    let ask = |sim: &Sim| sim.request(OperationKind::EnableRaft, 1);
    let check = |sim: &Sim, record: &Record| {
        let cutover = sim.state(0).raft.cutover;
        assert_eq!(record.outcome.as_ref().map(|done| (done.changed, Some(done.first))), Ok((true, cutover)));
        assert!(matches!(sim.control().stage, Stage::FullySealed { .. }));
    };
    from_here(&[OperationKind::EnableStorage], ask, check).await;
}

#[tokio::test(start_paused = true)]
async fn rotate() {
    let ask = |sim: &Sim| sim.rotation(Purpose::Raft, 1);
    let check = |sim: &Sim, record: &Record| {
        let control = sim.control();
        let of_raft: Vec<_> = control.keys.iter().filter(|(_, row)| row.purpose == Purpose::Raft).collect();
        assert_eq!(of_raft.len(), 2, "one new key");
        assert!(of_raft.iter().all(|(_, row)| row.state != KeyState::Installed));
        assert_eq!(record.outcome.as_ref().unwrap().key, control.keys.active(Purpose::Raft));
    };
    from_here(&[OperationKind::EnableStorage, OperationKind::EnableRaft], ask, check).await;
}

#[tokio::test(start_paused = true)]
async fn rewrap() {
    let ask = |sim: &Sim| sim.request(OperationKind::Rewrap, 1);
    from_here(&[OperationKind::EnableStorage], ask, |sim, _| assert_eq!(keys(sim), 2)).await;
}
