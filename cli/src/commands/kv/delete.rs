//! `kv delete`

use elastickv_proto::RawDeleteRequest;

use super::{begin_write, key};
use crate::args::kv::DeleteArgs;
use crate::client::{Session, rpc};
use crate::error::CliError;
use crate::model::{Bytes, Decimal, DeleteReport, Done};

pub async fn run(session: &Session, args: &DeleteArgs) -> Result<Done<DeleteReport>, CliError> {
    let key = key(&args.key, args.keys)?;
    let (request_id, plan) = begin_write(session, &args.change).await?;
    session.progress().say("waiting for the deletion to be acknowledged");
    let request = RawDeleteRequest { key: key.clone().into(), request_id: request_id.into() };
    let told = session.call(plan, &request, rpc::raw_delete).await?.message;
    let report = DeleteReport {
        key: Bytes::new(key, args.keys),
        commit_index: Decimal(told.commit_index),
        commit_ts: Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0),
    };
    Ok(Done::changed(report, true))
}
