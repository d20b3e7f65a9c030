//! Anomalies made by hand.

use super::*;
use crate::{Moment, Outcome};

/// `T(begun, ended)`, with reads and appends added to it.
fn during(begun: u64, ended: u64) -> Transaction {
    let call = Call { client: 0, begun: Moment(begun), ended: Moment(ended), outcome: Outcome::Committed };
    Transaction { call, reads: Vec::new(), appends: Vec::new() }
}

impl Transaction {
    fn read(mut self, key: u64, list: &[u64]) -> Self {
        self.reads.push((Key(key), list.iter().copied().map(Element).collect()));
        self
    }

    fn append(mut self, key: u64, element: u64) -> Self {
        self.appends.push((Key(key), Element(element)));
        self
    }

    fn outcome(mut self, outcome: Outcome) -> Self {
        self.call.outcome = outcome;
        self
    }
}

/// The findings, demanding that this kind is the only one.
fn only(kind: Kind, history: &[Transaction]) -> String {
    let findings = check(history);
    let text = findings.to_string();
    assert!(findings.has(kind), "{kind:?} was not found: {text}");
    assert!(text.starts_with(&format!("{} × {}\n", findings.count(kind), kind.name())), "{text}");
    text
}

fn clean(history: &[Transaction]) {
    let findings = check(history);
    assert!(findings.is_clean(), "{findings}");
}

#[test]
fn a_serial_history_is_clean_and_so_is_one_whose_calls_overlap() {
    clean(&[]);
    clean(&[
        during(0, 1).append(1, 1),
        during(2, 3).read(1, &[1]).append(1, 2).append(2, 1),
        during(4, 5).read(1, &[1, 2]).read(2, &[1]),
    ]);
    // The reader began first and ended last: it may stand anywhere between the writers.
    clean(&[
        during(1, 2).append(1, 1),
        during(3, 4).append(1, 2),
        during(0, 5).read(1, &[1]),
        during(6, 7).read(1, &[1, 2]),
    ]);
}

#[test]
fn a_write_skew_is_a_cycle_of_two_overwritten_reads() {
    let text = only(
        Kind::WriteSkew,
        &[
            during(0, 9).read(1, &[]).append(2, 1),
            during(0, 9).read(2, &[]).append(1, 1),
            during(10, 11).read(1, &[1]).read(2, &[1]),
        ],
    );
    assert!(text.contains("a cycle of 2 transactions"), "{text}");
    assert!(text.contains("T0 before T1: it read k1 without 1"), "{text}");
    assert!(text.contains("T1 before T0: it read k2 without 1"), "{text}");
}

#[test]
fn a_write_skew_of_appends_that_nobody_read_is_found_as_well() {
    only(Kind::WriteSkew, &[during(0, 9).read(1, &[]).append(2, 1), during(0, 9).read(2, &[]).append(1, 1)]);
}

#[test]
fn a_snapshot_that_is_none_is_a_skewed_read() {
    // Reads the one append of a transaction, and not the other.
    let text = only(
        Kind::SkewedRead,
        &[
            during(0, 9).append(1, 1).append(2, 1),
            during(0, 9).read(1, &[1]).read(2, &[]),
            during(10, 11).read(2, &[1]),
        ],
    );
    assert!(text.contains("T0 before T1: its 1 in k1 was read"), "{text}");
}

#[test]
fn two_appends_to_one_reading_of_a_list_are_a_lost_update() {
    // Each order of the two has one that did not read the other.
    let both = [
        during(0, 9).read(1, &[]).append(1, 1),
        during(0, 9).read(1, &[]).append(1, 2),
        during(10, 11).read(1, &[1, 2]),
    ];
    only(Kind::SkewedRead, &both);
}

#[test]
fn writes_in_opposite_orders_are_a_write_cycle() {
    only(
        Kind::WriteCycle,
        &[
            during(0, 9).append(1, 1).append(2, 1),
            during(0, 9).append(1, 2).append(2, 2),
            during(10, 11).read(1, &[1, 2]).read(2, &[2, 1]),
        ],
    );
}

