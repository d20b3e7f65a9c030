//! `kv delete`

use super::{commit, key};
use crate::args::kv::DeleteArgs;
use crate::client::Session;
use crate::error::CliError;
use crate::model::{Bytes, Decimal, DeleteReport, Done};

pub async fn run(session: &Session, args: &DeleteArgs) -> Result<Done<DeleteReport>, CliError> {
    let key = key(&args.key, args.keys)?;
    let told = commit::one(session, &args.change, &args.condition, commit::delete(key.clone())).await?;
    let report = DeleteReport {
        key: Bytes::new(key, args.keys),
        commit_index: Decimal(told.index),
        commit_ts: Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0),
        already_applied: told.already_applied,
    };
    Ok(Done::changed(report, !told.already_applied))
}
