//! Whether anything still refers to a key: every reason against retiring it, on every member.
//!
//! A member's word counts from after it closed the key: from there on it seals nothing under it, sends no row under
//! it, and seals anew what it receives. A count of rows that began earlier, or in rows that a snapshot has replaced
//! since, says nothing; nor does a snapshot that was taken before.
//!
//! ```text
//! storage   no row under it, counted since it was closed · no read open that is older than the count · no rewrite at
//!           work · a snapshot from behind the closing, and none being built from before it
//! raft      in the key floor of each group, as far as every member has applied · log and snapshot begin behind the
//!           last entry sealed under it, by whoever knows of the latest
//! both      nobody's seal key · nothing set aside that could hold rows as they once were
//! ```

use elastickv_fsm::{Control, KeyRow, KeyState};
use elastickv_types::{GroupId, KeyId, LogIndex, Purpose};

use super::{Check, Facts, Problem, Report};
use crate::ports::Standing;

/// What concerns the key as such, before anybody is asked.
pub(super) fn of_the_key(standing: &Standing, key: KeyId) -> Option<Problem> {
    let Some(row) = standing.control.keys.get(key) else { return Some(Problem::UnknownKey { key }) };
    match row.state {
        KeyState::Installed | KeyState::Active => Some(Problem::KeyInUse { key, state: row.state }),
        KeyState::Retiring => Some(Problem::NotClosed { key }),
        KeyState::Closed { .. } | KeyState::Retired { .. } => unfloored(standing, key, row),
    }
}

fn unfloored(standing: &Standing, key: KeyId, row: &KeyRow) -> Option<Problem> {
    let open = standing.groups.iter().find(|group| !group.floor.contains_key(&key));
    let open = open.filter(|_| row.purpose == Purpose::Raft)?;
    Some(Problem::NotInFloor { key, group: open.group })
}

/// The last entry sealed under a raft key, by whoever knows of the latest: a member that lags has not seen it yet, and
/// may still get it.
pub(super) fn last_sealed(reports: &[&Report], key: KeyId) -> Option<LogIndex> {
    let facts = reports.iter().filter_map(|report| report.answer.as_ref().ok());
    facts.filter_map(|facts| facts.last_sealed.get(&key)).max().copied()
}

/// What stands in the way on one member, for each check that is made there; `last` is the last entry that anybody knows
/// to be sealed under it.
pub(super) fn of_a_member(
    standing: &Standing,
    facts: &Facts,
    key: KeyId,
    last: Option<LogIndex>,
) -> Vec<(Check, Option<Problem>)> {
    let control = &*standing.control;
    let raft = control.keys.get(key).is_some_and(|row| row.purpose == Purpose::Raft);
    let closed = closed_at(control, key);
    let mut found = vec![(Check::SealKey, seals_under(facts, key))];
    match raft {
        true => found.push((Check::Log, before_floor(standing, facts, key).or_else(|| log(facts, last)))),
        false => {
            found.push((Check::Rows, rows(facts, key, closed)));
            found.push((Check::Reads, reads(facts)));
            found.push((Check::Rewrite, rewrite(facts)));
            found.push((Check::Snapshot, snapshot(facts, closed)));
        }
    }
    found.push((Check::Leftovers, leftovers(facts)));
    found
}

fn closed_at(control: &Control, key: KeyId) -> Option<LogIndex> {
    match control.keys.get(key)?.state {
        KeyState::Closed { at } => Some(at),
        KeyState::Retired { closed, .. } => Some(closed),
        KeyState::Installed | KeyState::Active | KeyState::Retiring => None,
    }
}

pub(super) fn seals_under(facts: &Facts, key: KeyId) -> Option<Problem> {
    let seals = facts.key(key).is_some_and(|held| held.seal_key);
    seals.then_some(Problem::SealsUnder { key })
}

fn rows(facts: &Facts, key: KeyId, closed: Option<LogIndex>) -> Option<Problem> {
    let Some(count) = &facts.counted else { return Some(Problem::NotCounted) };
    if let Some(closed) = closed
        && count.begun < closed
    {
        return Some(Problem::CountedBefore { begun: count.begun, closed });
    }
    let rows = count.keys.get(&key).copied().unwrap_or_default();
    match (rows, count.malformed) {
        (0, 0) => None,
        (0, rows) => Some(Problem::MalformedRows { rows }),
        (rows, _) => Some(Problem::RowsLeft { rows }),
    }
}

/// Whoever still looks at rows as they were before the count may come to one under the key.
fn reads(facts: &Facts) -> Option<Problem> {
    let reads = facts.older_reads;
    (reads > 0).then_some(Problem::OlderReads { reads })
}

fn rewrite(facts: &Facts) -> Option<Problem> {
    let part = facts.rewrite.as_ref().filter(|part| !part.done && part.activity != "cancelled")?;
    Some(Problem::RewriteAtWork { activity: part.activity.clone() })
}

/// A snapshot is sealed anew as it is built, by what was closed then. Without one a store that is lost is built anew from
/// the first entry on, through the time when rows were sealed under the key.
fn snapshot(facts: &Facts, closed: Option<LogIndex>) -> Option<Problem> {
    let closed = closed?;
    if let Some(begun) = facts.building.filter(|begun| *begun <= closed) {
        return Some(Problem::SnapshotUnderWay { begun, closed });
    }
    let snapshot = facts.snapshot.unwrap_or_default();
    (snapshot <= closed).then_some(Problem::SnapshotFromBefore { snapshot, needed: closed })
}

