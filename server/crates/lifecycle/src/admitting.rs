//! Letting a node become a member, or a learner a voter, of a cluster with keys.
//!
//! A newcomer has to be able to do what every member does, and its load has to be registered before the membership
//! changes: from then on whatever reaches it may be sealed, and it seals from its first entry on.

use elastickv_consensus::{Member, ProposeError};
use elastickv_fsm::{Registration, Rejection, Writer};
use elastickv_types::{KeyId, LoadToken, LocalEpoch};

use crate::capability::{Facts, Finding, may_join};
use crate::operations::{CheckError, KeyTrouble, Operations};
use crate::ports::Standing;
use crate::registering::RegisterError;

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdmitError {
    #[error(transparent)]
    Away(#[from] ProposeError),
    #[error("nothing could be wrapped for it to open: {0}")]
    Key(#[from] KeyTrouble),
    #[error("{}", said(.0))]
    NotCapable(Vec<Finding>),
    #[error("its load can not be registered: {0}")]
    NotRegistered(Rejection),
    /// It is at the end of its epochs under a key that is still held.
    #[error("it has no epoch left under key {0}")]
    NoEpoch(KeyId),
}

fn said(findings: &[Finding]) -> String {
    let problems = findings.iter().filter_map(|finding| finding.problem.as_ref());
    problems.map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Operations {
    /// Asks a node whether it can take part, and registers its load under every key that is held. Before there are
    /// keys, everybody can.
    pub async fn admit(&self, candidate: &Member) -> Result<(), AdmitError> {
        let standing = self.standing().await?;
        if standing.control.stage.bootstrap().is_none() {
            return Ok(());
        }
        let report = self.ask_with_probe(&standing, candidate).await.map_err(|error| match error {
            CheckError::Away(error) => AdmitError::Away(error),
            CheckError::Key(trouble) => AdmitError::Key(trouble),
        })?;
        let (facts, token) = may_join(&standing, &report).map_err(AdmitError::NotCapable)?;
        for (key, _) in standing.control.keys.unretired() {
            let epoch = epoch(&standing, candidate, facts, key, token).ok_or(AdmitError::NoEpoch(key))?;
            let writer = Writer { node: candidate.id(), epoch, token };
            self.enter(&standing, Registration { key, writer }).await.map_err(|error| match error {
                RegisterError::Rejected(rejection) => AdmitError::NotRegistered(rejection),
                RegisterError::Away(error) => AdmitError::Away(error),
                RegisterError::NotAMember(_)
                | RegisterError::NoAnswer { .. }
                | RegisterError::NotAWriter { .. }
                | RegisterError::OtherEpoch { .. } => AdmitError::Away(ProposeError::OutcomeUnknown),
            })?;
        }
        Ok(())
    }
}

/// The epoch of its load: what it says itself, or what it begins with once it hears of the key.
fn epoch(
    standing: &Standing,
    candidate: &Member,
    facts: &Facts,
    key: KeyId,
    token: LoadToken,
) -> Option<LocalEpoch> {
    if let Some(held) = facts.key(key) {
        return Some(held.epoch);
    }
    match standing.control.writers.of(key, candidate.id()) {
        None => Some(LocalEpoch::ZERO),
        Some(row) if row.token == token => Some(row.epoch),
        Some(row) => row.epoch.next(),
    }
}
