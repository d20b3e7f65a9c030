//! `kv …`

mod delete;
mod get;
mod put;
mod scan;

use std::path::Path;

use elastickv_proto::ReadConsistency;

use super::Desk;
use crate::args::ChangeArgs;
use crate::args::kv::{KeyArgs, KvCommand, ReadArgs, Secret};
use crate::client::{Aim, Plan, Seen, Session};
use crate::error::{CliError, Code, Exit};
use crate::local_files;
use crate::notation::Notation;

pub async fn run(desk: Desk<'_>, command: &KvCommand) -> Exit {
    match command {
        KvCommand::Get(args) => desk.show(get::run(desk, args)).await,
        KvCommand::Put(args) => desk.show(put::run(desk.session, args)).await,
        KvCommand::Delete(args) => desk.show(delete::run(desk.session, args)).await,
        KvCommand::Scan(args) => desk.show(scan::run(desk, args)).await,
    }
}

/// The key of a command, from its argument or from a file.
fn key(args: &KeyArgs, notation: Notation) -> Result<Vec<u8>, CliError> {
    match (&args.key, &args.key_file) {
        (_, Some(path)) => from_file(path),
        (Some(typed), None) => typed_bytes(typed, notation, "key"),
        (None, None) => Err(CliError::new(Code::Usage, "no key was given")),
    }
}

fn typed_bytes(typed: &Secret, notation: Notation, what: &str) -> Result<Vec<u8>, CliError> {
    notation.read(&typed.0).map_err(|error| CliError::new(Code::BadInput, format!("the {what} is {error}")))
}

fn from_file(path: &Path) -> Result<Vec<u8>, CliError> {
    local_files::read_input(path)
        .map_err(|error| CliError::new(Code::BadInput, format!("{}: {error}", path.display())))
}

fn consistency(read: &ReadArgs) -> i32 {
    let consistency = if read.stale { ReadConsistency::Stale } else { ReadConsistency::Linearizable };
    consistency.into()
}

/// Begins a write: finds the leader, so that the write goes to a node that is known to be alive. Sent to one
/// that hangs, its outcome would be unknown for no good reason.
async fn begin_write(session: &Session, change: &ChangeArgs) -> Result<(Vec<u8>, Plan), CliError> {
    let op_id = session.begin_change();
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, change.expect_cluster.as_deref())?;
    let aim = survey.leader().and_then(Seen::address).map_or(Aim::Anyone, Aim::Leader);
    Ok((op_id.as_bytes().to_vec(), Plan::write(aim)))
}
