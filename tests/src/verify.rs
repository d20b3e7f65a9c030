//! Holds what a cluster still has against what its writers were told.
//!
//! For one key the writes are known in the order they were asked for. Let L be the last acknowledged one.
//! Everything asked for before L and acknowledged is overwritten by L. A write of unknown fate may have
//! taken effect at any time, also after L. So the key may hold what L left, or what any unknown write
//! left, and nothing else; without an acknowledged write it may also be absent. A refused write was
//! promised not to take effect, so its value may not be seen at all.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use crate::client::Pair;
use crate::workload::{History, Operation, Outcome, is_key_of_ours};

/// Enough to start a search with.
const EXAMPLES: usize = 10;

/// What was found wrong, and what could be seen of the unknown writes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Keys whose last acknowledged write is lost.
    pub lost: usize,
    /// Keys that hold a write that was refused.
    pub refused_but_there: usize,
    /// Keys that hold what nobody wrote to them, or that nobody wrote at all.
    pub foreign: usize,
    /// Keys that were looked at.
    pub keys: usize,
    /// Keys that hold a write of unknown fate: these took effect after all.
    pub unknown_but_there: usize,
    examples: Vec<String>,
}

impl Findings {
    pub fn is_clean(&self) -> bool {
        (self.lost, self.refused_but_there, self.foreign) == (0, 0, 0)
    }

    fn note(&mut self, key: &[u8], what: &str, operations: &[&Operation]) {
        if self.examples.len() < EXAMPLES {
            let story: Vec<_> = operations.iter().rev().take(5).map(|op| tell(op)).collect();
            let key = String::from_utf8_lossy(key);
            self.examples.push(format!("{key}: {what}; newest first: {}", story.join(", ")));
        }
    }
}

fn tell(operation: &Operation) -> String {
    format!("{:?} {:?}", operation.change, operation.outcome)
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} keys: {} lost, {} refused but there, {} foreign ({} of unknown fate took effect)",
            self.keys, self.lost, self.refused_but_there, self.foreign, self.unknown_but_there
        )?;
        self.examples.iter().try_for_each(|example| write!(f, "\n  {example}"))
    }
}

/// Judges every key of the history, and every key of the writers that the cluster has besides.
pub fn verify(history: &History, content: &[Pair]) -> Findings {
    let content: BTreeMap<&Bytes, &Bytes> = content.iter().map(|(key, value)| (key, value)).collect();
    let keys = history.by_key();
    let mut findings = Findings { keys: keys.len(), ..Findings::default() };
    for (key, operations) in &keys {
        judge(key, operations, content.get(key).copied(), history.value_bytes(), &mut findings);
    }
    for key in content.keys().filter(|key| is_key_of_ours(key) && !keys.contains_key(*key)) {
        findings.foreign += 1;
        findings.note(key, "nobody wrote it", &[]);
    }
    findings
}

