//! Timestamps handed out: no two alike, and whoever asks later gets a larger one.
//!
//! A stamp must be above every stamp whose answer came before it was asked for, whichever node answered, and
//! whatever the clocks of the nodes did. Of two calls that overlapped either may have the larger one.

use crate::{Call, Findings, Kind, Moment};

/// Stamps that one call got: `count` of them from `first` on. Calls without an answer got none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Batch {
    pub call: Call,
    pub first: u64,
    pub count: u64,
}

impl Batch {
    fn last(&self) -> u64 {
        self.first.saturating_add(self.count.saturating_sub(1))
    }
}

pub fn check(batches: &[Batch]) -> Findings {
    let mut findings = Findings::default();
    note_repeated(batches, &mut findings);
    note_backwards(batches, &mut findings);
    findings
}

fn note_repeated(batches: &[Batch], findings: &mut Findings) {
    let mut sorted: Vec<_> = batches.iter().filter(|batch| batch.count > 0).collect();
    sorted.sort_by_key(|batch| batch.first);
    let mut highest: Option<&Batch> = None;
    for batch in sorted {
        if let Some(other) = highest.filter(|other| batch.first <= other.last()) {
            findings.note(Kind::RepeatedStamp, || {
                format!("{} was given to ({}) and to ({})", batch.first, other.call, batch.call)
            });
        }
        if highest.is_none_or(|other| other.last() < batch.last()) {
            highest = Some(batch);
        }
    }
}

/// Goes over beginnings and ends in the order of time, with the highest stamp that was answered so far.
fn note_backwards(batches: &[Batch], findings: &mut Findings) {
    let given = || batches.iter().filter(|batch| batch.count > 0);
    let mut ends: Vec<_> = given().filter_map(|batch| Some((batch.call.effective_by()?, batch))).collect();
    ends.sort_by_key(|(end, _)| *end);
    let mut begins: Vec<(Moment, &Batch)> = given().map(|batch| (batch.call.begun, batch)).collect();
    begins.sort_by_key(|(begun, _)| *begun);
    let mut ends = ends.into_iter().peekable();
    let mut highest: Option<&Batch> = None;
    for (begun, batch) in begins {
        while let Some((_, ended)) = ends.next_if(|(end, _)| *end < begun) {
            if highest.is_none_or(|other| other.last() < ended.last()) {
                highest = Some(ended);
            }
        }
        if let Some(other) = highest.filter(|other| batch.first <= other.last()) {
            findings.note(Kind::StampBackwards, || {
                let (low, high) = (batch.first, other.last());
                format!("({}) got {low}, but ({}) had got {high} before", batch.call, other.call)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn batch(begun: u64, ended: u64, first: u64, count: u64) -> Batch {
        let call =
            Call { client: 0, begun: Moment(begun), ended: Moment(ended), outcome: Outcome::Committed };
        Batch { call, first, count }
    }

    fn counts(batches: &[Batch]) -> (usize, usize) {
        let found = check(batches);
        (found.count(Kind::RepeatedStamp), found.count(Kind::StampBackwards))
    }

    #[test]
    fn later_calls_get_larger_stamps_and_overlapping_ones_any() {
        assert_eq!(counts(&[batch(0, 1, 10, 5), batch(2, 3, 15, 5), batch(4, 5, 90, 1)]), (0, 0));
        assert_eq!(counts(&[batch(0, 2, 15, 5), batch(2, 3, 10, 5)]), (0, 0));
        assert_eq!(counts(&[batch(0, 1, 10, 0), batch(2, 3, 10, 1)]), (0, 0), "none is not one");
    }

    #[test]
    fn a_stamp_twice_is_found_also_inside_of_a_larger_batch() {
        assert_eq!(counts(&[batch(0, 9, 10, 5), batch(0, 9, 14, 5)]), (1, 0));
        assert_eq!(counts(&[batch(0, 9, 10, 50), batch(0, 9, 12, 1), batch(0, 9, 59, 1)]), (2, 0));
    }

    #[test]
    fn a_clock_that_went_back_is_found_behind_any_number_of_calls() {
        assert_eq!(counts(&[batch(0, 1, 10, 1), batch(2, 3, 9, 1)]), (0, 1));
        assert_eq!(counts(&[batch(0, 1, 99, 1), batch(0, 5, 10, 1), batch(4, 5, 98, 1)]), (0, 1));
    }
}
