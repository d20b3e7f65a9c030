//! `kv delete-range`: page after page, each a write of its own.

use elastickv_proto::v1;

use super::super::Desk;
use super::super::confirm::{Irreversible, confirm};
use super::commit;
use super::range::Range;
use crate::args::kv::DeleteRangeArgs;
use crate::client::{Plan, Session, rpc};
use crate::error::{CliError, Code};
use crate::model::{Bytes, Decimal, DeleteRangeReport, Done};

pub async fn run(desk: Desk<'_>, args: &DeleteRangeArgs) -> Result<Done<DeleteRangeReport>, CliError> {
    let session = desk.session;
    let range = Range::of(&args.range, args.keys)?;
    if range.is_everything() && !args.all {
        let text = "no range was given, and every key is not what is deleted by leaving something out";
        return Err(CliError::new(Code::Usage, text).hint("give --prefix, --start, --end or --all"));
    }
    let plan = commit::begin(session, args.expect.expect_cluster.as_deref()).await?;
    agree(desk, args, &range).await?;
    session.advise("run it again: what is gone already is passed over");
    delete(session, args, plan, range).await
}

async fn agree(desk: Desk<'_>, args: &DeleteRangeArgs, range: &Range) -> Result<(), CliError> {
    let survey = desk.session.survey_with_leader().await?;
    let shown = |bytes: &[u8]| Bytes::new(bytes, args.keys).shown();
    let what = match (range.start.as_slice(), range.end.as_slice()) {
        ([], []) => "every key".to_owned(),
        (start, []) => format!("every key from {} on", shown(start)),
        ([], end) => format!("every key before {}", shown(end)),
        (start, end) => format!("every key from {} on and before {}", shown(start), shown(end)),
    };
    let step = Irreversible {
        consequences: vec![format!("{what} is deleted in {}", survey.cluster_name)],
        cluster_name: &survey.cluster_name,
        yes: args.yes,
        expected: args.expect.expect_cluster.as_deref(),
        command: "kv delete-range …".to_owned(),
    };
    confirm(desk.session, desk.ui, &step).await
}

/// A page whose answer was lost counts for nothing when it was deleted by then: how many keys it had, nobody knows.
async fn delete(
    session: &Session,
    args: &DeleteRangeArgs,
    plan: Plan,
    range: Range,
) -> Result<Done<DeleteRangeReport>, CliError> {
    let start = Bytes::new(range.start.clone(), args.keys);
    let end = Bytes::new(range.end.clone(), args.keys);
    let mut report = DeleteRangeReport { start, end, deleted: Decimal(0), at_least: false, commit_ts: None };
    let mut rest = v1::KeyRange::from(range);
    loop {
        session.begin_step();
        session.progress().say(format!("{} keys deleted so far", report.deleted));
        let request_id = session.new_request_id().as_bytes().to_vec().into();
        let request = v1::DeleteRangeRequest { range: Some(rest.clone()), request_id };
        let told = session.call(plan.clone(), &request, rpc::delete_range).await?.message;
        report.deleted.0 += told.deleted;
        report.at_least |= told.already_applied;
        if told.commit_ts > 0 {
            report.commit_ts = Some(Decimal(told.commit_ts));
        }
        if !told.more {
            let changed = report.commit_ts.is_some();
            return Ok(Done::changed(report, changed));
        }
        rest.start = told.next_start;
    }
}