/// Up to the floor entries under the key are taken, and have to be opened.
fn before_floor(standing: &Standing, facts: &Facts, key: KeyId) -> Option<Problem> {
    let control = standing.groups.iter().find(|group| group.group == GroupId::CONTROL)?;
    let floor = *control.floor.get(&key)?;
    let applied = facts.applied;
    (applied < floor).then_some(Problem::BeforeFloor { applied, floor })
}

fn log(facts: &Facts, last: Option<LogIndex>) -> Option<Problem> {
    let last = last?;
    if facts.first_log <= last {
        return Some(Problem::LogFromBefore { first: facts.first_log, last });
    }
    let snapshot = facts.snapshot.unwrap_or_default();
    (snapshot <= last).then_some(Problem::SnapshotFromBefore { snapshot, needed: last })
}

fn leftovers(facts: &Facts) -> Option<Problem> {
    let names = &facts.leftovers;
    (!names.is_empty()).then(|| Problem::Leftovers { names: names.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Counted;
    use crate::tests::facts;

    fn key(raw: u32) -> KeyId {
        KeyId::from_u32(raw).unwrap()
    }

    fn at(raw: u64) -> LogIndex {
        LogIndex::new(raw)
    }

    #[test]
    fn a_count_speaks_only_of_rows_since_the_closing() {
        let mut facts = facts::sample();
        let judged = |facts: &Facts| rows(facts, key(7), Some(at(20)));
        facts.counted = None;
        assert_eq!(judged(&facts), Some(Problem::NotCounted));
        let count = |begun, rows| facts::count(at(begun), [(key(7), rows)]);
        facts.counted = Some(count(19, 0));
        assert_eq!(judged(&facts), Some(Problem::CountedBefore { begun: at(19), closed: at(20) }));
        facts.counted = Some(count(20, 3));
        assert_eq!(judged(&facts), Some(Problem::RowsLeft { rows: 3 }));
        facts.counted = Some(count(20, 0));
        assert_eq!(judged(&facts), None);
        facts.counted = Some(Counted { malformed: 1, ..count(20, 0) });
        assert_eq!(judged(&facts), Some(Problem::MalformedRows { rows: 1 }));
    }

    #[test]
    fn a_snapshot_counts_from_behind_the_closing() {
        let mut facts = facts::sample();
        facts.snapshot = Some(at(20));
        let needed = at(20);
        assert_eq!(
            snapshot(&facts, Some(needed)),
            Some(Problem::SnapshotFromBefore { snapshot: at(20), needed })
        );
        facts.snapshot = Some(at(21));
        assert_eq!(snapshot(&facts, Some(needed)), None);
        facts.snapshot = None;
        let none = Problem::SnapshotFromBefore { snapshot: at(0), needed };
        assert_eq!(
            snapshot(&facts, Some(needed)),
            Some(none),
            "the log would be replayed from its first entry"
        );
        facts.building = Some(at(20));
        let under_way = Problem::SnapshotUnderWay { begun: at(20), closed: needed };
        assert_eq!(snapshot(&facts, Some(needed)), Some(under_way), "there will be one");
        (facts.building, facts.snapshot) = (Some(at(22)), Some(at(21)));
        assert_eq!(snapshot(&facts, Some(needed)), None);
    }

    #[test]
    fn a_log_holds_what_was_sealed_in_it() {
        let mut facts = facts::sample();
        assert_eq!(log(&facts, None), None, "nothing was sealed under it");
        let last = Some(at(30));
        facts.first_log = at(30);
        assert_eq!(log(&facts, last), Some(Problem::LogFromBefore { first: at(30), last: at(30) }));
        facts.first_log = at(31);
        facts.snapshot = Some(at(30));
        assert_eq!(log(&facts, last), Some(Problem::SnapshotFromBefore { snapshot: at(30), needed: at(30) }));
        facts.snapshot = Some(at(31));
        assert_eq!(log(&facts, last), None);
    }

    /// A member that lags knows of fewer entries than there are, and its log reaches back to those all the same.
    #[test]
    fn the_last_entry_is_the_latest_that_anybody_knows_of() {
        let report = |sealed: Option<u64>| {
            let mut facts = facts::sample();
            facts.last_sealed = sealed.into_iter().map(|index| (key(7), at(index))).collect();
            facts::report(facts)
        };
        let reports = [report(Some(12)), report(None), report(Some(30)), report(Some(29))];
        let reports: Vec<_> = reports.iter().collect();
        assert_eq!(last_sealed(&reports, key(7)), Some(at(30)));
        assert_eq!(last_sealed(&reports, key(8)), None);
    }

    #[test]
    fn whoever_seals_or_works_or_keeps_things_aside_stands_in_the_way() {
        let mut facts = facts::sample();
        assert_eq!((rewrite(&facts), leftovers(&facts), seals_under(&facts, key(7))), (None, None, None));
        facts.leftovers = vec!["state.aside-1".to_owned()];
        facts.older_reads = 2;
        assert_eq!(reads(&facts), Some(Problem::OlderReads { reads: 2 }));
        facts.keys = vec![facts::held(key(7), true)];
        assert!(leftovers(&facts).is_some() && seals_under(&facts, key(7)).is_some());
        assert_eq!(seals_under(&facts, key(8)), None);
    }
}
