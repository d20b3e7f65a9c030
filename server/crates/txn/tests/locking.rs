//! Transactions that lock their keys, on real groups in one process.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod support;

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use elastickv_fsm::{Keys, LockRejection, Mutation, Mutations, WriteRejection};
use elastickv_txn::*;
use elastickv_types::Timestamp;

use support::*;

const PATIENCE: Duration = Duration::from_secs(60);

fn puts(pairs: &[(&'static str, &'static str)]) -> Mutations {
    let put = |(key, value): &(&'static str, &'static str)| Mutation::Put {
        key: key.as_bytes(),
        value: value.as_bytes(),
        expire_at: 0,
    };
    Mutations::of(pairs.iter().map(put)).unwrap()
}

fn keys(keys: &[&str]) -> Keys {
    Keys::of(keys.iter().map(|key| key.as_bytes())).unwrap()
}

async fn begin(coordinator: &Coordinator) -> Timestamp {
    coordinator.stamps(NonZeroU32::MIN).await.unwrap().first
}

async fn newest(coordinator: &Coordinator, key: &str) -> Option<String> {
    value_at(coordinator, key, ReadAt::Newest).await
}

fn rejections<T: std::fmt::Debug>(result: Result<T, StepError>) -> Vec<LockRejection> {
    match result {
        Err(StepError::Rejected(rejections)) => rejections,
        other => panic!("{other:?}"),
    }
}

