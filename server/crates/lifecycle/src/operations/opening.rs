//! When a key that was installed may take over.
//!
//! A majority has to hold it, and everybody who answers, or who was silent for no longer than a moment: a member
//! that restarts is waited for, one that is gone is not.

use std::collections::BTreeMap;
use std::time::Duration;

use elastickv_sys::clock::Moment;
use elastickv_types::{FullNodeId, KeyId, NodeName};

use crate::capability::Report;
use crate::ports::Standing;

/// Who says nothing for this long is not waited for any more.
pub const GONE_AFTER: Duration = Duration::from_secs(10);

/// Since when members have been silent, by those who asked them.
#[derive(Clone, Default, Debug)]
pub struct Silences(BTreeMap<FullNodeId, Moment>);

impl Silences {
    pub fn note(&mut self, reports: &[Report], now: Moment) {
        for report in reports {
            let id = report.member.id();
            match &report.answer {
                Ok(_) => drop(self.0.remove(&id)),
                Err(_) => drop(self.0.entry(id).or_insert(now)),
            }
        }
    }

    fn is_gone(&self, id: FullNodeId, now: Moment) -> bool {
        self.0.get(&id).is_some_and(|since| now.since(*since) >= GONE_AFTER)
    }
}

/// Those who are waited for; nobody, and the key may take over.
pub fn waited_for(
    standing: &Standing,
    key: KeyId,
    reports: &[Report],
    silences: &Silences,
    now: Moment,
) -> Vec<NodeName> {
    let holds = |report: &Report| report.answer.as_ref().is_ok_and(|facts| facts.has_open(key));
    let held = |id: &FullNodeId| reports.iter().any(|report| report.member.id() == *id && holds(report));
    let quorum = standing
        .membership
        .voters
        .iter()
        .all(|voters| voters.iter().filter(|voter| held(voter)).count() > voters.len() / 2);
    let without = reports.iter().filter(|report| !holds(report));
    let waited = without.filter(|report| !quorum || !silences.is_gone(report.member.id(), now));
    waited.map(|report| report.member.name.clone()).collect()
}
