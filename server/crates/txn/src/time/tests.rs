use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use elastickv_sys::clock::ManualClock;
use proptest::prelude::*;

use super::*;

const START: u64 = 1_700_000_000_000;

fn ms(ms: u64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

fn time_at(unix_ms: u64) -> (Arc<ManualClock>, GroupTime) {
    let manual = ManualClock::at_unix_ms(unix_ms);
    (manual.clone(), GroupTime::new(HybridClock::new(manual)))
}

fn is_settled(settled: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    std::pin::Pin::new(settled).poll(&mut context) == Poll::Ready(())
}

fn stamp(time: &GroupTime, term: u64, count: u64) -> Stamped {
    time.stamp(Term::new(term), count).unwrap().unwrap()
}

#[test]
fn a_new_leaders_first_stamp_is_above_the_ceiling_it_inherits() {
    let (_, time) = time_at(START);
    let inherited = ms(START + 9_000);
    time.enter(Term::new(4), inherited);
    let first = stamp(&time, 4, 1);
    assert!(first.stamps.first > inherited);
    assert_eq!(first.ceiling, Some(first.stamps.last.saturating_add_ms(10_000)));
}

#[test]
fn nothing_is_given_out_before_a_ceiling_of_ones_own_is_committed() {
    let (_, time) = time_at(START);
    time.enter(Term::new(4), ms(START + 9_000));
    assert_eq!(time.give(Term::new(4), 1), Ok(None));
    time.committed(Term::new(3), ms(START + 30_000));
    assert_eq!(time.give(Term::new(4), 1), Ok(None), "another term's is not its own");
    time.committed(Term::new(4), ms(START + 19_000));
    let given = time.give(Term::new(4), 200_000).unwrap().unwrap();
    assert!(given.first > ms(START + 9_000) && given.last <= ms(START + 19_000));
    assert_eq!(time.give(Term::new(4), 20_000 << 16), Ok(None), "not all of these lie below it");
}

#[test]
fn a_term_that_is_over_stamps_nothing() {
    let (_, time) = time_at(START);
    time.enter(Term::new(4), ms(START));
    time.enter(Term::new(6), ms(START + 5));
    assert_eq!(time.stamp(Term::new(4), 1).unwrap_err(), OtherTerm);
    assert_eq!(time.give(Term::new(4), 1), Err(OtherTerm));
}

#[test]
fn a_reader_waits_for_the_writes_below_it_and_for_no_others() {
    let (manual, time) = time_at(START);
    time.enter(Term::new(1), Timestamp::ZERO);
    let early = stamp(&time, 1, 3);
    manual.advance(Duration::from_millis(10));
    let at = ms(START + 5);
    let mut waits = pin!(time.settle(at));
    let late = stamp(&time, 1, 1);
    assert!(late.stamps.first > at && !is_settled(&mut waits));
    drop(early);
    assert!(is_settled(&mut waits));
    assert!(is_settled(&mut pin!(time.settle(at))));
    assert!(!is_settled(&mut pin!(time.settle(late.stamps.first))));
}

#[test]
fn a_batch_within_the_ceiling_carries_none() {
    let (manual, time) = time_at(START);
    time.enter(Term::new(1), Timestamp::ZERO);
    let first = stamp(&time, 1, 1);
    assert!(stamp(&time, 1, 1).ceiling.is_some(), "as long as the first is not committed");
    first.committed();
    assert_eq!(stamp(&time, 1, 1).ceiling, None);
    manual.advance(Duration::from_millis(5_001));
    assert!(stamp(&time, 1, 1).ceiling.is_some());
}

#[derive(Clone, Debug)]
enum Event {
    Advance(u64),
    Jump(u64),
    /// Another node leads, or the same again.
    Elect(usize),
    /// A batch is proposed and committed, or lost.
    Write(u64, bool),
    Give(u64),
    Renew,
    /// A reader names a timestamp so many milliseconds ahead.
    Read(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0u64..7_000).prop_map(Event::Advance),
        1 => (0..2 * START).prop_map(Event::Jump),
        2 => (0usize..3).prop_map(Event::Elect),
        6 => (1u64..5_000, any::<bool>()).prop_map(|(count, kept)| Event::Write(count, kept)),
        3 => (1u64..200_000).prop_map(Event::Give),
        2 => Just(Event::Renew),
        2 => (0u64..9_000).prop_map(Event::Read),
    ]
}

proptest! {
    /// Three nodes whose clocks differ by a minute, and one of them leads at a time: every stamp is above all
    /// that was promised before, and none above the ceiling of its group.
    #[test]
    fn stamps_rise_over_leaders_and_jumps(events in prop::collection::vec(event(), 1..200)) {
        let nodes = [0, 60_000, 30_000].map(|apart| time_at(START + apart));
        let (mut leader, mut term) = (0, Term::new(1));
        // What is replicated.
        let (mut ceiling, mut last_commit) = (Timestamp::ZERO, Timestamp::ZERO);
        let mut promised = Timestamp::ZERO;
        nodes[0].1.enter(term, ceiling);
        for event in events {
            let time = &nodes[leader].1;
            match event {
                Event::Advance(by) => nodes.iter().for_each(|(manual, _)| manual.advance(Duration::from_millis(by))),
                Event::Jump(to) => nodes[leader].0.jump_to_unix_ms(to),
                Event::Elect(next) => {
                    (leader, term) = (next, Term::new(term.get() + 1));
                    nodes[next].1.enter(term, ceiling.max(last_commit));
                }
                Event::Write(count, kept) => {
                    let batch = time.stamp(term, count).unwrap().unwrap();
                    prop_assert!(batch.stamps.first > promised);
                    if kept {
                        batch.committed();
                        ceiling = ceiling.max(batch.ceiling.unwrap_or_default());
                        last_commit = batch.stamps.last;
                        promised = batch.stamps.last;
                        prop_assert!(batch.stamps.last <= ceiling);
                    }
                }
                Event::Give(count) => {
                    if let Some(given) = time.give(term, count).unwrap() {
                        prop_assert!(given.first > promised && given.last <= ceiling);
                        promised = given.last;
                    }
                }
                Event::Renew => {
                    if let Some(to) = time.ceiling().wanted(time.clock().reading()) {
                        ceiling = ceiling.max(to);
                        time.committed(term, to);
                    }
                }
                Event::Read(ahead) => {
                    let at = time.clock().reading().saturating_add_ms(ahead);
                    if at <= time.ceiling().limit() {
                        prop_assert!(is_settled(&mut pin!(time.settle(at))));
                        promised = promised.max(at);
                    }
                }
            }
        }
    }
}
