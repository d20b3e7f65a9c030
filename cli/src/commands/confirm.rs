//! The question before a step that can not be undone.

use crate::client::Session;
use crate::error::{CliError, Code};
use crate::ui::Ui;

/// A step that can not be undone, and how the operator agreed to it in advance.
#[derive(Debug)]
pub struct Irreversible<'a> {
    pub consequences: Vec<String>,
    pub cluster_name: &'a str,
    pub yes: bool,
    pub expected: Option<&'a str>,
    /// The command without the program, for advice.
    pub command: String,
}

/// How a step is agreed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Consent {
    Given,
    Ask,
    Missing,
}

fn consent(yes: bool, expected: bool, can_ask: bool) -> Consent {
    match (yes, expected, can_ask) {
        (true, true, _) => Consent::Given,
        (true, false, _) | (false, _, false) => Consent::Missing,
        (false, _, true) => Consent::Ask,
    }
}

/// Returns when the operator agrees. That `expected` is this cluster was checked before.
pub async fn confirm(session: &Session, ui: &Ui, step: &Irreversible<'_>) -> Result<(), CliError> {
    match consent(step.yes, step.expected.is_some(), ui.can_ask()) {
        Consent::Given => Ok(()),
        Consent::Missing => Err(not_confirmed(step)),
        Consent::Ask => ask(session, ui, step).await,
    }
}

fn not_confirmed(step: &Irreversible<'_>) -> CliError {
    let text = format!("not confirmed: {}", step.consequences.join("; "));
    let command = format!("{{cli}} {} --yes --expect-cluster {}", step.command, step.cluster_name);
    CliError::new(Code::ConfirmationNeeded, text).hint(command)
}

async fn ask(session: &Session, ui: &Ui, step: &Irreversible<'_>) -> Result<(), CliError> {
    let lines: String = step.consequences.iter().map(|line| format!("  {line}\n")).collect();
    ask_for_name(session, ui, &lines, step.cluster_name).await
}

/// Returns when the cluster's name was typed; `lines` is what is to be read before.
pub async fn ask_for_name(
    session: &Session,
    ui: &Ui,
    lines: &str,
    cluster_name: &str,
) -> Result<(), CliError> {
    session.progress().hush(true);
    let question = format!("{lines}Type the cluster's name, {cluster_name}, to go on: ");
    let typed = ui.ask(&question).await;
    session.progress().hush(false);
    // The operator's time to read is not the cluster's time to answer.
    session.begin_again();
    match typed {
        Some(typed) if typed == cluster_name => Ok(()),
        Some(typed) => {
            Err(CliError::new(Code::Declined, format!("{typed:?} was typed, not {cluster_name:?}")))
        }
        None => Err(CliError::new(Code::Declined, "nothing was typed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_needs_both_flags_and_a_terminal_is_asked() {
        assert_eq!(consent(true, true, false), Consent::Given);
        assert_eq!(consent(true, true, true), Consent::Given);
        assert_eq!(consent(false, true, true), Consent::Ask);
        assert_eq!(consent(false, false, true), Consent::Ask);
        for (yes, expected, can_ask) in
            [(true, false, false), (true, false, true), (false, true, false), (false, false, false)]
        {
            assert_eq!(consent(yes, expected, can_ask), Consent::Missing, "{yes} {expected} {can_ask}");
        }
    }
}
