//! Loads that are let in as writers, and those that are not.

use elastickv_fsm::{OperationKind, Rejection};
use elastickv_types::{LoadToken, LocalEpoch, Purpose};

use super::sim::{Fault, Sim, node_id};
use crate::*;

#[tokio::test(start_paused = true)]
async fn a_load_is_entered_once_and_a_second_one_in_its_place_is_not() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let key = sim.control().keys.active(Purpose::Storage).unwrap();
    let row = |epoch, token| [AskedRow { key, epoch: LocalEpoch::new(epoch), token: LoadToken::new(token) }];
    let first = sim.ops[0].register(node_id(1), &row(1, 7)).await.unwrap();
    assert!(first.at.is_some());
    let proposed = sim.proposals();
    assert_eq!(sim.ops[0].register(node_id(1), &row(1, 7)).await.unwrap(), Registered { at: None });
    assert_eq!(sim.proposals(), proposed, "what stands there is not proposed again");
    for (epoch, token) in [(1, 8), (0, 7)] {
        let refused = sim.ops[0].register(node_id(1), &row(epoch, token)).await;
        let Err(RegisterError::Rejected(Rejection::LocalEpochRollback { .. })) = refused else {
            panic!("{refused:?}");
        };
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after_before_it_is_proposed_again() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let key = sim.control().keys.active(Purpose::Raft).unwrap();
    for (epoch, fault) in [(1, Fault::AnswerLost), (2, Fault::Discarded)] {
        let rows = [AskedRow { key, epoch: LocalEpoch::new(epoch), token: LoadToken::new(7) }];
        sim.inner.lock().leader = Some(0);
        sim.fail(0, fault);
        let lost = sim.ops[0].register(node_id(1), &rows).await;
        assert!(matches!(lost, Err(RegisterError::Away(_))), "another node leads: {lost:?}");
        sim.ops[1].register(node_id(1), &rows).await.unwrap();
        assert_eq!(sim.control().writers.of(key, node_id(1)).unwrap().epoch, LocalEpoch::new(epoch));
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_is_asked_and_registered_before_it_becomes_a_member() {
    let sim = Sim::new(4);
    sim.run();
    let candidate = super::sim::member(&sim.inner.lock().nodes[3]);
    sim.set(3, |node| node.keks = None);
    sim.ops[0].admit(&candidate).await.unwrap();
    assert_eq!(sim.proposals(), 0, "before there are keys everybody can join");
    let keks = sim.inner.lock().nodes[0].keks.clone();
    sim.set(3, |node| node.keks = keks.clone());
    sim.done(OperationKind::Bootstrap, 1).await;
    sim.ask(sim.rotation(Purpose::Raft, 2)).await.unwrap().outcome.unwrap();
    // As one that was never heard of.
    sim.set(3, |node| {
        node.state = elastickv_fsm::GroupState::new(elastickv_types::GroupId::CONTROL);
        node.stuck = true;
        node.token = LoadToken::new(77);
    });
    for (spoilt, problem) in [(0u8, "encryption"), (1, "wrapped"), (2, "connection refused")] {
        sim.set(3, |node| match spoilt {
            0 => node.keks = None,
            1 => {
                let current = super::sim::TestKek::open(9, &Default::default());
                node.keks = Some(Keks { current, previous: None });
            }
            _ => node.down = true,
        });
        let refused = sim.ops[0].admit(&candidate).await;
        let Err(AdmitError::NotCapable(_)) = &refused else { panic!("{refused:?}") };
        assert!(refused.unwrap_err().to_string().contains(problem), "{problem}");
    }
    sim.set(3, |node| {
        node.keks = keks;
        node.down = false;
    });
    sim.ops[0].admit(&candidate).await.unwrap();
    let control = sim.control();
    for (key, _) in control.keys.unretired() {
        let row = control.writers.of(key, node_id(3)).unwrap();
        assert_eq!((row.epoch, row.token), (LocalEpoch::new(1), LoadToken::new(77)), "one load was before");
    }
    let proposed = sim.proposals();
    sim.ops[0].admit(&candidate).await.unwrap();
    assert_eq!(sim.proposals(), proposed);
}

#[tokio::test(start_paused = true)]
async fn by_hand_only_what_the_node_says_itself_is_entered() {
    let sim = Sim::new(3);
    sim.run();
    sim.done(OperationKind::Bootstrap, 1).await;
    let key = sim.control().keys.active(Purpose::Storage).unwrap();
    sim.set(1, |node| {
        node.epoch = LocalEpoch::new(4);
        node.token = LoadToken::new(9);
    });
    let wrong = sim.ops[0].register_by_hand(node_id(1), key, Some(LocalEpoch::new(5))).await;
    assert!(matches!(wrong, Err(RegisterError::OtherEpoch { .. })), "{wrong:?}");
    let (epoch, registered) = sim.ops[0].register_by_hand(node_id(1), key, None).await.unwrap();
    assert_eq!((epoch, registered.at.is_some()), (LocalEpoch::new(4), true));
    sim.set(1, |node| node.down = true);
    let silent = sim.ops[0].register_by_hand(node_id(1), key, None).await;
    assert!(matches!(silent, Err(RegisterError::NoAnswer { .. })), "{silent:?}");
    let stranger = sim.ops[0].register_by_hand(node_id(7), key, None).await;
    assert!(matches!(stranger, Err(RegisterError::NotAMember(_))), "{stranger:?}");
}
