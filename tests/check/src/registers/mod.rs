//! Puts, deletes and gets of single keys, held against linearizability.
//!
//! A history is linearizable when each key's is, so every key is searched by itself ([`search`]): for an
//! order of its calls in which each takes effect between its beginning and its end and every get finds what
//! the call before it left. Keys begin without a value.
//!
//! A put or delete of unknown outcome has no end: it may take effect at any time after its beginning, or not
//! at all. What such calls cost the search is cut down where that is safe ([`prepare`]).

mod prepare;
mod search;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::{Call, Findings, Kind};
use search::{Search, Verdict};

/// What a key holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Value(pub u64);

/// What a call did, or found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Put(Value),
    Delete,
    Get(Option<Value>),
}

impl Action {
    /// What the key holds afterwards; a get leaves what it found.
    fn leaves(self) -> Option<Value> {
        match self {
            Action::Put(value) => Some(value),
            Action::Delete => None,
            Action::Get(found) => found,
        }
    }

    fn is_get(self) -> bool {
        matches!(self, Action::Get(_))
    }
}

/// One call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    pub call: Call,
    pub key: u64,
    pub action: Action,
}

/// Judges a history.
pub fn check(history: &[Operation]) -> Findings {
    let mut keys: BTreeMap<u64, Vec<Operation>> = BTreeMap::new();
    for operation in history {
        keys.entry(operation.key).or_default().push(*operation);
    }
    let mut findings = Findings::default();
    for (key, operations) in keys {
        let intervals = prepare::intervals(&operations);
        let mut search = Search::new(&intervals);
        match search.run() {
            Verdict::Linearizable => {}
            Verdict::Impossible => findings.note(Kind::NotLinearizable, || tell(key, &search)),
            Verdict::GaveUp => findings.note(Kind::Undecided, || tell(key, &search)),
        }
    }
    findings
}

fn tell(key: u64, search: &Search<'_>) -> String {
    let stuck = search.furthest();
    let holding = stuck.holds.map_or("nothing".to_owned(), |value| value.0.to_string());
    let (done, all) = (stuck.done, search.calls());
    let mut story =
        format!("key {key}: {done} of {all} calls have an order; it holds {holding} then, and next");
    for interval in stuck.next {
        let _ = write!(story, "\n{:?} ({})", interval.action, interval.call);
    }
    story
}

#[cfg(test)]
mod tests;
