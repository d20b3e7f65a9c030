//! `kv history`

use elastickv_proto::v1;
use elastickv_types::Timestamp;

use super::key;
use crate::args::kv::HistoryArgs;
use crate::client::{Aim, Plan, Session, rpc};
use crate::error::CliError;
use crate::model::{Bytes, Decimal, Done, HistoryReport, VersionRow, utc};

/// Versions fetched by one call.
const PAGE: u32 = 1000;

pub async fn run(session: &Session, args: &HistoryArgs) -> Result<Done<HistoryReport>, CliError> {
    let key = key(&args.key, args.notation.keys)?;
    let mut versions: Vec<VersionRow> = Vec::new();
    let mut from = args.from.unwrap_or_default();
    let mut more = false;
    loop {
        session.progress().say(format!("{} versions so far", versions.len()));
        let request = v1::HistoryRequest { key: key.clone().into(), from, limit: page(args, versions.len()) };
        let told = session.call(Plan::read(Aim::Anyone), &request, rpc::history).await?.message;
        versions.extend(told.versions.into_iter().map(|version| row(args, version)));
        if told.next_from == 0 {
            break;
        }
        if args.limit > 0 && versions.len() as u64 >= args.limit {
            more = true;
            break;
        }
        from = told.next_from;
    }
    Ok(Done::read(HistoryReport { key: Bytes::new(key, args.notation.keys), versions, more }))
}

fn page(args: &HistoryArgs, fetched: usize) -> u32 {
    match args.limit {
        0 => PAGE,
        limit => u32::try_from(limit.saturating_sub(fetched as u64)).map_or(PAGE, |left| left.min(PAGE)),
    }
}

fn row(args: &HistoryArgs, version: v1::Version) -> VersionRow {
    VersionRow {
        commit_ts: Decimal(version.commit_ts),
        committed: utc(Timestamp::from_u64(version.commit_ts).unix_ms()),
        deleted: version.deleted,
        expires: (version.expire_at > 0).then(|| utc(version.expire_at)),
        value: (!version.deleted).then(|| Bytes::new(version.value, args.notation.values)),
    }
}
