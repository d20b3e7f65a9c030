//! Asking everyone: the endpoints, then every member they tell of, all at the same time.
//!
//! Nobody waits for anybody: each call has its own time, and a member that is learnt of from the first
//! answer is asked while the second endpoint still hangs.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use elastickv_proto::v1;
use elastickv_types::PeerAddress;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::call::Patience;
use super::survey::unasked;
use super::{Failure, Intent, NodeFacts, Reply, Session, Survey, rpc};
use crate::error::{CliError, Code};
use crate::model::MemberRow;

/// How long to hope for a node that is ready when one that is not has answered.
const BETTER_ONE: Duration = Duration::from_millis(100);

/// When a crawl may end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    EveryoneAnswered,
    /// A leader that hears from a majority has answered.
    LeaderAnswered,
}

impl Session {
    /// Asks every member. Fails only when nobody answers or when the endpoints do not belong together.
    pub async fn survey(&self) -> Result<Survey, CliError> {
        let survey = self.crawl(Until::EveryoneAnswered).await;
        self.check_answers(&survey)?;
        Ok(survey)
    }

    /// Asks around until a leader that can commit has answered, again and again until the deadline.
    pub async fn survey_with_leader(&self) -> Result<Survey, CliError> {
        let mut pause = Duration::from_millis(50);
        loop {
            let survey = self.crawl(Until::LeaderAnswered).await;
            self.check_answers(&survey)?;
            if survey.working_leader().is_some() {
                return Ok(survey);
            }
            let error = no_leader(&survey);
            self.progress().say(format!("{}; asking again", error.message()));
            if !self.sleep(pause).await {
                return Err(error);
            }
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// The endpoint to ask first: the one that answered before, else the first to describe itself as ready.
    /// Without this one node that hangs would cost every command the whole time of a call.
    pub(super) async fn live_endpoint(&self) -> Option<PeerAddress> {
        if self.endpoints.len() < 2 {
            return None;
        }
        if let Some(preferred) = self.preferred() {
            return Some(preferred);
        }
        let mut open: FuturesUnordered<_> =
            self.endpoints.iter().map(|address| self.describe(address.clone(), true)).collect();
        let mut second_best = None;
        loop {
            let patience = if second_best.is_some() { BETTER_ONE } else { Duration::MAX };
            let Ok(Some(reply)) = tokio::time::timeout(patience, open.next()).await else {
                return second_best;
            };
            match reply.answer {
                Ok(facts) if facts.ready => return Some(reply.address),
                Ok(_) => second_best = second_best.or(Some(reply.address)),
                Err(_) => {}
            }
        }
    }

    async fn crawl(&self, until: Until) -> Survey {
        let mut asked: BTreeSet<PeerAddress> = self.endpoints.iter().cloned().collect();
        let mut answered = BTreeSet::new();
        let mut replies = Vec::new();
        let mut open: FuturesUnordered<Pin<Box<dyn Future<Output = Reply> + '_>>> = FuturesUnordered::new();
        for address in asked.clone() {
            open.push(Box::pin(self.describe(address, true)));
        }
        while let Some(reply) = open.next().await {
            if let Ok(facts) = &reply.answer {
                answered.insert(facts.name.clone());
                for address in unasked(facts, &answered, &asked) {
                    asked.insert(address.clone());
                    open.push(Box::pin(self.describe(address, false)));
                }
            }
            replies.push(reply);
            if until == Until::LeaderAnswered && Survey::of(replies.clone()).working_leader().is_some() {
                break;
            }
        }
        // In the order of the endpoints, so that the first one decides which cluster is meant.
        replies.sort_by_key(|reply| {
            self.endpoints.iter().position(|given| *given == reply.address).unwrap_or(usize::MAX)
        });
        Survey::of(replies)
    }

    async fn describe(&self, address: PeerAddress, given: bool) -> Reply {
        let begun = self.clock.now();
        let patience = self.patience(Patience::Probe);
        let request = v1::DescribeRequest {};
        let told = self.exchange(Intent::Read, &address, patience, &request, &rpc::describe).await;
        let took = self.clock.now().since(begun);
        let received_ms = self.unix_ms();
        let answer = told.map(|told| NodeFacts::from(told.message)).and_then(|facts| {
            self.judge(&address, &facts, given)?;
            Ok(facts)
        });
        Reply { address, given, took, received_ms, answer }
    }

    fn check_answers(&self, survey: &Survey) -> Result<(), CliError> {
        if let Some(foreign) = self.foreign() {
            return Err(self.error_of(&super::Plan::read(super::Aim::Anyone), &foreign, &[]));
        }
        if !survey.cluster_id.is_empty() {
            self.learn_cluster(survey.cluster_id.clone());
        }
        self.learn_members(survey.members.iter().map(|seen| row(survey, seen)).collect());
        if survey.clusters.len() > 1 {
            let text = format!("the endpoints lead to different clusters: {}", survey.clusters.join(", "));
            return Err(CliError::new(Code::ForeignCluster, text));
        }
        if survey.members.is_empty() {
            return Err(self.nobody(survey));
        }
        Ok(())
    }

    fn nobody(&self, survey: &Survey) -> CliError {
        if let Some(stranger) = survey.strangers.first() {
            let name = stranger.answer.as_ref().map(|facts| facts.name.clone()).unwrap_or_default();
            let address = &stranger.address;
            return CliError::new(Code::NotReady, format!("{name} at {address} belongs to no cluster yet"))
                .hint(format!(
                    "elastickv-admin --endpoint MEMBER cluster add-learner {name} {address}   \
                     # if it was started with --join"
                ));
        }
        let failures: Vec<&Failure> =
            survey.silent_endpoints.iter().filter_map(|reply| reply.answer.as_ref().err()).collect();
        match failures.iter().find(|failure| !matches!(failure, Failure::Unconnected { .. })) {
            Some(said) => self.error_of(&super::Plan::read(super::Aim::Anyone), said, &[]),
            None => super::call::cannot_connect(&failures),
        }
    }
}

/// Why nothing can be committed, in the words an operator needs.
pub fn no_leader(survey: &Survey) -> CliError {
    let (answering, voters) = (survey.voters_answering(), survey.voters());
    let needed = voters / 2 + 1;
    let counted = format!("{answering} of {voters} voters answer, {needed} are needed");
    match survey.leader() {
        Some(leader) => {
            let text = format!("leader {} hears from no majority: {counted}", leader.entry.name);
            CliError::new(Code::NoQuorum, text)
        }
        None => CliError::new(Code::NoLeader, format!("there is no leader: {counted}")),
    }
}

/// A member's row of the envelope.
pub fn row(survey: &Survey, seen: &super::Seen) -> MemberRow {
    let leads = survey.leader().is_some_and(|leader| leader.entry.name == seen.entry.name);
    let answered = seen.reply.as_ref().filter(|reply| reply.answer.is_ok());
    let age = match answered {
        Some(reply) => Some(reply.took.into()),
        None => seen.entry.last_contact_ms.map(crate::model::Millis),
    };
    MemberRow {
        id: seen.entry.name.clone(),
        address: seen.entry.address.clone(),
        role: if leads {
            "leader"
        } else if seen.entry.voter {
            "voter"
        } else {
            "learner"
        },
        reachable: seen.reply.as_ref().map(|reply| reply.answer.is_ok()),
        age_ms: age,
        last_error: seen.error().filter(|_| seen.reply.is_some()),
    }
}
