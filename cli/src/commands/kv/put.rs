//! `kv put`

use super::{commit, from_file, typed_bytes};
use crate::args::kv::PutArgs;
use crate::client::Session;
use crate::error::{CliError, Code};
use crate::model::{Bytes, Decimal, Done, Millis, PutReport};

pub async fn run(session: &Session, args: &PutArgs) -> Result<Done<PutReport>, CliError> {
    let key = typed_bytes(&args.key, args.notation.keys, "key")?;
    let value = match (&args.value, &args.value_file) {
        (_, Some(path)) => from_file(path)?,
        (Some(typed), None) => typed_bytes(typed, args.notation.values, "value")?,
        (None, None) => return Err(CliError::new(Code::Usage, "no value was given")),
    };
    let value_bytes = Decimal(value.len() as u64);
    let mutation = commit::put(key.clone(), value, args.ttl)?;
    let told = commit::one(session, &args.change, &args.condition, mutation).await?;
    let report = PutReport {
        key: Bytes::new(key, args.notation.keys),
        value_bytes,
        commit_index: Decimal(told.index),
        commit_ts: Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0),
        ttl_ms: args.ttl.map(Millis::from),
        already_applied: told.already_applied,
    };
    Ok(Done::changed(report, !told.already_applied))
}
