//! `cluster wait`: look, judge, look again.

use std::time::Duration;

use crate::args::cluster::{Condition, MemberState, WaitArgs};
use crate::client::{Seen, Session, Survey, no_leader};
use crate::error::{Blocker, CliError, Code};
use crate::model::{Done, WaitReport, duration_text, status_warnings};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

pub async fn run(session: &Session, args: &WaitArgs) -> Result<Done<WaitReport>, CliError> {
    session.progress().say("asking every member");
    loop {
        let missing = match session.survey().await {
            Ok(survey) => all_missing(args, &survey),
            // Two clusters do not become one by waiting.
            Err(error) if matches!(error.code(), Code::ForeignCluster | Code::PinnedOtherwise) => {
                return Err(error);
            }
            Err(error) => vec![error.message().to_owned()],
        };
        if missing.is_empty() {
            return Ok(Done::read(report(session, args, missing)));
        }
        session.progress().say(format!("waiting: {}", missing.join("; ")));
        if !session.sleep(PAUSE).await {
            let problem = ended(session, args, &missing);
            return Ok(Done::read(report(session, args, missing)).with_problem(Some(problem)));
        }
    }
}

fn all_missing(args: &WaitArgs, survey: &Survey) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in args.conditions.iter().flat_map(|condition| missing(condition, survey, args.max_lag)) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn report(session: &Session, args: &WaitArgs, missing: Vec<String>) -> WaitReport {
    WaitReport {
        conditions: args.conditions.iter().map(ToString::to_string).collect(),
        waited_ms: session.elapsed().into(),
        met: missing.is_empty(),
        missing,
    }
}

fn ended(session: &Session, args: &WaitArgs, missing: &[String]) -> CliError {
    let text = format!("not after {}: {}", duration_text(session.allowed()), missing.join("; "));
    let blocking = missing.iter().map(|text| Blocker {
        member: text.split(' ').next().unwrap_or_default().to_owned(),
        reason: text.clone(),
    });
    let conditions: Vec<String> =
        args.conditions.iter().map(|condition| format!("--for {condition}")).collect();
    let again = format!(
        "{{cli}} cluster wait {} --deadline 10m   # or: {{cli}} cluster status",
        conditions.join(" ")
    );
    CliError::new(Code::WaitEnded, text).hint(again).blocked_by(blocking.collect())
}

/// What keeps a condition from holding, in words; nothing when it holds.
pub fn missing(condition: &Condition, survey: &Survey, max_lag: u64) -> Vec<String> {
    match condition {
        Condition::Leader => without_leader(survey),
        Condition::Ready => [without_leader(survey), not_ready(survey)].concat(),
        // Silence, an absent leader and what is not ready are among the warnings.
        Condition::Healthy => status_warnings(survey).into_iter().map(|warning| warning.message).collect(),
        Condition::Applied(index) => each(survey, |seen| not_applied(seen, index.get())),
        Condition::Member(name, state) => not_in_state(survey, name, *state).into_iter().collect(),
        Condition::CaughtUp(name) => not_caught_up(survey, name, max_lag).into_iter().collect(),
    }
}

fn without_leader(survey: &Survey) -> Vec<String> {
    match survey.working_leader() {
        Some(_) => Vec::new(),
        None => vec![no_leader(survey).message().to_owned()],
    }
}

fn not_ready(survey: &Survey) -> Vec<String> {
    each(survey, unready)
}

fn each(survey: &Survey, judge: impl Fn(&Seen) -> Option<String>) -> Vec<String> {
    survey.members.iter().filter_map(judge).collect()
}

fn unready(seen: &Seen) -> Option<String> {
    let name = &seen.entry.name;
    match (seen.facts(), seen.error()) {
        (Some(facts), _) if facts.ready => None,
        (Some(facts), _) => {
            let reasons: Vec<&str> = facts.reasons.iter().map(|reason| reason.name.as_str()).collect();
            Some(format!("{name} is not ready ({})", reasons.join(", ")))
        }
        (None, error) => Some(format!("{name} does not answer ({})", error.unwrap_or_default())),
    }
}

fn not_applied(seen: &Seen, index: u64) -> Option<String> {
    let name = &seen.entry.name;
    match seen.control().map(|control| control.applied) {
        Some(applied) if applied >= index => None,
        Some(applied) => Some(format!("{name} has applied {applied} of {index}")),
        None => unready(seen).or_else(|| Some(format!("{name} says nothing of its log"))),
    }
}

