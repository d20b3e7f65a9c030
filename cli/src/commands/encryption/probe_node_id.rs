//! `encryption probe-node-id`

use elastickv_types::NodeName;

use crate::args::encryption::ProbeNodeIdArgs;
use crate::client::Session;
use crate::error::CliError;
use crate::model::{Done, NodeIdsReport};

pub async fn run(session: &Session, args: &ProbeNodeIdArgs) -> Result<Done<NodeIdsReport>, CliError> {
    let members = if args.members { members(session).await? } else { Vec::new() };
    let report = NodeIdsReport::of(&members, &args.names);
    let problem = report.problem();
    Ok(Done::read(report).with_problem(problem))
}

async fn members(session: &Session) -> Result<Vec<NodeName>, CliError> {
    session.progress().say("asking for the members");
    let survey = session.survey().await?;
    Ok(survey.members.iter().filter_map(|seen| seen.entry.name.parse().ok()).collect())
}
