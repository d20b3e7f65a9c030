//! Histories made by hand.

use super::*;
use crate::{Moment, Outcome};

const A: Action = Action::Put(Value(1));
const B: Action = Action::Put(Value(2));

fn found(value: u64) -> Action {
    Action::Get((value > 0).then_some(Value(value)))
}

fn on(key: u64, action: Action, begun: u64, ended: u64, outcome: Outcome) -> Operation {
    let call = Call { client: 0, begun: Moment(begun), ended: Moment(ended), outcome };
    Operation { call, key, action }
}

fn sure(action: Action, begun: u64, ended: u64) -> Operation {
    on(7, action, begun, ended, Outcome::Committed)
}

fn unknown(action: Action, begun: u64, ended: u64) -> Operation {
    on(7, action, begun, ended, Outcome::Unknown)
}

fn fine(history: &[Operation]) {
    let findings = check(history);
    assert!(findings.is_clean(), "{findings}");
}

fn wrong(history: &[Operation]) -> String {
    let findings = check(history);
    assert_eq!(findings.count(Kind::NotLinearizable), 1, "{findings}");
    findings.to_string()
}

#[test]
fn calls_one_after_the_other_find_what_the_one_before_left() {
    fine(&[
        sure(found(0), 0, 1),
        sure(A, 2, 3),
        sure(found(1), 4, 5),
        sure(Action::Delete, 6, 7),
        sure(found(0), 8, 9),
    ]);
    let text = wrong(&[sure(A, 2, 3), sure(B, 4, 5), sure(found(1), 6, 7)]);
    assert!(text.contains("key 7: 2 of 3 calls have an order; it holds 2 then, and next"), "{text}");
    assert!(text.contains("Get(Some(Value(1)))"), "{text}");
    wrong(&[sure(A, 2, 3), sure(found(0), 4, 5)]);
    wrong(&[sure(A, 2, 3), sure(Action::Delete, 4, 5), sure(found(1), 6, 7)]);
    wrong(&[sure(found(1), 0, 1), sure(A, 2, 3)]);
    wrong(&[sure(found(3), 0, 1)]);
}

#[test]
fn a_get_during_a_put_finds_either_but_not_back_and_forth() {
    fine(&[sure(A, 0, 9), sure(found(0), 1, 2), sure(found(1), 3, 4)]);
    fine(&[sure(A, 0, 9), sure(found(1), 1, 4), sure(found(0), 2, 3)]);
    wrong(&[sure(A, 0, 9), sure(found(1), 1, 2), sure(found(0), 3, 4)]);
}

#[test]
fn a_get_may_not_go_back_behind_another_clients_get() {
    wrong(&[sure(A, 0, 1), sure(B, 2, 9), sure(found(2), 3, 4), sure(found(1), 5, 6)]);
}

#[test]
fn puts_that_overlap_come_in_one_order_for_all() {
    fine(&[sure(A, 0, 9), sure(B, 0, 9), sure(found(1), 10, 11), sure(found(1), 12, 13)]);
    wrong(&[sure(A, 0, 9), sure(B, 0, 9), sure(found(1), 10, 11), sure(found(2), 12, 13)]);
}

#[test]
fn a_call_without_an_answer_takes_effect_late_or_never() {
    fine(&[unknown(A, 0, 1), sure(found(0), 2, 3), sure(found(0), 4, 5)]);
    fine(&[unknown(A, 0, 1), sure(found(0), 2, 3), sure(B, 4, 5), sure(found(1), 6, 7)]);
    wrong(&[unknown(A, 0, 1), sure(found(1), 2, 3), sure(found(0), 4, 5)]);
    wrong(&[unknown(A, 0, 1), sure(found(1), 2, 3), sure(B, 4, 5), sure(found(1), 6, 7)]);
    fine(&[sure(A, 0, 1), unknown(Action::Delete, 2, 3), sure(found(1), 4, 5), sure(found(0), 6, 7)]);
    wrong(&[
        sure(A, 0, 1),
        unknown(Action::Delete, 2, 3),
        sure(found(0), 4, 5),
        sure(B, 6, 7),
        sure(found(0), 8, 9),
    ]);
}

#[test]
fn what_was_refused_may_not_be_found() {
    let refused = on(7, A, 0, 1, Outcome::Aborted);
    fine(&[refused, sure(found(0), 2, 3)]);
    wrong(&[refused, sure(found(1), 2, 3)]);
}

#[test]
fn each_key_is_judged_by_itself() {
    let of = |key, action, begun| on(key, action, begun, begun + 1, Outcome::Committed);
    fine(&[of(1, A, 0), of(2, found(0), 2), of(1, found(1), 4)]);
    let findings = check(&[of(1, A, 0), of(1, found(0), 2), of(2, A, 0), of(2, found(0), 2), of(3, A, 0)]);
    assert_eq!(findings.count(Kind::NotLinearizable), 2, "{findings}");
}

#[test]
fn many_calls_without_an_answer_do_not_stall_the_search() {
    // Each put of unknown outcome could be anywhere; those found have an end, those not found are left out.
    let mut history = Vec::new();
    for round in 0..2_000 {
        let at = round * 10;
        history.push(unknown(Action::Put(Value(2 * round + 1)), at, at + 1));
        history.push(sure(Action::Put(Value(2 * round + 2)), at + 2, at + 3));
        let late = if round % 3 == 0 { 2 * round + 1 } else { 2 * round + 2 };
        history.push(sure(found(late), at + 4, at + 5));
    }
    fine(&history);
    history.push(sure(found(1), 90_000, 90_001));
    wrong(&history);
}

#[test]
fn a_key_of_a_hundred_thousand_calls_is_decided() {
    let calls = (0..100_000).map(|at| {
        let action = if at % 2 == 0 { Action::Put(Value(at / 2 + 1)) } else { found(at / 2 + 1) };
        sure(action, at * 10, at * 10 + 15)
    });
    fine(&calls.collect::<Vec<_>>());
}
