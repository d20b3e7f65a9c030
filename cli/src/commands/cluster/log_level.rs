//! `cluster log-level`

use std::time::Duration;

use elastickv_proto::v1;
use futures_util::future::join_all;

use crate::args::cluster::LogLevelArgs;
use crate::client::{Aim, Failure, Patience, Plan, Seen, Session, rpc};
use crate::error::{CliError, Reason};
use crate::model::{Done, LogLevelReport, LogLevelRow, LogView};

pub async fn run(session: &Session, args: &LogLevelArgs) -> Result<Done<LogLevelReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let meant: Vec<&Seen> = match &args.node {
        Some(typed) => vec![survey.resolve(typed)?],
        None => survey.members.iter().collect(),
    };
    let members = match request(args) {
        None => meant.into_iter().map(told).collect(),
        Some(request) => {
            let rows = join_all(meant.into_iter().map(|seen| set(session, seen, &request))).await;
            rows.into_iter().collect::<Result<_, _>>()?
        }
    };
    let report = LogLevelReport { cluster_name: survey.cluster_name, members };
    let (problem, changed) = (report.problem(), report.changed());
    Ok(Done::changed(report, changed).with_problem(problem))
}

/// Nothing where it is only asked for.
fn request(args: &LogLevelArgs) -> Option<v1::SetLogLevelRequest> {
    if args.reset {
        return Some(v1::SetLogLevelRequest::default());
    }
    let level = args.level.clone()?;
    let lasting = if args.until_restart { Duration::ZERO } else { args.lasting };
    Some(v1::SetLogLevelRequest { level, for_ms: u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX) })
}

fn told(seen: &Seen) -> LogLevelRow {
    let log = seen.facts().map(|facts| facts.log.clone());
    LogLevelRow { name: seen.entry.name.clone(), log, before: None, error: seen.error() }
}

/// What is wrong with the request is wrong with it at every member.
async fn set(
    session: &Session,
    seen: &Seen,
    request: &v1::SetLogLevelRequest,
) -> Result<LogLevelRow, CliError> {
    if seen.facts().is_none() {
        return Ok(told(seen));
    }
    let address = session.address_of(seen)?;
    match session.ask(&address, Patience::Probe, request, rpc::set_log_level).await {
        Ok(answer) => Ok(LogLevelRow {
            name: seen.entry.name.clone(),
            log: answer.message.now.map(LogView::from),
            before: answer.message.before.map(|before| before.level),
            error: None,
        }),
        Err(failure) if is_final(&failure) => {
            Err(session.error_of(&Plan::read(Aim::Only(address)), &failure, &[]))
        }
        Err(failure) => Ok(LogLevelRow {
            name: seen.entry.name.clone(),
            log: None,
            before: None,
            error: Some(failure.brief()),
        }),
    }
}

fn is_final(failure: &Failure) -> bool {
    let reason = failure.reason();
    reason.is_some_and(|reason| {
        matches!(reason, Reason::BadLogLevel | Reason::NotPermitted | Reason::Unauthenticated)
    })
}
