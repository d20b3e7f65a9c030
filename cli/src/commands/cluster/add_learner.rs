//! `cluster add-learner`

use elastickv_proto::RaftAdminAddLearnerRequest;

use super::{changed, leader_aim, previous_index, survey_for_change, unchanged};
use crate::args::cluster::AddLearnerArgs;
use crate::client::{Plan, Session, rpc};
use crate::error::{CliError, Code};
use crate::model::{Done, MembershipChange, Step};

pub async fn run(session: &Session, args: &AddLearnerArgs) -> Result<Done<MembershipChange>, CliError> {
    let survey = survey_for_change(session, &args.change).await?;
    let (name, address) = (args.name.as_str(), args.address.to_string());
    if let Some(seen) = survey.member(name) {
        if seen.entry.address == address {
            return Ok(unchanged(Step::AddLearner, &survey, seen));
        }
        let text = format!("{name} is a member already, at {}", seen.entry.address);
        return Err(CliError::new(Code::AlreadyAMember, text));
    }
    session.progress().say(format!("{name} is being invited and added"));
    let request = RaftAdminAddLearnerRequest {
        id: name.to_owned(),
        address: address.clone(),
        previous_index: previous_index(&args.previous, &survey),
    };
    let answer = session.call(Plan::write(leader_aim(session, &survey)?), &request, rpc::add_learner).await?;
    Ok(changed(Step::AddLearner, &survey, (name, &address), &answer.message))
}
