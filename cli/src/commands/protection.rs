//! What a protected context wants before anything is changed: a reason, and the cluster's name.
//!
//! Steps that can not be undone ask for the name by themselves, everywhere. Here everything else that changes a
//! cluster does so too. A name given as `--expect-cluster` is compared by each command before it sends a change.

use super::confirm::ask_for_name;
use crate::args::Safety;
use crate::client::Session;
use crate::contexts::Settings;
use crate::error::{CliError, Code};
use crate::ui::Ui;

/// Stands before a change in a protected context.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    context: &'a str,
    safety: Safety<'a>,
}

/// What is left to do before the change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    Nothing,
    Ask,
    Reason,
    Name,
}

impl<'a> Guard<'a> {
    /// Nothing where nothing is changed, or where nobody asked for protection.
    pub fn of(settings: &'a Settings, safety: Option<Safety<'a>>) -> Option<Self> {
        let context = settings.context.value.as_ref().filter(|_| settings.protected.value)?;
        Some(Self { context: context.as_str(), safety: safety? })
    }

    pub async fn agreed(&self, session: &Session, ui: &Ui) -> Result<(), CliError> {
        match self.open(ui.can_ask()) {
            Open::Nothing => Ok(()),
            Open::Ask => {
                session.progress().say("looking for the leader");
                let survey = session.survey_with_leader().await?;
                let lines = format!("  context {} is protected\n", self.context);
                ask_for_name(session, ui, &lines, &survey.cluster_name).await
            }
            Open::Reason => Err(self.refused("a change takes --reason TEXT")),
            Open::Name => Err(self.refused("a change takes the cluster's name: --expect-cluster NAME")),
        }
    }

    fn open(&self, can_ask: bool) -> Open {
        let Safety { expect, asks, .. } = self.safety;
        match (expect.reason.is_empty(), asks || expect.expect_cluster.is_some(), can_ask) {
            (true, _, _) => Open::Reason,
            (false, true, _) => Open::Nothing,
            (false, false, true) => Open::Ask,
            (false, false, false) => Open::Name,
        }
    }

    fn refused(&self, text: &str) -> CliError {
        CliError::new(Code::ProtectedContext, format!("context {} is protected: {text}", self.context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::ExpectArgs;

    fn open(reason: &str, named: bool, asks: bool, can_ask: bool) -> Open {
        let expect_cluster = named.then(|| "demo".to_owned());
        let expect = ExpectArgs { reason: reason.to_owned(), expect_cluster, ..ExpectArgs::default() };
        let safety = Safety { asks, ..Safety::of_many(&expect) };
        Guard { context: "prod", safety }.open(can_ask)
    }

    #[test]
    fn a_reason_and_a_name_are_wanted_once() {
        assert_eq!(open("", true, true, true), Open::Reason);
        assert_eq!(open("why", true, false, false), Open::Nothing);
        assert_eq!(open("why", false, false, true), Open::Ask);
        assert_eq!(open("why", false, false, false), Open::Name);
        // It asks by itself, and refuses by itself where nobody can be asked.
        assert_eq!(open("why", false, true, false), Open::Nothing);
    }
}
