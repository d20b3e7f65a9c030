//! `cluster remove`

use elastickv_proto::RaftAdminRemoveServerRequest;

use super::confirm::{Irreversible, confirm};
use super::{changed, leader_aim, previous_index, survey_for_change};
use crate::args::cluster::RemoveArgs;
use crate::client::{Plan, Seen, Session, Survey, rpc};
use crate::error::{CliError, Code};
use crate::model::{Done, MembershipChange, Step};
use crate::ui::Ui;

pub async fn run(session: &Session, ui: &Ui, args: &RemoveArgs) -> Result<Done<MembershipChange>, CliError> {
    let survey = survey_for_change(session, &args.change).await?;
    let seen = survey.resolve(&args.member)?;
    let entry = &seen.entry;
    if entry.voter && survey.voters() == 1 {
        return Err(CliError::new(Code::LastVoter, format!("{} is the only voter", entry.name)));
    }
    let step = Irreversible {
        consequences: consequences(&survey, seen),
        cluster_name: &survey.cluster_name,
        yes: args.yes,
        expected: args.change.expect_cluster.as_deref(),
        command: format!("cluster remove {}", entry.name),
    };
    confirm(session, ui, &step).await?;
    session.progress().say(format!("{} is being removed", entry.name));
    let request = RaftAdminRemoveServerRequest {
        id: entry.name.clone(),
        previous_index: previous_index(&args.previous, &survey),
    };
    let answer =
        session.call(Plan::write(leader_aim(session, &survey)?), &request, rpc::remove_server).await?;
    Ok(changed(Step::Remove, &survey, (&entry.name, &entry.address), &answer.message))
}

/// What the operator should have read before typing the cluster's name.
fn consequences(survey: &Survey, seen: &Seen) -> Vec<String> {
    let entry = &seen.entry;
    let part = if entry.voter { "voter" } else { "learner" };
    let mut lines =
        vec![format!("{} ({part}, {}) leaves {} for good", entry.name, entry.address, survey.cluster_name)];
    if entry.voter {
        let (before, after) = (survey.voters(), survey.voters() - 1);
        lines.push(format!("voters {before} → {after}, of which {} must answer", after / 2 + 1));
        let answering = survey.voters_answering() - usize::from(seen.facts().is_some());
        lines.push(format!("{answering} of the remaining voters have answered just now"));
    }
    if survey.leader().is_some_and(|leader| leader.entry.name == entry.name) {
        lines.push("it is the leader: another one has to be elected".to_owned());
    }
    lines.push(format!(
        "its name can never be used again: add the next node under another one than {}",
        entry.name
    ));
    lines
}
