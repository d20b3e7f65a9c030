//! What a run amounted to, and whether that was enough.
//!
//! A fault test that injected nothing, or wrote next to nothing meanwhile, proves nothing. So each run
//! says how many of its failures took effect, how many operations it did, what share was acknowledged and
//! what share overlapped a failure, and fails below its floors.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::workload::{Operation, Outcome};

/// A call of a client, as far as the figures go.
pub trait Timed {
    fn begun(&self) -> Instant;
    fn ended(&self) -> Instant;
    fn outcome(&self) -> &Outcome;
}

impl Timed for Operation {
    fn begun(&self) -> Instant {
        self.begun
    }

    fn ended(&self) -> Instant {
        self.ended
    }

    fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

/// A failure that was injected: from the moment it struck until its effects were over.
#[derive(Clone, Debug)]
pub struct Failure {
    pub what: String,
    /// Processes, links or files that it really hit.
    pub hits: usize,
    pub begun: Instant,
    pub ended: Instant,
}

impl Failure {
    fn overlaps(&self, call: &impl Timed) -> bool {
        call.begun() <= self.ended && self.begun <= call.ended()
    }
}

/// The least that a run must have done to count. Shares are in per cent of all operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Floors {
    pub effective_failures: usize,
    pub acknowledged: usize,
    pub acknowledged_share: f64,
    pub overlapping_share: f64,
}

/// The figures of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub failures: usize,
    pub effective_failures: usize,
    pub hits: usize,
    pub operations: usize,
    pub acknowledged: usize,
    pub overlapping: usize,
    pub longest_gap_ms: u128,
    /// How many operations ended unacknowledged, by how they did.
    pub otherwise: BTreeMap<String, usize>,
}

impl Summary {
    pub fn of<T: Timed>(operations: &[T], failures: &[Failure]) -> Self {
        let overlaps = |operation: &&T| failures.iter().any(|failure| failure.overlaps(*operation));
        let mut otherwise = BTreeMap::new();
        for operation in operations {
            let word = match operation.outcome() {
                Outcome::Acknowledged => continue,
                Outcome::Refused(why) => format!("refused: {why}"),
                Outcome::Unknown(why) => format!("unknown: {why}"),
            };
            *otherwise.entry(word).or_insert(0) += 1;
        }
        Self {
            failures: failures.len(),
            effective_failures: failures.iter().filter(|failure| failure.hits > 0).count(),
            hits: failures.iter().map(|failure| failure.hits).sum(),
            operations: operations.len(),
            acknowledged: acknowledged(operations).count(),
            overlapping: operations.iter().filter(overlaps).count(),
            longest_gap_ms: longest_gap_ms(operations),
            otherwise,
        }
    }

    pub fn acknowledged_share(&self) -> f64 {
        share(self.acknowledged, self.operations)
    }

    pub fn overlapping_share(&self) -> f64 {
        share(self.overlapping, self.operations)
    }

    pub fn demand(&self, floors: &Floors) -> Result<()> {
        let enough = self.effective_failures >= floors.effective_failures
            && self.acknowledged >= floors.acknowledged
            && self.acknowledged_share() >= floors.acknowledged_share
            && self.overlapping_share() >= floors.overlapping_share;
        if !enough {
            bail!("the run did too little to prove anything: {self}; the floors are {floors:?}");
        }
        Ok(())
    }
}

fn acknowledged<T: Timed>(operations: &[T]) -> impl Iterator<Item = &T> {
    operations.iter().filter(|operation| *operation.outcome() == Outcome::Acknowledged)
}

/// The longest time in which nothing was acknowledged.
fn longest_gap_ms<T: Timed>(operations: &[T]) -> u128 {
    let mut times: Vec<_> = acknowledged(operations).map(Timed::ended).collect();
    times.sort_unstable();
    let gaps = times.iter().zip(times.iter().skip(1)).map(|(one, next)| (*next - *one).as_millis());
    gaps.max().unwrap_or(0)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} failures took effect ({} hits); {} operations, {:.1} % acknowledged ({}), \
             {:.1} % overlapped a failure; longest gap {} ms",
            self.effective_failures,
            self.failures,
            self.hits,
            self.operations,
            self.acknowledged_share(),
            self.acknowledged,
            self.overlapping_share(),
            self.longest_gap_ms,
        )?;
        self.otherwise.iter().try_for_each(|(how, count)| write!(f, "; {how} {count}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::workload::{Change, History, WriterId};

    #[test]
    fn a_run_is_counted_and_held_against_its_floors() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let write = |from, to, outcome: Outcome| Operation {
            writer: WriterId(0),
            key: Bytes::from_static(b"load/a"),
            change: Change::Put(from),
            begun: at(from),
            ended: at(to),
            outcome,
        };
        let history = History::new(
            vec![
                write(0, 10, Outcome::Acknowledged),
                write(10, 30, Outcome::Unknown("Cancelled".to_owned())),
                write(30, 35, Outcome::Refused("NoQuorum".to_owned())),
                write(35, 50, Outcome::Acknowledged),
            ],
            8,
        );
        let failure = Failure { what: "kill".to_owned(), hits: 2, begun: at(20), ended: at(32) };
        let missed = Failure { hits: 0, ..failure.clone() };
        let summary = Summary::of(history.operations(), &[failure, missed]);
        assert_eq!((summary.failures, summary.effective_failures, summary.hits), (2, 1, 2));
        assert_eq!((summary.operations, summary.acknowledged, summary.overlapping), (4, 2, 2));
        assert_eq!(summary.longest_gap_ms, 40);
        assert_eq!(summary.otherwise["refused: NoQuorum"], 1);
        let floors = Floors {
            effective_failures: 1,
            acknowledged: 2,
            acknowledged_share: 50.0,
            overlapping_share: 50.0,
        };
        summary.demand(&floors).expect("just enough");
        assert!(summary.demand(&Floors { acknowledged: 3, ..floors }).is_err());
        assert!(summary.demand(&Floors { effective_failures: 2, ..floors }).is_err());
    }
}
