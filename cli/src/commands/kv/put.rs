//! `kv put`

use elastickv_proto::RawPutRequest;

use super::{begin_write, from_file, typed_bytes};
use crate::args::kv::PutArgs;
use crate::client::{Session, rpc};
use crate::error::{CliError, Code};
use crate::model::{Bytes, Decimal, Done, PutReport};

pub async fn run(session: &Session, args: &PutArgs) -> Result<Done<PutReport>, CliError> {
    let key = typed_bytes(&args.key, args.notation.keys, "key")?;
    let value = match (&args.value, &args.value_file) {
        (_, Some(path)) => from_file(path)?,
        (Some(typed), None) => typed_bytes(typed, args.notation.values, "value")?,
        (None, None) => return Err(CliError::new(Code::Usage, "no value was given")),
    };
    let (request_id, plan) = begin_write(session, &args.change).await?;
    session.progress().say("waiting for the write to be acknowledged");
    let value_bytes = Decimal(value.len() as u64);
    let request =
        RawPutRequest { key: key.clone().into(), value: value.into(), request_id: request_id.into() };
    let told = session.call(plan, &request, rpc::raw_put).await?.message;
    let report = PutReport {
        key: Bytes::new(key, args.notation.keys),
        value_bytes,
        commit_index: Decimal(told.commit_index),
        commit_ts: Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0),
    };
    Ok(Done::changed(report, true))
}