#[test]
fn reading_each_other_is_a_read_cycle() {
    only(
        Kind::ReadCycle,
        &[during(0, 9).read(2, &[1]).append(1, 1), during(0, 9).read(1, &[1]).append(2, 1)],
    );
}

#[test]
fn a_stale_read_is_closed_by_real_time_alone() {
    let text = only(
        Kind::RealTimeCycle,
        &[
            during(0, 1_000).append(1, 1),
            during(5_000, 6_000).append(1, 2),
            during(7_000, 8_000).read(1, &[1]),
            during(9_000, 9_001).read(1, &[1, 2]),
        ],
    );
    assert!(text.contains("T1 before T2: it had its answer 1 µs before the other began"), "{text}");
    assert!(text.contains("T2 before T1: it read k1 without 2"), "{text}");
}

#[test]
fn an_old_snapshot_is_found_through_transactions_between() {
    // T0 is seen by nobody T3 knows; real time leads from it to T3 by way of other keys.
    only(
        Kind::RealTimeCycle,
        &[
            during(0, 1).append(1, 1),
            during(2, 3).append(2, 1),
            during(2, 6).read(2, &[1]).append(3, 1),
            during(4, 9).read(3, &[1]).read(1, &[]),
            during(10, 11).read(1, &[1]),
        ],
    );
}

#[test]
fn an_acknowledged_append_that_is_missing_is_lost() {
    let history = [during(0, 1).append(1, 1), during(2, 3).append(1, 2), during(4, 5).read(1, &[1])];
    let findings = check(&history);
    assert_eq!((findings.count(Kind::LostAppend), findings.count(Kind::RealTimeCycle)), (1, 1), "{findings}");
    let overlapping = [during(0, 1).append(1, 1), during(2, 5).append(1, 2), during(4, 5).read(1, &[1])];
    clean(&overlapping);
}

#[test]
fn an_append_that_stands_twice_is_found() {
    let text = only(
        Kind::DuplicateAppend,
        &[
            during(0, 1).append(1, 1),
            during(0, 1).append(1, 2),
            during(2, 3).read(1, &[1, 2, 1]),
            during(4, 5).read(1, &[1, 2, 1]),
        ],
    );
    assert!(text.contains("k1: 1, appended once, by T0, stands twice in what T3 read"), "{text}");
}

#[test]
fn lists_that_are_no_beginnings_of_each_other_have_diverged() {
    let text = only(
        Kind::Diverged,
        &[
            during(0, 9).append(1, 1),
            during(0, 9).append(1, 2),
            during(0, 9).read(1, &[1, 2]),
            during(0, 9).read(1, &[2]),
        ],
    );
    assert!(text.contains("k1, after 0 elements: T2 read 1, T3 read 2"), "{text}");
}

#[test]
fn what_an_aborted_transaction_wrote_may_not_be_read() {
    let aborted = during(0, 1).append(1, 1).outcome(Outcome::Aborted);
    only(Kind::AbortedRead, &[aborted.clone(), during(2, 3).read(1, &[1])]);
    clean(&[aborted, during(2, 3).read(1, &[])]);
}

#[test]
fn a_part_of_a_transaction_may_not_be_read() {
    let whole = during(0, 9).append(1, 1).append(1, 2);
    let findings = check(&[whole.clone(), during(0, 9).read(1, &[1]), during(10, 11).read(1, &[1, 2])]);
    assert_eq!(findings.count(Kind::IntermediateRead), 1, "{findings}");
    let findings = check(&[whole.clone(), during(0, 9).read(1, &[1])]);
    assert_eq!(findings.count(Kind::IntermediateRead), 1, "the rest was never read: {findings}");
    clean(&[whole, during(0, 9).read(1, &[1, 2]), during(0, 9).read(1, &[])]);
}

#[test]
fn a_transaction_does_not_read_its_own_effect() {
    only(Kind::OwnEffectRead, &[during(0, 1).read(1, &[1]).append(1, 1)]);
}

