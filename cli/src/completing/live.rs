//! Values that only a cluster knows, asked for within the time that somebody waits behind a cursor.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};
use clap_complete::engine::CompletionCandidate;

use super::bash::Line;
use crate::args::{Cli, GlobalArgs};
use crate::client::{Session, Survey, Times};
use crate::commands::encryption::keys::table;
use crate::context;
use crate::contexts::{ContextName, Entry, Environment, Settings};
use crate::error::{CliError, Code};
use crate::model::encryption::KeyView;
use crate::progress::Progress;
use crate::schema::KINDS;

/// For everything that is asked. The rest of a quarter of a second is for starting this program.
const PATIENCE: Duration = Duration::from_millis(180);

/// Names of members, with their roles.
pub fn members(typed: &OsStr) -> Vec<CompletionCandidate> {
    let survey = ask(async |session| session.survey().await);
    let rows = survey.as_ref().map(offered_members).unwrap_or_default();
    beginning_with(rows, typed)
}

/// Ids of keys, with their purposes and states.
pub fn keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered_keys(typed, |_| true)
}

/// Ids of keys that can leave: those that new values are sealed under can not.
pub fn retirable_keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    offered_keys(typed, |key| !matches!(key.state.as_str(), "active" | "installed" | "retired"))
}

/// Codes of errors, with their titles.
pub fn codes(typed: &OsStr) -> Vec<CompletionCandidate> {
    let rows = Code::ALL.iter().map(|code| (code.to_string(), code.entry().title.to_owned()));
    beginning_with(rows.collect(), typed)
}

/// Names of contexts.
pub fn contexts(typed: &OsStr) -> Vec<CompletionCandidate> {
    let contexts = Environment::of_process().contexts().unwrap_or_default();
    let row = |(name, entry): (&ContextName, &Entry)| {
        let endpoints: Vec<String> = entry.endpoints.iter().map(ToString::to_string).collect();
        (name.to_string(), endpoints.join(","))
    };
    beginning_with(contexts.contexts.iter().map(row).collect(), typed)
}

/// Kinds of documents.
pub fn kinds(typed: &OsStr) -> Vec<CompletionCandidate> {
    let rows = KINDS.iter().map(|kind| (kind.name.to_owned(), kind.form.word().to_owned()));
    beginning_with(rows.collect(), typed)
}

type Row = (String, String);

fn offered_members(survey: &Survey) -> Vec<Row> {
    let leader = survey.working_leader().map(|leader| leader.entry.name.clone());
    let row = |entry: &crate::client::MembershipEntry| {
        let role = match entry.voter {
            true if leader.as_ref() == Some(&entry.name) => "leader",
            true => "voter",
            false => "learner",
        };
        (entry.name.clone(), format!("{role} at {}", entry.address))
    };
    survey.members.iter().map(|seen| row(&seen.entry)).collect()
}

fn offered_keys(typed: &OsStr, wanted: impl Fn(&KeyView) -> bool) -> Vec<CompletionCandidate> {
    let asked = ask(async |session| {
        let survey = session.survey().await?;
        table(session, &survey, false).await
    });
    let told = asked.map(|told| told.keys).unwrap_or_default();
    let keys = told.iter().map(KeyView::from).filter(wanted);
    let row =
        |key: KeyView| (key.key_id.to_string(), format!("{} {}, {}", key.purpose, key.key_hex, key.state));
    beginning_with(keys.map(row).collect(), typed)
}

fn beginning_with(rows: Vec<Row>, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let fitting = rows.into_iter().filter(|(value, _)| value.starts_with(&*typed));
    fitting.map(|(value, help)| CompletionCandidate::new(value).help(Some(help.into()))).collect()
}

/// Asks the cluster that the words so far name. Whatever goes wrong, there is nothing to offer.
fn ask<T>(question: impl AsyncFnOnce(&Session) -> Result<T, CliError>) -> Option<T> {
    let global = connection(words())?;
    let settings = Settings::resolve(&global, &Environment::of_process(), None).ok()?;
    let reach = context::reach(&settings).ok()?;
    let times = Times { call: Some(PATIENCE), command: PATIENCE };
    let session = Session::new(reach, times, None, Progress::silent());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, question(&session)).await });
    runtime.shutdown_background();
    asked.ok()?.ok()
}

/// The words of the line that is completed: what follows the first `--`.
fn words() -> Vec<OsString> {
    let given: Vec<_> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    Line::of(&given).map_or(given, |line| line.words)
}

/// The options that say where the cluster is, in a line that is not finished.
fn connection(words: Vec<OsString>) -> Option<GlobalArgs> {
    let matches = Cli::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    GlobalArgs::from_arg_matches(&matches).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(rows: Vec<CompletionCandidate>) -> Vec<String> {
        rows.iter().map(|row| row.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_cluster_is_the_one_that_the_unfinished_line_names() {
        let named = |line: &str| {
            let global = connection(line.split(' ').map(OsString::from).collect()).unwrap();
            global.endpoint.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            named("elastickv-admin --endpoint a:1,b:2 encryption retire-dek --key-id"),
            ["a:1", "b:2"]
        );
        assert_eq!(named("elastickv-admin cluster remove --endpoint a:1 n"), ["a:1"]);
        assert!(named("elastickv-admin cluster remove n").is_empty());
    }

    #[test]
    fn only_what_begins_with_the_typed_is_offered() {
        assert_eq!(values(codes("EK-1003".as_ref())), ["EK-1003"]);
        assert!(values(codes("EK-1".as_ref())).len() > 20);
        assert!(values(codes("x".as_ref())).is_empty());
    }
}