fn not_in_state(survey: &Survey, name: &str, state: MemberState) -> Option<String> {
    let Some(seen) = survey.member(name) else {
        return (state != MemberState::Absent).then(|| format!("{name} is no member"));
    };
    let leads = survey.working_leader().is_some_and(|leader| leader.entry.name == name);
    match state {
        MemberState::Absent => Some(format!("{name} is still a member")),
        MemberState::Voter => (!seen.entry.voter).then(|| format!("{name} is a learner")),
        MemberState::Learner => seen.entry.voter.then(|| format!("{name} is a voter")),
        MemberState::Leader => (!leads).then(|| format!("{name} does not lead")),
        MemberState::Ready => unready(seen),
        MemberState::Drained => match seen.facts() {
            Some(facts) if facts.draining => None,
            Some(_) => Some(format!("{name} is in service")),
            None => unready(seen),
        },
    }
}

fn not_caught_up(survey: &Survey, name: &str, max_lag: u64) -> Option<String> {
    let Some(seen) = survey.member(name) else { return Some(format!("{name} is no member")) };
    if survey.working_leader().is_none() {
        return without_leader(survey).pop();
    }
    match survey.lag(seen) {
        Some(lag) if lag <= max_lag => None,
        Some(lag) => Some(format!("{name} is {lag} entries behind")),
        None => unready(seen).or_else(|| Some(format!("{name} says nothing of its log"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::GroupRole;
    use crate::client::survey::tests::{entry, facts, reply};
    use crate::client::{NodeFacts, Reply};

    fn survey(n2: Option<NodeFacts>) -> Survey {
        let leader = facts("n1", GroupRole::Leader, &members());
        let replies: Vec<Reply> = vec![
            reply("10.0.0.11:50051", true, Ok(leader)),
            reply("10.0.0.12:50051", false, n2.ok_or("connection refused")),
        ];
        Survey::of(replies)
    }

    fn members() -> [crate::client::MembershipEntry; 2] {
        [entry("n1", true), entry("n2", false)]
    }

    fn learner(applied: u64) -> NodeFacts {
        let mut learner = facts("n2", GroupRole::Learner, &members());
        learner.groups[0].applied = applied;
        learner
    }

    fn holds(condition: &str, survey: &Survey) -> bool {
        missing(&condition.parse().unwrap(), survey, 10).is_empty()
    }

    #[test]
    fn a_cluster_where_all_is_well_meets_everything() {
        let survey = survey(Some(learner(100)));
        for condition in [
            "ready",
            "leader",
            "healthy",
            "applied=100",
            "member=n1:leader",
            "member=n1:voter",
            "member=n2:learner",
            "member=n2:ready",
            "member=n9:absent",
            "learner-caught-up=n2",
        ] {
            assert!(holds(condition, &survey), "{condition}");
        }
        for condition in
            ["applied=101", "member=n2:voter", "member=n9:voter", "member=n1:absent", "member=n1:drained"]
        {
            assert!(!holds(condition, &survey), "{condition}");
        }
    }

    #[test]
    fn a_silent_member_keeps_ready_away_but_not_a_leader() {
        let survey = survey(None);
        assert!(holds("leader", &survey));
        assert_eq!(missing(&Condition::Ready, &survey, 10), ["n2 does not answer (connection refused)"]);
        assert!(
            !holds("healthy", &survey)
                && !holds("applied=0", &survey)
                && !holds("learner-caught-up=n2", &survey)
        );
    }

    #[test]
    fn catching_up_is_measured_against_the_leader() {
        assert!(holds("learner-caught-up=n2", &survey(Some(learner(90)))));
        let text = missing(&Condition::CaughtUp("n2".to_owned()), &survey(Some(learner(89))), 10);
        assert_eq!(text, ["n2 is 11 entries behind"]);
    }

    #[test]
    fn a_drained_member_is_not_healthy() {
        let mut drained = learner(100);
        drained.draining = true;
        drained.ready = false;
        let survey = survey(Some(drained));
        assert!(holds("member=n2:drained", &survey));
        assert!(!holds("healthy", &survey) && !holds("ready", &survey));
    }
}