#[test]
fn what_nobody_wrote_and_what_two_wrote_are_found() {
    only(Kind::ForeignElement, &[during(0, 1).read(1, &[1])]);
    only(Kind::ReusedElement, &[during(0, 1).append(1, 1), during(0, 1).append(1, 1)]);
}

#[test]
fn a_transaction_of_unknown_outcome_may_have_happened_or_not_and_late() {
    let unknown = during(0, 1).append(1, 1).append(2, 1).outcome(Outcome::Unknown);
    clean(&[unknown.clone(), during(2, 3).read(1, &[]).read(2, &[])]);
    // It took effect after one that began after its client had given up.
    let late = [
        unknown.clone(),
        during(2, 3).read(1, &[]),
        during(4, 5).append(2, 2),
        during(6, 7).read(1, &[]).read(2, &[2]),
        during(8, 9).read(1, &[1]).read(2, &[2, 1]),
    ];
    clean(&late);
    let half = [unknown, during(2, 3).read(1, &[1]).read(2, &[])];
    only(Kind::SkewedRead, &half);
}

#[test]
fn what_an_effective_unknown_transaction_read_counts_and_what_others_read_does_not() {
    let read_old = |outcome| during(2, 3).read(1, &[]).append(2, 1).outcome(outcome);
    let before = during(0, 1).append(1, 1);
    let seen = during(4, 5).read(1, &[1]).read(2, &[1]);
    let unseen = during(4, 5).read(1, &[1]).read(2, &[]);
    only(Kind::RealTimeCycle, &[before.clone(), read_old(Outcome::Unknown), seen]);
    clean(&[before.clone(), read_old(Outcome::Unknown), unseen.clone()]);
    clean(&[before, read_old(Outcome::Aborted), unseen]);
}

#[test]
fn one_unknown_transaction_may_prove_another() {
    // T2 read T1's element, and T3 read T2's, so all have happened; T1 read what T0 had overwritten.
    let history = [
        during(0, 1).append(1, 1),
        during(2, 3).read(1, &[]).append(2, 1).outcome(Outcome::Unknown),
        during(2, 3).read(2, &[1]).append(3, 1).outcome(Outcome::Unknown),
        during(4, 5).read(3, &[1]).read(1, &[1]),
    ];
    only(Kind::RealTimeCycle, &history);
}

/// Thirty calls overlap at any time; a key takes so many appends and then gives way to the next.
#[test]
fn a_hundred_thousand_transactions_are_judged() {
    const A_KEY: u64 = 64;
    let list = |key: u64, length| (0..length).map(|at| key * A_KEY + at).collect::<Vec<_>>();
    let mut history: Vec<_> = (0..100_000)
        .map(|at| {
            let (key, length) = (at / A_KEY, at % A_KEY);
            let reading = during(at * 10, at * 10 + 300).read(key, &list(key, length));
            reading.append(key, at)
        })
        .collect();
    clean(&history);
    // One that began when the one before the last of its key had long ended, and does not know it.
    let key = 700;
    let late = (key + 1) * A_KEY * 10 + 1_000;
    history.push(during(late, late + 1).read(key, &list(key, A_KEY - 2)));
    history.push(during(late, late + 1).read(key, &list(key, A_KEY)));
    let text = only(Kind::RealTimeCycle, &history);
    assert!(text.contains("a cycle of 2 transactions"), "{text}");
}

#[test]
fn beside_the_worst_cycle_a_shorter_one_is_told() {
    let history = [
        during(0, 1).append(1, 1).append(3, 3),
        during(2, 3).append(1, 2).append(2, 1),
        during(2, 3).append(2, 2).append(3, 1),
        during(4, 5).read(1, &[1, 2]).read(2, &[1, 2]).read(3, &[1, 3]),
    ];
    let findings = check(&history);
    let told = findings.to_string();
    assert_eq!((findings.count(Kind::WriteCycle), findings.count(Kind::RealTimeCycle)), (1, 1), "{told}");
    assert!(told.contains("G0, write cycle: a cycle of 3 transactions"), "{told}");
    assert!(told.contains("real-time cycle: a cycle of 2 transactions"), "{told}");
}
