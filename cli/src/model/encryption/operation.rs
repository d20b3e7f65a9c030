//! An operation on keys and stage: what it is at, what it came to.

use std::collections::BTreeMap;

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::{JudgementView, key_hex, kind_word, operation_text};
use crate::error::{Blocker, CliError, Code, Reason, Warning};
use crate::model::{Decimal, Report, utc};
use crate::output::{Cell, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OperationView {
    pub operation_id: String,
    pub kind: String,
    /// "running", "done", "refused" or "unknown".
    pub state: &'static str,
    /// It is over, and no member has yet to apply it.
    pub settled: bool,
    pub actor: String,
    pub reason: String,
    pub since: Option<String>,
    pub deadline: Option<String>,
    pub begun_index: Option<Decimal>,
    /// What one that runs is at.
    pub phase: Option<String>,
    pub waiting: Vec<WaitingView>,
    pub ended_at: Option<String>,
    pub ended_index: Option<Decimal>,
    /// Whether it changed anything; null as long as it runs.
    pub changed: Option<bool>,
    /// Where it first took effect.
    pub first_index: Option<Decimal>,
    pub key_id: Option<u32>,
    pub key_hex: Option<String>,
    pub cutovers: Vec<CutoverView>,
    pub refusal: Option<RefusalView>,
    pub judgement: Option<JudgementView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WaitingView {
    /// Null for what concerns the cluster as a whole.
    pub member: Option<String>,
    pub name: String,
    pub message: String,
    pub since: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CutoverView {
    pub group_id: Decimal,
    /// Null for a group that is not cut over yet.
    pub index: Option<Decimal>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RefusalView {
    pub code: u32,
    pub name: String,
    pub message: String,
    pub facts: BTreeMap<String, String>,
}

impl From<&v1::Operation> for OperationView {
    fn from(told: &v1::Operation) -> Self {
        let key_id = told.done.as_ref().and_then(|done| done.key_id);
        Self {
            operation_id: operation_text(&told.operation_id),
            kind: kind_word(told.kind),
            state: match told.state() {
                v1::OperationState::Running => "running",
                v1::OperationState::Done => "done",
                v1::OperationState::Refused => "refused",
                v1::OperationState::Unspecified => "unknown",
            },
            settled: told.settled,
            actor: told.actor.clone(),
            reason: told.reason.clone(),
            since: moment(told.since_ms),
            deadline: moment(told.deadline_ms),
            begun_index: index(told.begun_index),
            phase: Some(told.phase.clone()).filter(|phase| !phase.is_empty()),
            waiting: told.waiting.iter().map(WaitingView::from).collect(),
            ended_at: moment(told.ended_ms),
            ended_index: index(told.ended_index),
            changed: told.done.as_ref().map(|done| done.changed),
            first_index: told.done.as_ref().and_then(|done| index(done.first_index)),
            key_id,
            key_hex: key_id.map(key_hex),
            cutovers: told.cutovers.iter().map(cutover).collect(),
            refusal: told.refusal.as_ref().map(refusal),
            judgement: told.judgement.as_ref().map(JudgementView::from),
        }
    }
}

impl OperationView {
    /// One that the gate refused before anything was proposed.
    pub fn stopped_by(judgement: JudgementView, operation: &[u8], kind: String) -> Self {
        let blank = v1::Operation { state: v1::OperationState::Refused.into(), ..Default::default() };
        let operation_id = operation_text(operation);
        Self { operation_id, kind, judgement: Some(judgement), ..Self::from(&blank) }
    }
}

impl From<&v1::Waiting> for WaitingView {
    fn from(told: &v1::Waiting) -> Self {
        Self {
            member: Some(told.member.clone()).filter(|member| !member.is_empty()),
            name: told.name.clone(),
            message: told.message.clone(),
            since: moment(told.since_ms),
        }
    }
}

fn cutover(told: &v1::Cutover) -> CutoverView {
    CutoverView { group_id: Decimal(told.group_id), index: told.index.map(Decimal) }
}

fn refusal(told: &v1::Refusal) -> RefusalView {
    RefusalView {
        code: told.code,
        name: told.reason.clone(),
        message: told.message.clone(),
        facts: told.metadata.clone().into_iter().collect(),
    }
}

fn moment(ms: u64) -> Option<String> {
    (ms > 0).then(|| utc(ms))
}

fn index(raw: u64) -> Option<Decimal> {
    (raw > 0).then_some(Decimal(raw))
}

impl WaitingView {
    pub fn text(&self) -> String {
        let said = if self.message.is_empty() { &self.name } else { &self.message };
        self.member.as_ref().map_or_else(|| said.clone(), |member| format!("{member}: {said}"))
    }
}

impl OperationView {
    /// What it waits for, in words; empty when nobody said.
    pub fn waiting_text(&self) -> String {
        let texts: Vec<String> = self.waiting.iter().map(WaitingView::text).collect();
        texts.join("; ")
    }

    /// For the moving line.
    pub fn progress(&self) -> String {
        let phase = match (self.state, self.phase.as_deref()) {
            ("running", Some(phase)) => phase.to_owned(),
            ("running", None) => "under way".to_owned(),
            (state, _) => state.to_owned(),
        };
        match self.waiting_text() {
            nothing if nothing.is_empty() => format!("{}: {phase}", self.kind),
            waiting => format!("{}: {phase}; waiting for {waiting}", self.kind),
        }
    }

    /// The cluster knows of it; not so if its gate stopped it before anything was sent.
    fn has_begun(&self) -> bool {
        self.state != "refused" || self.begun_index.is_some() || self.ended_index.is_some()
    }

    /// There is nothing more to wait for.
    pub fn is_over(&self) -> bool {
        match self.state {
            "done" => self.settled,
            "refused" => true,
            _ => false,
        }
    }

    /// It has done what it was asked for, though some member may have yet to apply it. A rotation is meant to work with
    /// a member down, which opens the new key once it is back; a cutover that a member has not applied is not done.
    pub fn is_done_enough(&self) -> bool {
        self.state == "done" && (self.settled || self.kind == "rotate-dek")
    }

    /// Who has yet to apply what is done enough without them.
    pub fn warnings(&self) -> Vec<Warning> {
        let missing = self.waiting.iter().filter(|_| self.is_done_enough() && !self.settled);
        missing
            .map(|one| Warning::new(Code::OperationGoesOn, format!("not applied yet by {}", one.text())))
            .collect()
    }

    /// Why the command did not succeed. `again` is the command that goes on with this operation.
    pub fn problem(&self, again: &str) -> Option<CliError> {
        match self.state {
            "done" if self.is_done_enough() => None,
            "refused" => Some(self.refused()),
            _ => Some(self.goes_on(again)),
        }
    }

    fn refused(&self) -> CliError {
        if let Some(refusal) = self.judgement.as_ref().and_then(JudgementView::refusal) {
            return refusal;
        }
        let reason = self.refusal.as_ref().and_then(|told| Reason::parse(&told.name));
        let code = reason.map_or(Code::OperationRefused, Reason::code);
        CliError::new(code, format!("{} was refused: {}", self.kind, self.refused_because()))
    }

    fn refused_because(&self) -> &str {
        match &self.refusal {
            Some(told) if told.message.is_empty() => &told.name,
            Some(told) => &told.message,
            None => "no reason given",
        }
    }

    fn goes_on(&self, again: &str) -> CliError {
        let at = match (self.state, self.first_index) {
            ("done", Some(index)) => format!("{} is done at index {index}", self.kind),
            ("done", None) => format!("{} is done", self.kind),
            _ => format!("{} goes on", self.kind),
        };
        let text = match self.waiting_text() {
            nothing if nothing.is_empty() => at,
            waiting => format!("{at}, waiting for {waiting}"),
        };
        let blocker = |one: &WaitingView| Blocker {
            member: one.member.clone().unwrap_or_default(),
            reason: if one.message.is_empty() { one.name.clone() } else { one.message.clone() },
        };
        CliError::new(Code::OperationGoesOn, text)
            .hint(again)
            .blocked_by(self.waiting.iter().map(blocker).collect())
    }
}

/// What came of a command that begins an operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OperationReport {
    pub cluster_name: String,
    #[serde(flatten)]
    pub operation: OperationView,
    /// What comes next on the way, as a command.
    pub next: Option<String>,
}

impl OperationReport {
    fn sentence(&self) -> Cell {
        let (operation, cluster) = (&self.operation, &self.cluster_name);
        let at = operation.first_index.map(|index| format!(" at index {index}")).unwrap_or_default();
        let key = operation.key_id.map(|key| format!(" {key} ({})", key_hex(key))).unwrap_or_default();
        let text = match (operation.kind.as_str(), operation.changed) {
            (kind, None) => match operation.state {
                "refused" => format!("{kind} was refused: {}", operation.refused_because()),
                "running" => format!("{kind} is under way"),
                state => format!("{kind}: {state}"),
            },
            ("bootstrap", Some(true)) => format!("{cluster} has its keys{at}; nothing is sealed yet"),
            ("bootstrap", Some(false)) => format!("{cluster} has its keys already{at}"),
            ("enable-storage-envelope", Some(true)) => format!("{cluster} seals its values{at}"),
            ("enable-storage-envelope", Some(false)) => {
                format!("{cluster} has sealed its values already{at}")
            }
            ("enable-raft-envelope", Some(true)) => format!("{cluster} seals its log{at}"),
            ("enable-raft-envelope", Some(false)) => format!("{cluster} has sealed its log already{at}"),
            ("rotate-dek", Some(true)) => format!("new data is sealed under key{key}{at}"),
            ("rotate-dek", Some(false)) => format!("new data was sealed under key{key} already{at}"),
            ("rewrap-deks", Some(true)) => format!("every data key has a new wrapping{at}"),
            ("retire-dek", Some(true)) => format!("the key is retired: no member holds it any more{at}"),
            ("retire-dek", Some(false)) => format!("the key was retired already{at}"),
            ("rewrap-deks", Some(false)) => format!("every data key had this wrapping already{at}"),
            (other, Some(true)) => format!("{other} is done{at}"),
            (other, Some(false)) => format!("{other} was done already{at}"),
        };
        let tone = if operation.state == "refused" { Tone::Bad } else { Tone::Plain };
        Cell::new(tone, text)
    }
}

impl Report for OperationReport {
    const KIND: &'static str = "EncryptionOperation";

    fn table(&self) -> Table {
        let operation = &self.operation;
        let refused = operation.judgement.as_ref().filter(|judgement| !judgement.lets_through());
        let mut table = match refused {
            Some(judgement) => judgement.shown(Table::new()),
            None => Table::new().line(self.sentence()),
        };
        for cutover in operation.cutovers.iter().filter(|_| operation.cutovers.len() > 1) {
            let place = cutover.index.map_or("not cut over yet".to_owned(), |index| format!("above {index}"));
            table = table.line(format!("  group {}: {place}", cutover.group_id));
        }
        for waiting in &operation.waiting {
            table = table.line(Cell::new(Tone::Warn, format!("  waiting for {}", waiting.text())));
        }
        if operation.has_begun() {
            table = table.line(Cell::new(Tone::Dim, format!("operation {}", operation.operation_id)));
        }
        match &self.next {
            Some(next) => table.line(format!("Next: {next}")),
            None => table,
        }
    }

    fn short(&self) -> String {
        let operation = &self.operation;
        let key = operation.key_id.map(|key| format!(" {key}")).unwrap_or_default();
        format!("{} {}{key}\n", operation.state, operation.operation_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(state: v1::OperationState) -> v1::Operation {
        v1::Operation {
            operation_id: vec![1; 16].into(),
            kind: v1::OperationKind::Rotate.into(),
            state: state.into(),
            ..v1::Operation::default()
        }
    }

    fn exit(told: &v1::Operation) -> Option<u8> {
        OperationView::from(told).problem("again").map(|problem| problem.exit().code())
    }

    fn refused(reason: &str) -> v1::Operation {
        let refusal = v1::Refusal { reason: reason.to_owned(), ..v1::Refusal::default() };
        v1::Operation { refusal: Some(refusal), ..operation(v1::OperationState::Refused) }
    }

    #[test]
    fn done_is_done_once_every_member_has_it() {
        let rotated = operation(v1::OperationState::Done);
        let done = v1::Operation { kind: v1::OperationKind::EnableStorage.into(), ..rotated.clone() };
        assert_eq!(exit(&done), Some(8));
        assert_eq!(exit(&rotated), None, "a rotation needs not everybody");
        let waiting = vec![v1::Waiting { member: "n3".to_owned(), ..v1::Waiting::default() }];
        let missed = OperationView::from(&v1::Operation { waiting, ..rotated });
        assert_eq!(missed.warnings().len(), 1);
        assert_eq!(exit(&v1::Operation { settled: true, ..done }), None);
        assert_eq!(exit(&operation(v1::OperationState::Running)), Some(8));
        assert_eq!(exit(&operation(v1::OperationState::Unspecified)), Some(8));
    }

    #[test]
    fn a_refusal_ends_with_the_status_of_its_reason() {
        for (reason, status) in [
            ("OperationRunning", 11),
            ("MembershipChanged", 11),
            ("NotBootstrapped", 3),
            ("OperationIdExpired", 2),
            ("KekUnavailable", 12),
            ("FromTheFuture", 3),
        ] {
            assert_eq!(exit(&refused(reason)), Some(status), "{reason}");
        }
        assert_eq!(exit(&operation(v1::OperationState::Refused)), Some(3));
    }

    #[test]
    fn a_gate_that_refused_is_told_with_its_blockers() {
        let finding = v1::Finding {
            member: "n4".to_owned(),
            verdict: v1::Verdict::Blocks.into(),
            ..v1::Finding::default()
        };
        let judgement = v1::Judgement { findings: vec![finding], ..v1::Judgement::default() };
        let told = v1::Operation { judgement: Some(judgement), ..refused("GateRefused") };
        let problem = OperationView::from(&told).problem("again").unwrap();
        assert_eq!((problem.code(), problem.blocking().len()), (Code::GateRefused, 1));
    }

    #[test]
    fn what_it_waits_for_is_said() {
        let waiting = v1::Waiting {
            member: "n3".to_owned(),
            message: "key 7 is not open".to_owned(),
            ..v1::Waiting::default()
        };
        let mut told = operation(v1::OperationState::Running);
        told.phase = "open".to_owned();
        told.waiting = vec![waiting];
        let view = OperationView::from(&told);
        assert_eq!(view.progress(), "rotate-dek: open; waiting for n3: key 7 is not open");
        let problem = view.problem("come back").unwrap();
        assert_eq!(problem.message(), "rotate-dek goes on, waiting for n3: key 7 is not open");
        assert_eq!((problem.hint_text("x"), problem.blocking().len()), ("come back".to_owned(), 1));
    }
}
