//! `cluster transfer-leader`

use std::time::Duration;

use elastickv_proto::RaftAdminTransferLeadershipRequest;

use super::{leader_aim, survey_for_change};
use crate::args::cluster::TransferLeaderArgs;
use crate::client::{Plan, Seen, Session, Survey, rpc};
use crate::error::{CliError, Code};
use crate::model::{Decimal, Done, LeaderTransfer};

/// Between two looks at who leads.
const LOOK: Duration = Duration::from_millis(50);

pub async fn run(session: &Session, args: &TransferLeaderArgs) -> Result<Done<LeaderTransfer>, CliError> {
    let survey = survey_for_change(session, &args.change).await?;
    let from = survey.leader().map(|leader| leader.entry.name.clone()).unwrap_or_default();
    let target = args.member.as_deref().map(|typed| survey.resolve(typed)).transpose()?;
    if target.is_some_and(|target| target.entry.name == from) {
        return Ok(Done::changed(report(&survey, &from, true), false));
    }
    check_target(&survey, target)?;
    session.progress().say(format!("{from} is handing leadership over"));
    let request = RaftAdminTransferLeadershipRequest {
        target_id: target.map(|target| target.entry.name.clone()).unwrap_or_default(),
        target_address: target.map(|target| target.entry.address.clone()).unwrap_or_default(),
        gated: args.max_lag.is_some(),
        max_lag: args.max_lag.unwrap_or_default(),
        target_candidates: Vec::new(),
    };
    session.call(Plan::write(leader_aim(session, &survey)?), &request, rpc::transfer_leadership).await?;
    successor(session, &from).await
}

/// The old leader may not know yet that it was replaced, so one look is not enough.
async fn successor(session: &Session, from: &str) -> Result<Done<LeaderTransfer>, CliError> {
    session.progress().say(format!("waiting for the successor of {from}"));
    loop {
        let after = session.survey_with_leader().await?;
        let report = report(&after, from, false);
        if report.to != from {
            return Ok(Done::changed(report, true));
        }
        if !session.sleep(LOOK).await {
            return Err(CliError::new(Code::HandOverFailed, format!("{from} still leads")));
        }
    }
}

/// What can be known without asking the leader.
fn check_target(survey: &Survey, target: Option<&Seen>) -> Result<(), CliError> {
    match target {
        Some(target) if !target.entry.voter => {
            let name = &target.entry.name;
            Err(CliError::new(Code::NotAVoter, format!("{name} is a learner"))
                .hint(format!("{{cli}} cluster promote {name}")))
        }
        _ if survey.voters() < 2 => Err(CliError::new(Code::NoSuccessor, "there is only one voter")),
        _ => Ok(()),
    }
}

fn report(survey: &Survey, from: &str, unchanged: bool) -> LeaderTransfer {
    let leader = survey.leader();
    LeaderTransfer {
        cluster_name: survey.cluster_name.clone(),
        from: from.to_owned(),
        to: leader.map(|leader| leader.entry.name.clone()).unwrap_or_default(),
        term: leader.and_then(Seen::control).map(|control| Decimal(control.term)),
        unchanged,
    }
}
