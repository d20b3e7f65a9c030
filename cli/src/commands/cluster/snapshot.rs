//! `cluster snapshot`

use elastickv_proto::v1::{SnapshotRequest, SnapshotResponse};
use futures_util::future::join_all;

use crate::args::cluster::SnapshotArgs;
use crate::client::{Aim, Answer, Failure, Patience, Plan, Seen, Session, Survey, rpc};
use crate::error::CliError;
use crate::model::{Decimal, Done, SnapshotReport, SnapshotRow};

pub async fn run(session: &Session, args: &SnapshotArgs) -> Result<Done<SnapshotReport>, CliError> {
    session.begin_change();
    let survey = survey(session, args).await?;
    session.expect_cluster(&survey, args.expect.expect_cluster.as_deref())?;
    let members = chosen(&survey, args)?;
    let names: Vec<&str> = members.iter().map(|seen| seen.entry.name.as_str()).collect();
    session.progress().say(format!("{} write a snapshot", names.join(", ")));
    let request = SnapshotRequest { group_id: args.group.group, purge: args.purge };
    let addresses = members.iter().map(|seen| session.address_of(seen)).collect::<Result<Vec<_>, _>>()?;
    let asked = addresses.iter().map(|address| session.ask(address, Patience::Work, &request, rpc::snapshot));
    let answers = join_all(asked).await;
    if let [Err(failure)] = answers.as_slice() {
        // One member was meant, and the whole command failed with it.
        let plan = Plan::read(Aim::Only(failure.address().clone()));
        return Err(session.error_of(&plan, failure, &[]));
    }
    let report = SnapshotReport {
        cluster_name: survey.cluster_name.clone(),
        group_id: Decimal(args.group.group),
        purged: args.purge,
        members: members.iter().zip(&answers).map(|(seen, answer)| row(seen, answer)).collect(),
    };
    let problem = report.problem();
    let any = answers.iter().any(Result::is_ok);
    Ok(Done::changed(report, any).with_problem(problem))
}

async fn survey(session: &Session, args: &SnapshotArgs) -> Result<Survey, CliError> {
    if args.all || !args.member.is_empty() {
        session.survey().await
    } else {
        session.survey_with_leader().await
    }
}

fn chosen<'a>(survey: &'a Survey, args: &SnapshotArgs) -> Result<Vec<&'a Seen>, CliError> {
    if args.all {
        return Ok(survey.members.iter().collect());
    }
    if args.member.is_empty() {
        return Ok(survey.leader().into_iter().collect());
    }
    let mut members: Vec<&Seen> = Vec::new();
    for typed in &args.member {
        let seen = survey.resolve(typed)?;
        if !members.iter().any(|other| other.entry.name == seen.entry.name) {
            members.push(seen);
        }
    }
    Ok(members)
}

fn row(seen: &Seen, answer: &Result<Answer<SnapshotResponse>, Failure>) -> SnapshotRow {
    let told = answer.as_ref().ok().map(|answer| &answer.message);
    SnapshotRow {
        member: seen.entry.name.clone(),
        index: told.map(|told| Decimal(told.index)),
        bytes: told.map(|told| Decimal(told.bytes)),
        first_log_index: told.map(|told| Decimal(told.first_log_index)),
        error: answer.as_ref().err().map(Failure::brief),
    }
}
