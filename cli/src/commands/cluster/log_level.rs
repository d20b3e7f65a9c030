//! `cluster log-level`
//!
//! All members are asked at once, so what one of them refuses says nothing of the others: who changed is a row whatever the rest
//! said. Only what every one of them refuses is the command's own error.

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
    session.expect_cluster(&survey, args.expect.expect_cluster.as_deref())?;
    let meant: Vec<&Seen> = match &args.node {
        Some(typed) => vec![survey.resolve(typed)?],
        None => survey.members.iter().collect(),
    };
    let members = match request(args) {
        None => meant.into_iter().map(told).collect(),
        Some(request) => {
            let answers = join_all(meant.iter().map(|seen| set(session, seen, &request))).await;
            rows(&meant, answers)?
        }
    };
    let report = LogLevelReport { cluster_name: survey.cluster_name, members };
    let (problem, changed) = (report.problem(), report.changed());
    Ok(Done::changed(report, changed).with_problem(problem))
}

fn rows(meant: &[&Seen], answers: Vec<Result<LogLevelRow, CliError>>) -> Result<Vec<LogLevelRow>, CliError> {
    if answers.iter().all(Result::is_err) {
        return answers.into_iter().collect();
    }
    let row = |(seen, answer): (&&Seen, Result<LogLevelRow, CliError>)| {
        answer.unwrap_or_else(|refused| LogLevelRow {
            name: seen.entry.name.clone(),
            error: Some(refused.message().to_owned()),
            ..LogLevelRow::default()
        })
    };
    Ok(meant.iter().zip(answers).map(row).collect())
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
    LogLevelRow { name: seen.entry.name.clone(), log, error: seen.error(), ..LogLevelRow::default() }
}

/// A row, or what this member has against the request.
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
        Ok(answer) => {
            let (before, now) =
                (answer.message.before.map(LogView::from), answer.message.now.map(LogView::from));
            Ok(LogLevelRow::changed(&seen.entry.name, before, now))
        }
        Err(failure) if is_final(&failure) => {
            Err(session.error_of(&Plan::read(Aim::Only(address)), &failure, &[]))
        }
        Err(failure) => Ok(LogLevelRow {
            name: seen.entry.name.clone(),
            error: Some(failure.brief()),
            ..LogLevelRow::default()
        }),
    }
}

fn is_final(failure: &Failure) -> bool {
    let reason = failure.reason();
    reason.is_some_and(|reason| {
        matches!(reason, Reason::BadLogLevel | Reason::NotPermitted | Reason::Unauthenticated)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::tests::entry;
    use crate::error::Code;

    #[test]
    fn who_changed_is_told_whatever_others_refused() {
        let seen = ["n1", "n2"].map(|name| Seen { entry: entry(name, true), reply: None, impostor: None });
        let meant: Vec<&Seen> = seen.iter().collect();
        let log = |level: &str| Some(LogView { level: level.to_owned(), ..LogView::default() });
        let done = || Ok(LogLevelRow::changed("n1", log("info"), log("trace")));
        let refused = || Err(CliError::new(Code::NotPermitted, "not for you"));
        let report = |answers| {
            rows(&meant, answers).map(|members| LogLevelReport { cluster_name: "demo".to_owned(), members })
        };
        let partly = report(vec![done(), refused()]).unwrap();
        assert!(partly.changed());
        let problem = partly.problem().unwrap();
        assert_eq!((problem.code(), problem.blocking()[0].member.as_str()), (Code::Partial, "n2"));
        assert_eq!(report(vec![refused(), refused()]).unwrap_err().code(), Code::NotPermitted);
    }
}
