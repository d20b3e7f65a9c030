//! What of a key's calls has to be searched.
//!
//! A call without an end can be put anywhere, and each doubles what there is to search. Two steps spare
//! almost all of them, without changing the verdict:
//!
//! - A put of unknown outcome whose value no get found is left out. In any order in which it stands, nobody
//!   saw it, so the order without it explains as much.
//! - A put of unknown outcome whose value some get found, and which no other put wrote, took effect before
//!   the first such get ended. So it has an end: that one.
//!
//! Gets without an answer say nothing and are left out, and so is what was refused.

use std::collections::HashMap;

use super::{Action, Operation, Value};
use crate::{Call, Moment, Outcome};

/// A call and the time in which it took effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub action: Action,
    pub call: Call,
    /// `None`: it may take effect at any time after its beginning, or never.
    pub end: Option<Moment>,
}

/// In the order in which they began.
pub(super) fn intervals(operations: &[Operation]) -> Vec<Interval> {
    let mut found: HashMap<Value, Moment> = HashMap::new();
    let mut written: HashMap<Value, usize> = HashMap::new();
    for operation in operations {
        match (operation.action, operation.call.outcome) {
            (Action::Get(Some(value)), Outcome::Committed) => {
                let first = found.entry(value).or_insert(operation.call.ended);
                *first = operation.call.ended.min(*first);
            }
            (Action::Put(value), Outcome::Committed | Outcome::Unknown) => {
                *written.entry(value).or_default() += 1;
            }
            _ => {}
        }
    }
    let interval = |operation: &Operation| {
        let Operation { action, call, .. } = *operation;
        let end = match (call.outcome, action) {
            (Outcome::Aborted, _) | (Outcome::Unknown, Action::Get(_)) => return None,
            (Outcome::Committed, _) => Some(call.ended),
            (Outcome::Unknown, Action::Delete) => None,
            (Outcome::Unknown, Action::Put(value)) => {
                let seen = *found.get(&value)?;
                (written.get(&value) == Some(&1)).then_some(seen)
            }
        };
        Some(Interval { action, call, end })
    };
    let mut intervals: Vec<_> = operations.iter().filter_map(interval).collect();
    intervals.sort_by_key(|interval| interval.call.begun);
    intervals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(action: Action, begun: u64, ended: u64, outcome: Outcome) -> Operation {
        let call = Call { client: 0, begun: Moment(begun), ended: Moment(ended), outcome };
        Operation { call, key: 0, action }
    }

    #[test]
    fn only_what_must_stay_open_does() {
        let [a, b, c] = [1, 2, 3].map(Value);
        let (unknown, sure) = (Outcome::Unknown, Outcome::Committed);
        let prepared = intervals(&[
            operation(Action::Put(a), 0, 1, unknown),
            operation(Action::Put(b), 1, 2, unknown),
            operation(Action::Put(c), 2, 3, unknown),
            operation(Action::Put(c), 3, 4, sure),
            operation(Action::Delete, 4, 5, unknown),
            operation(Action::Get(None), 5, 6, unknown),
            operation(Action::Put(a), 6, 7, Outcome::Aborted),
            operation(Action::Get(Some(b)), 7, 20, sure),
            operation(Action::Get(Some(b)), 8, 10, sure),
            operation(Action::Get(Some(c)), 9, 30, sure),
        ]);
        let ends: Vec<_> = prepared.iter().map(|of| (of.action, of.end.map(|end| end.0))).collect();
        let expected = [
            (Action::Put(b), Some(10)),
            (Action::Put(c), None),
            (Action::Put(c), Some(4)),
            (Action::Delete, None),
            (Action::Get(Some(b)), Some(20)),
            (Action::Get(Some(b)), Some(10)),
            (Action::Get(Some(c)), Some(30)),
        ];
        assert_eq!(ends, expected);
    }
}
