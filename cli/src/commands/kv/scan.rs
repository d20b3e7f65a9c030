//! `kv scan`: page after page, all of one moment.

use elastickv_proto::{RawKvPair, RawScanAtRequest, RawScanAtResponse};

use super::super::Desk;
use super::consistency;
use super::range::Range;
use crate::args::kv::ScanArgs;
use crate::client::{Aim, Plan, rpc};
use crate::error::{CliError, Code, Warning};
use crate::model::{Bytes, Decimal, Done, Pair, ScanReport};

/// Keeps a careless scan from filling the terminal.
const USUAL_LIMIT: u64 = 1000;

pub async fn run(desk: Desk<'_>, args: &ScanArgs) -> Result<Done<ScanReport>, CliError> {
    let mut range = Range::of(&args.range, args.notation.keys)?;
    let mut report = ScanReport {
        pairs: Vec::new(),
        count: Decimal(0),
        more: false,
        read_ts: args.read.at.map(Decimal),
        stale: args.read.stale,
        keys_only: args.keys_only,
    };
    let mut token = bytes::Bytes::new();
    loop {
        let page = next_page(desk, args, &range, &token, &report).await?;
        if report.read_ts.is_none() && page.read_ts > 0 {
            report.read_ts = Some(Decimal(page.read_ts));
        }
        let full = page.pairs.len() as u64 >= page_size(args, report.count.0);
        let last = page.pairs.last().map(|pair| pair.key.to_vec());
        let read_on = take(desk, args, page.pairs, &mut report)?;
        token = page.next_token;
        // Servers that know no tokens say that there is more by their pages alone.
        if token.is_empty() && !(last.is_some() && (page.truncated || full)) {
            break;
        }
        if is_complete(args, report.count.0) {
            report.more = true;
            break;
        }
        if !read_on {
            break;
        }
        if let Some(last) = last.filter(|_| token.is_empty()) {
            range = range.rest(last, args.reverse);
        }
    }
    remark(desk, args, &report);
    Ok(Done::read(report))
}

async fn next_page(
    desk: Desk<'_>,
    args: &ScanArgs,
    range: &Range,
    token: &bytes::Bytes,
    so_far: &ScanReport,
) -> Result<RawScanAtResponse, CliError> {
    desk.session.progress().say(format!("{} pairs so far", so_far.count));
    let request = RawScanAtRequest {
        start_key: range.start.clone().into(),
        end_key: range.end.clone().into(),
        limit: i64::try_from(page_size(args, so_far.count.0)).unwrap_or(i64::MAX),
        ts: so_far.read_ts.map_or(0, |ts| ts.0),
        reverse: args.reverse,
        group_id: 0,
        keys_only: args.keys_only,
        consistency: consistency(&args.read),
        token: token.clone(),
        pages: true,
    };
    Ok(desk.session.call(Plan::read(Aim::Anyone), &request, rpc::raw_scan_at).await?.message)
}

/// As many as are still wanted, at most a page.
fn page_size(args: &ScanArgs, fetched: u64) -> u64 {
    let page = u64::from(args.page_size);
    match limit(args) {
        0 => page,
        limit => page.min(limit.saturating_sub(fetched)),
    }
}

fn is_complete(args: &ScanArgs, fetched: u64) -> bool {
    limit(args) > 0 && fetched >= limit(args)
}

fn limit(args: &ScanArgs) -> u64 {
    args.limit.unwrap_or(USUAL_LIMIT)
}

/// Keeps a page, or writes it at once. False when nobody reads any more.
fn take(
    desk: Desk<'_>,
    args: &ScanArgs,
    pairs: Vec<RawKvPair>,
    report: &mut ScanReport,
) -> Result<bool, CliError> {
    report.count.0 += pairs.len() as u64;
    for pair in pairs {
        let pair = Pair {
            key: Bytes::new(pair.key, args.notation.keys),
            value: (!args.keys_only).then(|| Bytes::new(pair.value, args.notation.values)),
        };
        if !desk.streams() {
            report.pairs.push(pair);
        } else if !desk.ui.item(Pair::KIND, &pair)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn remark(desk: Desk<'_>, args: &ScanArgs, report: &ScanReport) {
    // Who set the limit knows that there is one.
    if report.more && args.limit.is_none() {
        let text = format!("these are the first {USUAL_LIMIT} pairs, there are more; --limit 0 fetches all");
        desk.session.warn(Warning::new(Code::ScanLimited, text));
    }
    if report.read_ts.is_none() && report.count.0 > u64::from(args.page_size) {
        let text = "the node did not say of which moment its pages are: they may be of different ones";
        desk.session.warn(Warning::new(Code::PagesOfManyMoments, text));
    }
}
