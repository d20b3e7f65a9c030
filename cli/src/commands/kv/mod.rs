//! `kv …`

mod commit;
mod delete;
mod delete_range;
mod exchange;
mod export;
mod get;
mod history;
mod import;
mod put;
mod range;
mod scan;
mod txn;

use std::path::Path;

use elastickv_proto::ReadConsistency;

use super::Desk;
use crate::args::kv::{KeyArgs, KvCommand, ReadArgs, Secret};
use crate::error::{CliError, Code, Exit};
use crate::local_files;
use crate::notation::Notation;

pub async fn run(desk: Desk<'_>, command: &KvCommand) -> Exit {
    match command {
        KvCommand::Get(args) => desk.show(get::run(desk, args)).await,
        KvCommand::Put(args) => desk.show(put::run(desk.session, args)).await,
        KvCommand::Delete(args) => desk.show(delete::run(desk.session, args)).await,
        KvCommand::Scan(args) => desk.show(scan::run(desk, args)).await,
        KvCommand::History(args) => desk.show(history::run(desk.session, args)).await,
        KvCommand::Txn(args) => desk.show(txn::run(desk.session, args)).await,
        KvCommand::Export(args) => desk.show(export::run(desk, args)).await,
        KvCommand::Import(args) => desk.show(import::run(desk.session, args)).await,
        KvCommand::DeleteRange(args) => desk.show(delete_range::run(desk, args)).await,
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
