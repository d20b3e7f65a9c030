//! What an operation is at and what it waits for, for those who watch.

use std::sync::Arc;

use elastickv_fsm::{Reason, RefusalName, Rejection};
use elastickv_types::{GroupId, NodeName, OperationId};

use crate::capability::{Blocked, Finding, Judgement, Problem};

/// What is missing, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub member: Option<NodeName>,
    pub group: Option<GroupId>,
    pub name: &'static str,
    pub text: String,
    pub since_ms: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    pub operation: Option<OperationId>,
    /// "gate", "wrap", "install", "open", "activate", "marker", "apply".
    pub phase: &'static str,
    pub waiting: Vec<Waiting>,
    pub judgement: Option<Arc<Judgement>>,
}

/// Why an operation was given up on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    Gate(Arc<Judgement>),
    Other { name: RefusalName, text: String },
}

impl Refusal {
    pub fn other(name: &str, text: impl ToString) -> Self {
        Self::Other { name: RefusalName::cut(name), text: text.to_string() }
    }

    /// What a group decided about its own log, which ends no operation by itself.
    pub fn of(rejection: &Rejection) -> Self {
        Self::other(rejection.name(), rejection)
    }

    /// By which every member knows of it, whoever judged.
    pub fn name(&self) -> RefusalName {
        match self {
            Refusal::Gate(_) => RefusalName::cut("GateRefused"),
            Refusal::Other { name, .. } => name.clone(),
        }
    }

    /// As much of it as the history keeps.
    pub fn reason(&self) -> Reason {
        match self {
            Refusal::Gate(judgement) => {
                Reason::cut(&Blocked(judgement.blockers().cloned().collect()).to_string())
            }
            Refusal::Other { text, .. } => Reason::cut(text),
        }
    }
}

impl Waiting {
    pub fn of_finding(finding: &Finding, since_ms: u64) -> Option<Self> {
        let problem = finding.problem.as_ref()?;
        let (name, text) = (Problem::name(problem), problem.to_string());
        Some(Self { member: finding.member.clone(), group: None, name, text, since_ms })
    }

    pub fn of_member(member: NodeName, name: &'static str, text: impl ToString, since_ms: u64) -> Self {
        Self { member: Some(member), group: None, name, text: text.to_string(), since_ms }
    }

    pub fn alone(name: &'static str, text: impl ToString, since_ms: u64) -> Self {
        Self { member: None, group: None, name, text: text.to_string(), since_ms }
    }
}
