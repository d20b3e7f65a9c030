//! One thing that is wrong, or soon will be.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Code, Warning};
use crate::output::{Cell, Tone};

/// The worst first, as findings are sorted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work now, or data is at risk: act.
    Fault,
    /// It works, and will not for ever.
    Warning,
    /// Worth knowing; nothing has to be done.
    Note,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Fault => "fault",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Severity::Fault => Tone::Bad,
            Severity::Warning => Tone::Warn,
            Severity::Note => Tone::Dim,
        }
    }

    fn of(code: Code) -> Self {
        match code {
            Code::NoLeader
            | Code::NoQuorum
            | Code::MemberSilent
            | Code::ReplicaFault
            | Code::StorageFull
            | Code::NotCapable
            | Code::KeyNotOpen
            | Code::KeyMismatch
            | Code::StateDiffers
            | Code::SidecarMissing
            | Code::SidecarUnfit
            | Code::DataDirRolledBack
            | Code::OtherBuild
            | Code::KekUnusable
            | Code::KekUnavailable
            | Code::KekMismatch
            | Code::LogUnfit
            | Code::RestoreUnfinished
            | Code::BackupIncomplete
            | Code::BackupMissingSidecar
            | Code::BackupCutShort
            | Code::BackupAltered
            | Code::BackupForeign => Severity::Fault,
            Code::MembershipPending | Code::LogStillClear | Code::NotAllSealed | Code::SetAside => {
                Severity::Note
            }
            _ => Severity::Warning,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Finding {
    pub severity: Severity,
    pub code: String,
    pub name: &'static str,
    /// A member, a key, a job, or "cluster".
    pub subject: String,
    pub message: String,
    /// What that means for the data.
    pub means: String,
    /// A command that can be pasted, or words where there is none.
    pub r#try: String,
}

impl Finding {
    pub fn new(code: Code, subject: impl Into<String>, message: impl Into<String>) -> Self {
        let entry = code.entry();
        Self {
            severity: Severity::of(code),
            code: code.to_string(),
            name: entry.name,
            subject: subject.into(),
            message: message.into(),
            means: entry.state.to_owned(),
            r#try: entry.hint.to_owned(),
        }
    }

    pub fn of(warning: &Warning) -> Self {
        let subject = warning.subject.clone().unwrap_or_else(|| "cluster".to_owned());
        Self::new(warning.code, subject, &warning.message)
    }

    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// More exactly than the catalogue, what to type; `{cli}` stands for the program.
    pub fn with_try(self, command: impl Into<String>) -> Self {
        Self { r#try: command.into(), ..self }
    }

    pub(super) fn is_same(&self, other: &Finding) -> bool {
        (&self.code, &self.subject) == (&other.code, &other.subject)
    }

    /// Fills in how the program is called, and the member that a command is about.
    pub(super) fn call(&mut self, cli: &str) {
        self.r#try =
            self.r#try.replace("{cli}", cli).replace("--member NAME", &format!("--member {}", self.subject));
    }

    pub(super) fn lines(&self) -> Vec<Cell> {
        let Self { code, message, means, r#try: advice, .. } = self;
        let head = format!("{} {code}: {message}", self.severity.word().to_uppercase());
        vec![
            Cell::new(self.severity.tone(), head),
            format!("- means: {means}").into(),
            format!("- try: {advice}").into(),
        ]
    }
}
