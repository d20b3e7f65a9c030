//! `cluster digest`
//!
//! The leader goes first and says at which index and timestamp it digested its data. The others then
//! digest theirs at the same place, so that writes that go on meanwhile do not matter.

use elastickv_proto::v1::{DigestRequest, DigestResponse};
use futures_util::future::join_all;

use crate::args::cluster::DigestArgs;
use crate::client::{Aim, Patience, Plan, Seen, Session, Survey, no_leader, rpc};
use crate::error::CliError;
use crate::model::{Decimal, DigestReport, DigestRow, Done};

pub async fn run(session: &Session, args: &DigestArgs) -> Result<Done<DigestReport>, CliError> {
    session.progress().say("looking for the leader");
    session.survey_with_leader().await?;
    let survey = session.survey().await?;
    let leader = survey.working_leader().ok_or_else(|| no_leader(&survey))?;
    session.progress().say(format!("the leader, {}, digests its data", leader.entry.name));
    let first = of_leader(session, leader, args.group.group).await?;
    session.progress().say(format!("the others digest theirs at index {}", first.index));
    let others: Vec<&Seen> =
        survey.members.iter().filter(|seen| seen.entry.name != leader.entry.name).collect();
    let request = DigestRequest {
        group_id: args.group.group,
        at_index: first.index,
        at_ts: first.ts,
        at_oldest: first.oldest,
    };
    let answers = join_all(others.iter().map(|seen| of_member(session, seen, &request))).await;
    let rows = others.iter().zip(answers).map(|(seen, answer)| row(seen, answer, &first));
    let report = report(&survey, args.group.group, leader, &first, rows.collect());
    let problem = report.problem();
    Ok(Done::read(report).with_problem(problem))
}

async fn of_leader(session: &Session, leader: &Seen, group: u64) -> Result<DigestResponse, CliError> {
    let request = DigestRequest { group_id: group, ..DigestRequest::default() };
    let plan = Plan { patience: Patience::Work, ..Plan::read(Aim::Only(session.address_of(leader)?)) };
    Ok(session.call(plan, &request, rpc::digest).await?.message)
}

/// A member that did not even describe itself is not asked for work that takes long.
async fn of_member(
    session: &Session,
    seen: &Seen,
    request: &DigestRequest,
) -> Result<DigestResponse, String> {
    if let Some(error) = seen.error() {
        return Err(error);
    }
    let address = session.address_of(seen).map_err(|error| error.message().to_owned())?;
    let answer = session.ask(&address, Patience::Work, request, rpc::digest).await;
    answer.map(|answer| answer.message).map_err(|failure| failure.brief())
}

fn row(seen: &Seen, answer: Result<DigestResponse, String>, first: &DigestResponse) -> DigestRow {
    let part = if seen.entry.voter { "voter" } else { "learner" };
    match answer {
        Ok(told) => {
            let differs = told.digest != first.digest;
            DigestRow { differs, ..told_row(&seen.entry.name, part, &told) }
        }
        Err(error) => DigestRow {
            member: seen.entry.name.clone(),
            role: part,
            digest: None,
            rows: None,
            keys: None,
            differs: false,
            error: Some(error),
        },
    }
}

fn told_row(name: &str, role: &'static str, told: &DigestResponse) -> DigestRow {
    DigestRow {
        member: name.to_owned(),
        role,
        digest: Some(hex::encode(&told.digest)),
        rows: Some(Decimal(told.rows)),
        keys: Some(Decimal(told.keys)),
        differs: false,
        error: None,
    }
}

fn report(
    survey: &Survey,
    group: u64,
    leader: &Seen,
    first: &DigestResponse,
    others: Vec<DigestRow>,
) -> DigestReport {
    let compared = others.iter().filter(|row| row.digest.is_some()).count();
    let equal = (compared > 0).then(|| others.iter().all(|row| !row.differs));
    let mut members = vec![told_row(&leader.entry.name, "leader", first)];
    members.extend(others);
    DigestReport {
        cluster_name: survey.cluster_name.clone(),
        group_id: Decimal(group),
        index: Decimal(first.index),
        ts: Decimal(first.ts),
        equal,
        members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::GroupRole;
    use crate::client::survey::tests::{entry, facts, reply};
    use crate::error::Code;

    fn digest(byte: u8) -> DigestResponse {
        DigestResponse { index: 9, ts: 7, digest: vec![byte; 4].into(), rows: 3, keys: 2, oldest: 1 }
    }

    fn compare(answers: Vec<Result<DigestResponse, String>>) -> DigestReport {
        let members = [entry("n1", true), entry("n2", true), entry("n3", false)];
        let survey = Survey::of(vec![reply("a:1", true, Ok(facts("n1", GroupRole::Leader, &members)))]);
        let leader = survey.leader().unwrap();
        let first = digest(1);
        let others =
            survey.members.iter().skip(1).zip(answers).map(|(seen, answer)| row(seen, answer, &first));
        report(&survey, 1, leader, &first, others.collect())
    }

    #[test]
    fn equal_digests_are_no_problem() {
        let report = compare(vec![Ok(digest(1)), Ok(digest(1))]);
        assert_eq!((report.equal, report.problem()), (Some(true), None));
    }

    #[test]
    fn one_that_differs_is_a_fault_even_when_another_is_silent() {
        let report = compare(vec![Ok(digest(2)), Err("no answer (2.0s)".to_owned())]);
        let problem = report.problem().unwrap();
        assert_eq!((report.equal, problem.code()), (Some(false), Code::DigestsDiffer));
        assert_eq!(problem.exit().code(), 9);
        assert!(problem.message().contains("n2") && !problem.message().contains("n3"));
    }

    #[test]
    fn a_silent_member_is_no_proof_of_equality() {
        let report = compare(vec![Ok(digest(1)), Err("refused".to_owned())]);
        assert_eq!(report.problem().map(|problem| problem.exit().code()), Some(7));
        let nobody = compare(vec![Err("refused".to_owned()), Err("refused".to_owned())]);
        assert_eq!(nobody.equal, None);
    }
}
