//! A rewrite, and each member's part of it.

use std::time::Duration;

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::operation_text;
use crate::error::{Blocker, CliError, Code, Warning};
use crate::model::{Decimal, Millis, Report, bytes_text, duration_text, utc};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};
use crate::progress::Bar;

#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct JobReport {
    pub cluster_name: String,
    /// Null when there never was one.
    pub job: Option<JobView>,
}

#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct JobView {
    pub job_id: String,
    /// "running", "paused", "cancelled", "finished" or "unknown".
    pub state: &'static str,
    pub actor: String,
    pub reason: String,
    pub begun_at: String,
    pub begun_index: Decimal,
    /// Bytes a second; null for as fast as it goes.
    pub rate: Option<Decimal>,
    /// Of a finished one: no member's log held a user's entry in clear.
    pub log_sealed: bool,
    pub members: Vec<JobMemberView>,
}

#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct JobMemberView {
    pub member: String,
    /// "counting", "rows", "locks", "erasing the store", … or "silent".
    pub activity: String,
    pub done: bool,
    pub log_sealed: bool,
    pub rows: Decimal,
    pub total_rows: Decimal,
    pub bytes: Decimal,
    pub total_bytes: Decimal,
    /// Of the rows; null while they are counted.
    pub per_cent: Option<u64>,
    /// Bytes a second, lately.
    pub speed: Decimal,
    pub eta_ms: Option<Millis>,
    pub unopened_rows: Decimal,
    pub waiting_for: Option<String>,
}

impl From<&v1::Job> for JobView {
    fn from(told: &v1::Job) -> Self {
        Self {
            job_id: operation_text(&told.job_id),
            state: match told.state() {
                v1::JobState::Running => "running",
                v1::JobState::Paused => "paused",
                v1::JobState::Cancelled => "cancelled",
                v1::JobState::Finished => "finished",
                v1::JobState::Unspecified => "unknown",
            },
            actor: told.actor.clone(),
            reason: told.reason.clone(),
            begun_at: utc(told.begun_ms),
            begun_index: Decimal(told.begun_index),
            rate: (told.rate > 0).then_some(Decimal(told.rate)),
            log_sealed: told.log_sealed,
            members: told.members.iter().map(JobMemberView::from).collect(),
        }
    }
}

impl From<&v1::JobMember> for JobMemberView {
    fn from(told: &v1::JobMember) -> Self {
        let part = told.part.clone().unwrap_or_default();
        let silent = !told.silence.is_empty();
        let activity = match part.activity.as_str() {
            _ if silent => "silent".to_owned(),
            "" => "about to begin".to_owned(),
            activity => activity.to_owned(),
        };
        let counted = part.total_rows > 0 || part.done;
        let share = (part.rows.min(part.total_rows) * 100).checked_div(part.total_rows).unwrap_or(100);
        let waiting = part.waiting.as_ref().map(|waiting| waiting.message.clone());
        Self {
            member: told.name.clone(),
            done: part.done,
            log_sealed: part.log_sealed,
            rows: Decimal(part.rows),
            total_rows: Decimal(part.total_rows),
            bytes: Decimal(part.bytes),
            total_bytes: Decimal(part.total_bytes),
            per_cent: counted.then_some(share),
            speed: Decimal(part.speed),
            eta_ms: eta(&part),
            unopened_rows: Decimal(part.unopened_rows),
            waiting_for: waiting.or_else(|| silent.then(|| told.silence.clone())),
            activity,
        }
    }
}

fn eta(part: &v1::JobPart) -> Option<Millis> {
    let left = part.total_bytes.saturating_sub(part.bytes);
    let worth_telling = part.activity == "rows" && part.speed > 0;
    worth_telling.then(|| Millis(left.saturating_mul(1000) / part.speed))
}

impl JobMemberView {
    /// Beside its bar.
    fn text(&self) -> String {
        let mut parts = vec![self.activity.clone()];
        if !self.done && self.total_rows.0 > 0 {
            parts.push(format!("{} of {} rows", self.rows, self.total_rows));
        }
        if self.speed.0 > 0 {
            parts.push(format!("{}/s", bytes_text(self.speed.0)));
        }
        if let Some(eta) = self.eta_ms {
            parts.push(format!("ETA {}", duration_text(Duration::from_millis(eta.0))));
        }
        if let Some(waiting) = &self.waiting_for {
            parts.push(waiting.clone());
        }
        parts.join("  ")
    }

    fn bar(&self) -> Bar {
        let per_cent = if self.done { Some(100) } else { self.per_cent };
        Bar { name: self.member.clone(), per_cent, text: self.text() }
    }
}

impl JobView {
    pub fn is_over(&self) -> bool {
        matches!(self.state, "finished" | "cancelled")
    }

    pub fn title(&self) -> String {
        let rate = self.rate.map(|rate| format!(" at {}/s", bytes_text(rate.0))).unwrap_or_default();
        format!("rewrite {} {}{rate}", self.job_id, self.state)
    }

