//! `cluster promote`

use elastickv_proto::RaftAdminPromoteLearnerRequest;

use super::{changed, leader_aim, previous_index, survey_for_change, unchanged};
use crate::args::cluster::PromoteArgs;
use crate::client::{Plan, Session, rpc};
use crate::error::CliError;
use crate::model::{Done, MembershipChange, Step};

pub async fn run(session: &Session, args: &PromoteArgs) -> Result<Done<MembershipChange>, CliError> {
    let survey = survey_for_change(session, &args.change).await?;
    let seen = survey.resolve(&args.member)?;
    let entry = &seen.entry;
    if entry.voter {
        return Ok(unchanged(Step::Promote, &survey, seen));
    }
    session.progress().say(format!("{} is being given a vote", entry.name));
    let request = RaftAdminPromoteLearnerRequest {
        id: entry.name.clone(),
        previous_index: previous_index(&args.previous, &survey),
        min_applied_index: args.min_applied_index.map_or(0, |index| index.get()),
        skip_min_applied_check: args.even_if_lagging,
    };
    let answer =
        session.call(Plan::write(leader_aim(session, &survey)?), &request, rpc::promote_learner).await?;
    Ok(changed(Step::Promote, &survey, (&entry.name, &entry.address), &answer.message))
}
