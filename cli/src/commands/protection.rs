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
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::args::{Cli, ExpectArgs, PROGRAM};

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

    /// Verbs that change nothing in a cluster, though some write files on this machine.
    const HARMLESS: &[&str] = &[
        "backup",
        "certs",
        "cluster digest",
        "cluster members",
        "cluster status",
        "cluster wait",
        "completions",
        "context",
        "demo",
        "doctor",
        "encryption check",
        "encryption disable",
        "encryption forecast",
        "encryption history",
        "encryption keys",
        "encryption probe-node-id",
        "encryption report",
        "encryption resync-sidecar",
        "encryption rewrite status",
        "encryption status",
        "explain",
        "kms",
        "kv export",
        "kv get",
        "kv history",
        "kv scan",
        "man",
        "scan",
        "schema",
        "support-bundle",
        "version",
    ];

    /// All others, as they are typed.
    const CHANGES: &[&str] = &[
        "cluster add-learner n4 a:1",
        "cluster drain n1",
        "cluster log-level debug",
        "cluster promote n4",
        "cluster remove n4",
        "cluster snapshot",
        "cluster transfer-leader",
        "cluster undrain n1",
        "encryption bootstrap",
        "encryption enable-raft-envelope",
        "encryption enable-storage-envelope",
        "encryption register-writer n4",
        "encryption retire-dek --key-id 7",
        "encryption rewrap-deks",
        "encryption rewrite",
        "encryption rewrite cancel",
        "encryption rewrite pause",
        "encryption rewrite resume",
        "encryption rewrite set-rate 1MiB/s",
        "encryption rotate-dek --purpose raft",
        "kv delete k",
        "kv delete-range --prefix k",
        "kv import --file f",
        "kv put k v",
        "kv txn f",
    ];

    fn verbs(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name()).trim().to_owned();
            if sub.get_subcommands().next().is_none()
                || sub.get_arguments().any(|arg| arg.get_id() == "reason")
            {
                found.push(path.clone());
            }
            verbs(sub, &path, found);
        }
    }

    #[test]
    fn every_verb_that_changes_something_is_guarded() {
        let mut found = Vec::new();
        verbs(&Cli::command(), "", &mut found);
        let begins = |line: &str, verb: &str| line == verb || line.starts_with(&format!("{verb} "));
        for verb in &found {
            let harmless = HARMLESS.iter().any(|harmless| begins(verb, harmless));
            let changes = CHANGES.iter().any(|line| begins(line, verb));
            assert!(harmless != changes, "{verb}: is it harmless, or does it change something?");
        }
        for line in CHANGES {
            assert!(found.iter().any(|verb| begins(line, verb)), "there is no {line}");
            let words = format!("{PROGRAM} {line} --reason why --expect-cluster demo");
            let cli = Cli::try_parse_from(words.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(cli.command.safety().is_some(), "{line} changes something, and nobody guards it");
        }
    }
}
