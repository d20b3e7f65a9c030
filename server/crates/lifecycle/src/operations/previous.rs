//! Whether anything still needs the KEK before the present one.
//!
//! After the keys were wrapped anew, the old wrappings stand in the log before that entry, in snapshots that do not
//! reach it, and in the state of members that have yet to apply it. And a label is only what somebody wrote down:
//! what counts is that every member opens every key, as it is wrapped now, with its present KEK alone.

use elastickv_consensus::Member;
use elastickv_fsm::{Control, OperationKind};
use elastickv_kek::Wrapped;
use elastickv_sys::point;
use elastickv_types::LogIndex;

use super::{Operations, Waiting};
use crate::capability::fanout::ask_all;
use crate::capability::{Facts, Probe, Report};
use crate::operations::driver::CheckError;
use crate::ports::{ProbeKey, Question};

/// The entry in which keys were wrapped anew for the last time, as far as the history goes back.
fn rewrapped_at(control: &Control) -> Option<LogIndex> {
    let mut records = control.history.iter().rev().map(|(_, record)| record);
    records.find_map(|record| {
        let done = record.outcome.as_ref().ok()?;
        (record.kind == OperationKind::Rewrap && done.changed).then_some(done.first)
    })
}

impl Operations {
    /// Who still needs it, and why; `None` where keys were never wrapped anew.
    pub async fn previous_kek(&self) -> Result<Option<Vec<Waiting>>, CheckError> {
        let standing = self.standing().await?;
        let Some(at) = rewrapped_at(&standing.control) else { return Ok(None) };
        let now = self.now_ms();
        let mut waiting: Vec<Waiting> = Vec::new();
        for (key, row) in standing.control.keys.unretired() {
            let Some(wrapping) = &row.wrapping else { continue };
            let wrapped = Wrapped { key: wrapping.wrapped().clone(), by: wrapping.kek().clone() };
            let probe = ProbeKey { key, purpose: row.purpose, commitment: row.commitment, wrapped };
            // Who needs it is asked no more: one that is away would take its time for each key.
            let is_named =
                |member: &&Member| waiting.iter().any(|it| it.member.as_ref() == Some(&member.name));
            let left: Vec<_> = standing.membership.members.values().filter(|it| !is_named(it)).collect();
            let question = Question { probe: Some(probe) };
            let reports = ask_all(&*self.parts.fleet, &self.parts.clock, left, &question).await;
            waiting.extend(reports.iter().filter_map(|report| needs(report, at, now)));
        }
        point!(WrappingsProven);
        Ok(Some(waiting))
    }
}

/// The first thing for which a member needs it.
fn needs(report: &Report, at: LogIndex, now_ms: u64) -> Option<Waiting> {
    let wait = |name, text| Some(Waiting::of_member(report.member.name.clone(), name, text, now_ms));
    let facts = match &report.answer {
        Ok(facts) => facts,
        Err(silence) => return wait("Unreachable", silence.to_string()),
    };
    match &facts.probe {
        Probe::Opened => held_before(facts, at).and_then(|(name, text)| wait(name, text)),
        Probe::OpenedByPrevious => wait("KekIsPrevious", "it opens keys by its previous KEK".to_owned()),
        Probe::Unavailable(text) => wait("KekUnavailable", text.clone()),
        Probe::Mismatch | Probe::NotAsked => {
            wait("KekMismatch", "its present KEK does not open the keys as they are wrapped now".to_owned())
        }
        Probe::NoKek => wait("NoKek", "it has no KEK".to_owned()),
    }
}

/// Where a member still holds the wrappings from before this entry.
fn held_before(facts: &Facts, at: LogIndex) -> Option<(&'static str, String)> {
    if facts.control_index < Some(at) {
        return Some(("NotApplied", format!("it has applied {} and has to reach {at}", facts.applied)));
    }
    if facts.snapshot.is_some_and(|snapshot| snapshot < at) {
        return Some(("SnapshotBefore", format!("its snapshot is from before index {at}")));
    }
    if facts.first_log <= at {
        let text = format!("its log begins at {} and has to begin above {at}", facts.first_log);
        return Some(("LogBefore", text));
    }
    None
}