async fn until_nothing_is_locked(coordinator: &Coordinator) {
    let free = async {
        while coordinator.locked().keys > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("nobody takes the locks away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_locked_takes_effect_together_and_nobody_waits_to_read() {
    let cluster = Cluster::one().await;
    let coordinator = cluster.coordinator();
    coordinator.write(put("a", "0")).await.unwrap();
    let start = begin(coordinator).await;
    coordinator.prewrite(start, None, puts(&[("a", "1"), ("b", "1")])).await.unwrap();
    assert_eq!(coordinator.locked().keys, 2);
    assert_eq!(newest(coordinator, "a").await.as_deref(), Some("0"));
    let before = coordinator.begin(ReadAt::Newest).await.unwrap();
    let refused = coordinator.write(put("a", "2")).await.unwrap_err();
    let WriteError::KeyLocked { key, until } = refused else { panic!("{refused}") };
    assert!(key == "a" && until.get() >= START_MS + 20_000, "{until}");
    coordinator.write(put("c", "2")).await.unwrap();

    let other = begin(coordinator).await;
    let told =
        rejections(coordinator.prewrite(other, None, puts(&[("b", "3"), ("d", "3"), ("a", "3")])).await);
    let locked = |rejection: &LockRejection| matches!(rejection, LockRejection::Write(WriteRejection::KeyLocked { start_ts, .. }) if *start_ts == start);
    assert!(told.len() == 2 && told.iter().all(locked), "{told:?}");

    let done = coordinator.commit(start, keys(&["a"])).await.unwrap();
    assert!(done.commit_ts > before && !done.repeated);
    for key in ["a", "b"] {
        assert_eq!(newest(coordinator, key).await.as_deref(), Some("1"));
    }
    let old = value_at(coordinator, "a", ReadAt::Timestamp(before)).await;
    assert_eq!(old.as_deref(), Some("0"), "what was shown before is shown again");
    let again = coordinator.commit(start, keys(&["b"])).await.unwrap();
    assert_eq!(again, WriteDone { repeated: true, ..done });
    let over = LockRejection::Over { start_ts: start, committed: Some(done.commit_ts) };
    assert_eq!(rejections(coordinator.roll_back(start).await), std::slice::from_ref(&over));
    assert_eq!(rejections(coordinator.prewrite(start, None, puts(&[("z", "1")])).await), [over]);
    let told =
        rejections(coordinator.prewrite(other, None, puts(&[("b", "3"), ("d", "3"), ("a", "3")])).await);
    let changed = |rejection: &LockRejection| matches!(rejection, LockRejection::Write(WriteRejection::Conflict { commit_ts, .. }) if *commit_ts == done.commit_ts);
    assert!(told.len() == 2 && told.iter().all(changed), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_end_and_whoever_meets_them_or_nobody_at_all_takes_them_away() {
    let cluster = Cluster::one().await;
    let coordinator = cluster.coordinator();
    let ttl = Some(Duration::from_secs(5));
    let start = begin(coordinator).await;
    coordinator.prewrite(start, ttl, puts(&[("a", "1"), ("b", "1")])).await.unwrap();
    cluster.advance(Duration::from_millis(4_900));
    assert!(matches!(coordinator.write(put("a", "2")).await, Err(WriteError::KeyLocked { .. })));
    coordinator.prewrite(start, ttl, puts(&[("a", "1"), ("b", "1")])).await.unwrap();
    cluster.advance(Duration::from_millis(4_900));
    assert_eq!(coordinator.locked().keys, 2, "they were made to last longer");
    cluster.advance(Duration::from_millis(101));
    coordinator.write(put("a", "2")).await.unwrap();
    let over = LockRejection::Over { start_ts: start, committed: None };
    assert_eq!(rejections(coordinator.commit(start, keys(&["b"])).await), [over]);
    assert_eq!((newest(coordinator, "b").await, coordinator.locked().keys), (None, 0));

    let start = begin(coordinator).await;
    coordinator.prewrite(start, ttl, puts(&[("a", "3")])).await.unwrap();
    let lasting = begin(coordinator).await;
    coordinator.prewrite(lasting, None, puts(&[("b", "3")])).await.unwrap();
    cluster.advance(Duration::from_secs(5));
    let one_is_left = async {
        while coordinator.locked().keys > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, one_is_left).await.expect("nobody takes the lock away");
    coordinator.commit(lasting, keys(&["b"])).await.unwrap();
    until_nothing_is_locked(coordinator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_that_come_out_of_turn_are_told_apart() {
    let cluster = Cluster::one().await;
    let coordinator = cluster.coordinator();
    let start = begin(coordinator).await;
    let told = rejections(coordinator.commit(start, keys(&["a"])).await);
    assert_eq!(told, [LockRejection::NotLocked { key: Bytes::from_static(b"a") }]);
    let told = rejections(coordinator.commit(start, Keys::default()).await);
    assert_eq!(told, [LockRejection::NotUnderWay { start_ts: start }]);
    coordinator.roll_back(start).await.unwrap();
    coordinator.roll_back(start).await.unwrap();
    let over = LockRejection::Over { start_ts: start, committed: None };
    assert_eq!(rejections(coordinator.prewrite(start, None, puts(&[("a", "1")])).await), [over]);
    let ahead = ms(START_MS + 3_600_000);
    let told = rejections(coordinator.prewrite(ahead, None, puts(&[("a", "1")])).await);
    assert!(matches!(told[..], [LockRejection::StartsAhead { .. }]), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_goes_on_under_another_leader() {
    let cluster = Cluster::start(3, Settings::default()).await;
    cluster.lead_by(0).await;
    let first = &cluster.nodes[0].coordinator;
    let start = begin(first).await;
    first.prewrite(start, Some(Duration::from_secs(600)), puts(&[("a", "1"), ("b", "1")])).await.unwrap();
    cluster.lead_by(1).await;
    let second = &cluster.nodes[1].coordinator;
    let shown = second.begin(ReadAt::Newest).await.unwrap();
    assert!(matches!(second.write(put("a", "2")).await, Err(WriteError::KeyLocked { .. })));
    let done = second.commit(start, keys(&["a", "b"])).await.unwrap();
    assert!(done.commit_ts > shown);
    cluster.lead_by(2).await;
    let third = &cluster.nodes[2].coordinator;
    let again = third.commit(start, keys(&["a", "b"])).await.unwrap();
    assert_eq!(again, WriteDone { repeated: true, ..done });
    assert_eq!(newest(third, "b").await.as_deref(), Some("1"));
}
