//! `kv get`

use elastickv_proto::RawGetRequest;

use super::super::Desk;
use super::{consistency, key};
use crate::args::kv::GetArgs;
use crate::client::{Aim, Plan, rpc};
use crate::error::{CliError, Code};
use crate::model::{Bytes, Decimal, Done, GetReport, utc};

pub async fn run(desk: Desk<'_>, args: &GetArgs) -> Result<Done<GetReport>, CliError> {
    if args.raw {
        desk.refuse_for_machines("--raw")?;
    }
    let key = key(&args.key, args.notation.keys)?;
    desk.session.progress().say("waiting for the value");
    let request = RawGetRequest {
        key: key.clone().into(),
        ts: args.read.at.unwrap_or_default(),
        group_id: 0,
        consistency: consistency(&args.read),
    };
    let told = desk.session.call(Plan::read(Aim::Anyone), &request, rpc::raw_get).await?.message;
    let report = GetReport {
        key: Bytes::new(key, args.notation.keys),
        exists: told.exists,
        value: told.exists.then(|| Bytes::new(told.value, args.notation.values)),
        read_at_index: Decimal(told.read_at_index),
        commit_ts: Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0),
        read_ts: Some(Decimal(told.read_ts)).filter(|ts| ts.0 > 0),
        expires: (told.expire_at > 0).then(|| utc(told.expire_at)),
        stale: args.read.stale,
        raw: args.raw,
    };
    let absent = CliError::new(Code::KeyNotFound, format!("{} has no value", report.key.shown()));
    let problem = (!report.exists).then_some(absent);
    Ok(Done::read(report).with_problem(problem))
}
