//! What is wrong with work that goes on by itself, and with what is kept for the worst day.

use std::path::Path;
use std::time::Duration;

use elastickv_offline::backup::Manifest;
use elastickv_proto::v1;

use super::{Finding, Severity};
use crate::error::Code;
use crate::model::duration_text;
use crate::model::encryption::OperationView;

/// An operation takes seconds, minutes where a member has to catch up.
const LONG: Duration = Duration::from_secs(300);
/// A backup that is older protects what was there a week ago.
const OLD: Duration = Duration::from_secs(7 * 86_400);

fn age(now_ms: u64, since_ms: u64) -> Duration {
    Duration::from_millis(now_ms.saturating_sub(since_ms))
}

/// Milliseconds since 1970 of a moment as reports tell it.
fn unix_ms(moment: &str) -> Option<u64> {
    let moment: jiff::Timestamp = moment.parse().ok()?;
    u64::try_from(moment.as_millisecond()).ok()
}

pub fn of_operation(running: &OperationView, now_ms: u64) -> Option<Finding> {
    let since = running.since.as_deref().and_then(unix_ms)?;
    let taken = age(now_ms, since);
    if taken < LONG {
        return None;
    }
    let waits: Vec<&str> = running.waiting.iter().map(|waiting| waiting.message.as_str()).collect();
    let waits = if waits.is_empty() { String::new() } else { format!("; it waits: {}", waits.join("; ")) };
    let text = format!("{} is under way for {}{waits}", running.kind, duration_text(taken));
    let show = format!("{{cli}} encryption history --id {}", running.operation_id);
    Some(Finding::new(Code::OperationStands, &running.kind, text).with_try(show))
}

pub fn of_job(job: &v1::Job, now_ms: u64) -> Vec<Finding> {
    match job.state() {
        v1::JobState::Running => job.members.iter().flat_map(|member| of_part(member, now_ms)).collect(),
        v1::JobState::Paused => {
            let text = "the rewrite is paused: old values stay as they are";
            let resume = "{cli} encryption rewrite resume";
            let finding = Finding::new(Code::JobStands, "rewrite", text).with_severity(Severity::Note);
            vec![finding.with_try(resume)]
        }
        v1::JobState::Finished if !job.log_sealed => {
            let text = "values were sealed anew while the log was in clear: what was written stands in it";
            vec![Finding::new(Code::LogStillClear, "rewrite", text)]
        }
        v1::JobState::Finished => job.members.iter().filter_map(unopened).collect(),
        v1::JobState::Cancelled | v1::JobState::Unspecified => Vec::new(),
    }
}

fn of_part(member: &v1::JobMember, now_ms: u64) -> Vec<Finding> {
    let waiting = member.part.as_ref().and_then(|part| part.waiting.as_ref());
    let stands = waiting.filter(|waiting| age(now_ms, waiting.since_ms) > LONG).map(|waiting| {
        let (name, since) = (&member.name, duration_text(age(now_ms, waiting.since_ms)));
        let text = format!("the rewrite on {name} waits for {since}: {}", waiting.message);
        Finding::new(Code::JobStands, name, text)
    });
    stands.into_iter().chain(unopened(member)).collect()
}

fn unopened(member: &v1::JobMember) -> Option<Finding> {
    let rows = member.part.as_ref()?.unopened_rows;
    let text = format!("{rows} values of {} do not open", member.name);
    (rows > 0).then(|| Finding::new(Code::RowsUnopened, &member.name, text))
}

/// By its manifest alone: whether every byte of it is there tells `backup verify`.
pub fn of_backup(dir: &Path, manifest: &Manifest, cluster_id: &str, now_ms: u64) -> Vec<Finding> {
    let shown = dir.display().to_string();
    let mut found = Vec::new();
    if manifest.cluster_id.to_string() != cluster_id {
        let text = format!("{shown} is a backup of cluster {}", manifest.cluster_name);
        found.push(Finding::new(Code::BackupOfAnother, &shown, text));
    }
    let taken = unix_ms(&manifest.taken_at).map(|taken| age(now_ms, taken));
    if let Some(age) = taken.filter(|age| *age > OLD) {
        let text = format!("{shown} is {} old", duration_text(age));
        found.push(Finding::new(Code::BackupOld, &shown, text));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(state: v1::JobState, part: v1::JobPart) -> v1::Job {
        let member = v1::JobMember { name: "n2".into(), part: Some(part), ..Default::default() };
        v1::Job { state: state.into(), members: vec![member], log_sealed: true, ..Default::default() }
    }

    fn waiting(since_ms: u64) -> v1::JobPart {
        let waiting = v1::Waiting { message: "for room".into(), since_ms, ..Default::default() };
        v1::JobPart { waiting: Some(waiting), ..Default::default() }
    }

    #[test]
    fn a_job_that_waits_for_long_stands() {
        let found = |part| of_job(&job(v1::JobState::Running, part), 10_000_000);
        assert!(found(waiting(9_800_000)).is_empty());
        let [stands]: [Finding; 1] = found(waiting(1)).try_into().unwrap();
        assert_eq!((stands.code.as_str(), stands.subject.as_str()), ("EK-2013", "n2"));
        assert!(stands.message.ends_with("waits for 2h: for room"), "{}", stands.message);
    }

    #[test]
    fn values_that_do_not_open_are_found_after_the_job_as_well() {
        let part = v1::JobPart { unopened_rows: 3, done: true, ..Default::default() };
        for state in [v1::JobState::Running, v1::JobState::Finished] {
            assert_eq!(of_job(&job(state, part.clone()), 0).len(), 1);
        }
        assert_eq!(of_job(&job(v1::JobState::Paused, part), 0)[0].severity, Severity::Note);
    }
}
