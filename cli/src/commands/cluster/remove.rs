//! `cluster remove`

use elastickv_proto::{RaftAdminConfigurationChangeResponse, RaftAdminRemoveServerRequest};
use elastickv_types::NodeName;

use super::{changed, leader_aim, previous_index, survey_for_change};
use crate::args::cluster::RemoveArgs;
use crate::client::{Plan, Seen, Session, Survey, rpc};
use crate::commands::confirm::{Irreversible, confirm};
use crate::error::{CliError, Code};
use crate::model::{Done, MembershipChange, Step};
use crate::ui::Ui;

pub async fn run(session: &Session, ui: &Ui, args: &RemoveArgs) -> Result<Done<MembershipChange>, CliError> {
    survey_for_change(session, &args.change).await?;
    // Once more, and everyone: who decides wants to see who is left.
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let seen = match survey.resolve(&args.member) {
        Ok(seen) => seen,
        Err(error) if error.code() == Code::UnknownMember => {
            return gone_before(session, args, &survey, error).await;
        }
        Err(error) => return Err(error),
    };
    let entry = &seen.entry;
    if entry.voter && survey.voters() == 1 {
        return Err(CliError::new(Code::LastVoter, format!("{} is the only voter", entry.name)));
    }
    let step = Irreversible {
        consequences: consequences(&survey, seen),
        cluster_name: &survey.cluster_name,
        yes: args.yes,
        expected: args.change.expect.expect_cluster.as_deref(),
        command: format!("cluster remove {}", entry.name),
    };
    confirm(session, ui, &step).await?;
    session.progress().say(format!("{} is being removed", entry.name));
    let answer = send(session, args, &survey, &entry.name).await?;
    Ok(changed(Step::Remove, &survey, (&entry.name, &entry.address), &answer))
}

async fn send(
    session: &Session,
    args: &RemoveArgs,
    survey: &Survey,
    name: &str,
) -> Result<RaftAdminConfigurationChangeResponse, CliError> {
    let previous_index = previous_index(&args.previous, survey);
    let request = RaftAdminRemoveServerRequest { id: name.to_owned(), previous_index };
    Ok(session.call(Plan::write(leader_aim(session, survey)?), &request, rpc::remove_server).await?.message)
}

/// It is no member. Whether it was one, and this command is a repetition, only the leader knows. There is
/// nothing left to confirm: the membership that was just seen does not have it.
async fn gone_before(
    session: &Session,
    args: &RemoveArgs,
    survey: &Survey,
    unknown: CliError,
) -> Result<Done<MembershipChange>, CliError> {
    if args.member.parse::<NodeName>().is_err() {
        return Err(unknown);
    }
    match send(session, args, survey, &args.member).await {
        Ok(answer) => Ok(changed(Step::Remove, survey, (&args.member, ""), &answer)),
        Err(error) if error.code() == Code::UnknownMember => Err(unknown),
        Err(error) => Err(error),
    }
}

/// What the operator should have read before typing the cluster's name.
fn consequences(survey: &Survey, seen: &Seen) -> Vec<String> {
    let entry = &seen.entry;
    let part = if entry.voter { "voter" } else { "learner" };
    let mut lines =
        vec![format!("{} ({part}, {}) leaves {} for good", entry.name, entry.address, survey.cluster_name)];
    if entry.voter {
        lines.extend(votes_left(survey, &entry.name));
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

/// How the majority looks without a voter.
fn votes_left(survey: &Survey, leaving: &str) -> Vec<String> {
    let staying = survey.members.iter().filter(|seen| seen.entry.voter && seen.entry.name != leaving);
    let (answering, silent): (Vec<&Seen>, Vec<&Seen>) = staying.partition(|seen| seen.facts().is_some());
    let after = answering.len() + silent.len();
    let needed = after / 2 + 1;
    let mut lines = vec![format!("voters {} → {after}, of which {needed} must answer", survey.voters())];
    let names =
        |seen: &[&Seen]| seen.iter().map(|seen| seen.entry.name.as_str()).collect::<Vec<_>>().join(", ");
    if !silent.is_empty() {
        lines.push(format!(
            "of those that stay, answering: {}; silent: {}",
            names(&answering),
            names(&silent)
        ));
    }
    if answering.len() < needed {
        lines.push("WITHOUT IT THE CLUSTER HAS NO MAJORITY and takes no writes".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::GroupRole;
    use crate::client::survey::tests::{entry, facts, reply};

    fn survey(n3_answers: bool) -> Survey {
        let members = [entry("n1", true), entry("n2", true), entry("n3", true)];
        let n3 = facts("n3", GroupRole::Follower, &members);
        Survey::of(vec![
            reply("10.0.0.11:50051", true, Ok(facts("n1", GroupRole::Leader, &members))),
            reply("10.0.0.12:50051", false, Ok(facts("n2", GroupRole::Follower, &members))),
            reply("10.0.0.13:50051", false, n3_answers.then_some(n3).ok_or("connection refused")),
        ])
    }

    fn told(survey: &Survey, name: &str) -> String {
        consequences(survey, survey.member(name).unwrap()).join("\n")
    }

    #[test]
    fn the_operator_reads_who_is_left() {
        let text = told(&survey(true), "n2");
        assert!(text.contains("voters 3 → 2, of which 2 must answer"), "{text}");
        assert!(!text.contains("NO MAJORITY") && !text.contains("it is the leader"), "{text}");
    }

    #[test]
    fn removing_the_wrong_one_is_said_loudly() {
        let text = told(&survey(false), "n2");
        assert!(text.contains("of those that stay, answering: n1; silent: n3"), "{text}");
        assert!(text.contains("NO MAJORITY"), "{text}");
    }

    #[test]
    fn removing_the_silent_one_or_the_leader_is_told_as_it_is() {
        let text = told(&survey(false), "n3");
        assert!(text.contains("n3 (voter, 10.0.0.13:50051)") && !text.contains("NO MAJORITY"), "{text}");
        assert!(told(&survey(true), "n1").contains("it is the leader"));
    }
}