fn judge(
    key: &[u8],
    operations: &[&Operation],
    found: Option<&Bytes>,
    value_bytes: usize,
    findings: &mut Findings,
) {
    let left_by = |operation: &Operation| operation.change.leaves(operation.writer, value_bytes);
    let holds = |operation: &&&Operation| left_by(operation).as_ref() == found;
    let last = operations.iter().rfind(|operation| operation.outcome == Outcome::Acknowledged);
    let as_acknowledged = last.map_or(found.is_none(), |last| holds(&last));
    if as_acknowledged {
        return;
    }
    let mut holding = operations.iter().filter(holds);
    if holding.clone().any(|operation| matches!(operation.outcome, Outcome::Unknown(_))) {
        findings.unknown_but_there += 1;
    } else if holding.any(|operation| matches!(operation.outcome, Outcome::Refused(_))) && found.is_some() {
        findings.refused_but_there += 1;
        findings.note(key, "holds a write that was refused", operations);
    } else if last.is_some() {
        findings.lost += 1;
        let what = if found.is_some() { "holds an older write" } else { "is absent" };
        findings.note(key, what, operations);
    } else {
        findings.foreign += 1;
        findings.note(key, "holds what nobody wrote to it", operations);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::workload::{Change, WriterId};

    const BYTES: usize = 32;

    fn history(writes: &[(&'static str, Change, Outcome)]) -> History {
        let now = Instant::now();
        let operation = |(key, change, outcome): &(&'static str, Change, Outcome)| Operation {
            writer: WriterId(0),
            key: Bytes::from_static(key.as_bytes()),
            change: *change,
            begun: now,
            ended: now,
            outcome: outcome.clone(),
        };
        History::new(writes.iter().map(operation).collect(), BYTES)
    }

    fn content(pairs: &[(&'static str, u64)]) -> Vec<Pair> {
        let value = |number| Change::Put(number).leaves(WriterId(0), BYTES).expect("a put leaves a value");
        pairs.iter().map(|&(key, number)| (Bytes::from_static(key.as_bytes()), value(number))).collect()
    }

    fn unknown() -> Outcome {
        Outcome::Unknown("Cancelled".to_owned())
    }

    fn refused() -> Outcome {
        Outcome::Refused("NoQuorum".to_owned())
    }

    #[test]
    fn the_last_acknowledged_write_must_be_there() {
        let ours = history(&[
            ("load/a", Change::Put(1), Outcome::Acknowledged),
            ("load/a", Change::Put(2), Outcome::Acknowledged),
        ]);
        assert!(verify(&ours, &content(&[("load/a", 2)])).is_clean());
        assert_eq!(verify(&ours, &content(&[("load/a", 1)])).lost, 1);
        assert_eq!(verify(&ours, &content(&[])).lost, 1);
        assert_eq!(verify(&ours, &content(&[("load/a", 7)])).lost, 1);
    }

    #[test]
    fn a_deleted_key_must_stay_deleted() {
        let ours = history(&[
            ("load/a", Change::Put(1), Outcome::Acknowledged),
            ("load/a", Change::Delete(2), Outcome::Acknowledged),
        ]);
        assert!(verify(&ours, &content(&[])).is_clean());
        assert_eq!(verify(&ours, &content(&[("load/a", 1)])).lost, 1);
    }

    #[test]
    fn an_unknown_write_may_take_effect_even_late() {
        let ours = history(&[
            ("load/a", Change::Put(1), unknown()),
            ("load/a", Change::Put(2), Outcome::Acknowledged),
        ]);
        let late = verify(&ours, &content(&[("load/a", 1)]));
        assert!(late.is_clean());
        assert_eq!(late.unknown_but_there, 1);
        assert!(verify(&ours, &content(&[("load/a", 2)])).is_clean());
        assert_eq!(verify(&ours, &content(&[])).lost, 1);
        let deleted = history(&[
            ("load/a", Change::Put(1), Outcome::Acknowledged),
            ("load/a", Change::Delete(2), unknown()),
        ]);
        assert!(verify(&deleted, &content(&[])).is_clean());
        assert!(verify(&deleted, &content(&[("load/a", 1)])).is_clean());
    }

    #[test]
    fn a_refused_write_may_not_be_seen() {
        let ours = history(&[("load/a", Change::Put(1), refused())]);
        assert!(verify(&ours, &content(&[])).is_clean());
        assert_eq!(verify(&ours, &content(&[("load/a", 1)])).refused_but_there, 1);
    }

    #[test]
    fn what_nobody_wrote_is_found_and_what_is_not_ours_is_left_alone() {
        let ours = history(&[("load/a", Change::Put(1), Outcome::Acknowledged)]);
        assert_eq!(verify(&ours, &content(&[("load/a", 1), ("load/b", 1)])).foreign, 1);
        assert!(verify(&ours, &content(&[("load/a", 1), ("other", 1)])).is_clean());
    }
}