    pub fn bars(&self) -> Vec<Bar> {
        self.members.iter().map(JobMemberView::bar).collect()
    }

    pub fn warnings(&self) -> Vec<Warning> {
        let unopened = self.members.iter().filter(|member| member.unopened_rows.0 > 0).map(|member| {
            let text =
                format!("{}: {} rows do not open and stay as they are", member.member, member.unopened_rows);
            Warning::new(Code::RowsUnopened, text)
        });
        let clear = (self.state == "finished" && !self.log_sealed).then(|| {
            Warning::new(Code::LogStillClear, "every row is sealed, and logs may hold entries in clear")
        });
        unopened.chain(clear).collect()
    }

    /// Why whoever waited for it did not see its end.
    pub fn problem(&self, again: &str) -> Option<CliError> {
        match self.state {
            "finished" => None,
            "cancelled" => Some(CliError::new(Code::JobOver, "the rewrite was cancelled")),
            _ => {
                let waiting = self.members.iter().filter_map(|member| {
                    Some(Blocker { member: member.member.clone(), reason: member.waiting_for.clone()? })
                });
                Some(
                    CliError::new(Code::JobGoesOn, format!("the rewrite goes on: it is {}", self.state))
                        .hint(again)
                        .blocked_by(waiting.collect()),
                )
            }
        }
    }
}

impl Report for JobReport {
    const KIND: &'static str = "RewriteJob";

    fn table(&self) -> Table {
        let Some(job) = &self.job else {
            return Table::new().line(format!("{} never had a rewrite", self.cluster_name));
        };
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("AT", Keep::Always),
            Column::right("DONE", Keep::Always),
            Column::right("ROWS", Keep::IfRoom(2)),
            Column::right("BYTES", Keep::IfRoom(3)),
            Column::right("RATE", Keep::IfRoom(1)),
            Column::right("ETA", Keep::IfRoom(1)),
            Column::left("WAITING FOR", Keep::Always).may_be_cut(24),
        ];
        let rows = job.members.iter().map(|member| {
            let tone = if member.done { Tone::Plain } else { Tone::Warn };
            vec![
                member.member.as_str().into(),
                Cell::new(tone, member.activity.as_str()),
                Cell::maybe(member.per_cent.map(|share| format!("{share} %"))),
                format!("{}/{}", member.rows, member.total_rows).as_str().into(),
                bytes_text(member.bytes.0).as_str().into(),
                Cell::maybe((member.speed.0 > 0).then(|| format!("{}/s", bytes_text(member.speed.0)))),
                Cell::maybe(member.eta_ms),
                Cell::maybe(member.waiting_for.clone()),
            ]
        });
        let ended = match (job.state, job.log_sealed) {
            ("finished", true) => " and no log holds an entry in clear",
            ("finished", false) => "; logs may still hold entries in clear",
            _ => "",
        };
        Table::new().line(format!("{}{ended}", job.title())).grid(Grid { columns, rows: rows.collect() })
    }

    fn short(&self) -> String {
        self.job.as_ref().map_or("none\n".to_owned(), |job| format!("{} {}\n", job.state, job.job_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(part: v1::JobPart) -> JobMemberView {
        JobMemberView::from(&v1::JobMember { name: "n1".to_owned(), part: Some(part), ..Default::default() })
    }

    #[test]
    fn a_bar_tells_how_far_and_how_long() {
        let part = v1::JobPart {
            activity: "rows".to_owned(),
            total_rows: 1_900_000,
            rows: 1_200_000,
            total_bytes: 19_000,
            bytes: 12_000,
            speed: 100,
            ..v1::JobPart::default()
        };
        let view = member(part);
        assert_eq!((view.per_cent, view.eta_ms), (Some(63), Some(Millis(70_000))));
        assert_eq!(view.bar().text, "rows  1200000 of 1900000 rows  100 B/s  ETA 70s");
        let counting = member(v1::JobPart { activity: "counting".to_owned(), ..v1::JobPart::default() });
        assert_eq!((counting.bar().per_cent, counting.bar().text.as_str()), (None, "counting"));
        let nothing =
            member(v1::JobPart { done: true, activity: "done".to_owned(), ..v1::JobPart::default() });
        assert_eq!(nothing.bar().per_cent, Some(100));
    }

    #[test]
    fn who_waited_is_told_when_it_goes_on() {
        let job = |state: v1::JobState| v1::Job { state: state.into(), ..v1::Job::default() };
        let exit = |state| JobView::from(&job(state)).problem("again").map(|problem| problem.exit().code());
        assert_eq!(exit(v1::JobState::Running), Some(8));
        assert_eq!(exit(v1::JobState::Paused), Some(8));
        assert_eq!(exit(v1::JobState::Cancelled), Some(11));
        assert_eq!(exit(v1::JobState::Finished), None);
        assert_eq!(JobView::from(&job(v1::JobState::Finished)).warnings().len(), 1);
    }
}
