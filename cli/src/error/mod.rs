//! What went wrong, for people and for machines.
//!
//! A command fails with a [`CliError`]: a code of the catalogue, a message about this very case, and
//! where the catalogue's general texts are not enough, a state and an advice of its own. How it is
//! shown is the business of `output`.

mod catalogue;
mod code;
mod exit;
mod reason;

pub use catalogue::Code;
pub use code::Entry;
pub use exit::Exit;
pub use reason::Reason;

/// One member or thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Blocker {
    pub member: String,
    pub reason: String,
}

/// A failure, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliError {
    code: Code,
    message: String,
    state: Option<String>,
    hint: Option<String>,
    blocking: Vec<Blocker>,
}

impl CliError {
    /// `message` says what happened this time; the catalogue's title says what kind of thing it is.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), state: None, hint: None, blocking: Vec::new() }
    }

    /// Says more exactly than the catalogue what became of the data.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Says more exactly than the catalogue what to try; `{cli}` stands for the program.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn blocked_by(mut self, blocking: Vec<Blocker>) -> Self {
        self.blocking = blocking;
        self
    }

    pub fn code(&self) -> Code {
        self.code
    }

    pub fn exit(&self) -> Exit {
        self.code.exit()
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn state_text(&self) -> &str {
        self.state.as_deref().unwrap_or(self.code.entry().state)
    }

    /// The advice, with `cli` as the program to call.
    pub fn hint_text(&self, cli: &str) -> String {
        self.hint.as_deref().unwrap_or(self.code.entry().hint).replace("{cli}", cli)
    }

    pub fn blocking(&self) -> &[Blocker] {
        &self.blocking
    }
}

/// Something the operator should know although the command worked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    pub code: Code,
    pub message: String,
    /// What it is about, such as a member; none where it is the cluster as a whole.
    pub subject: Option<String>,
}

impl Warning {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), subject: None }
    }

    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}
