//! Changing who belongs to a cluster.
//!
//! A change is asked of the leader, and asked again as long as the answer says that asking later may
//! help: the leader changed, another change is under way, the learner is not near enough yet.

use std::time::Duration;

use anyhow::{Result, anyhow};
use elastickv_proto as pb;
use tonic::{Response, Status};

use crate::client::Refusal;
use crate::cluster::Cluster;
use crate::links::Place;
use crate::wait::{self, Hopeless, PATIENCE};

/// Answers that say nothing against the change itself.
const PASSING: [&str; 9] = [
    "NotLeader",
    "NoLeader",
    "NoQuorum",
    "NotReady",
    "ChangeInProgress",
    "LaggingLearner",
    "OutcomeUnknown",
    "TransferTimedOut",
    // The node to be added was started a moment ago and does not listen yet.
    "Unreachable",
];

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);

impl Cluster {
    /// Makes the node at `place` a learner, under its name.
    pub async fn add_learner(&self, leaders: &[Place], place: Place) -> Result<()> {
        let node = self.node(place);
        let (id, address) = (node.name.clone(), node.advertised.to_string());
        self.ask_leader(leaders, &format!("add {id}"), async |admin| {
            let request = pb::RaftAdminAddLearnerRequest {
                id: id.clone(),
                address: address.clone(),
                previous_index: 0,
            };
            admin.add_learner(request).await.map(Response::into_inner)
        })
        .await
        .map(|_| ())
    }

    pub async fn promote(&self, leaders: &[Place], place: Place) -> Result<()> {
        let id = self.node(place).name.clone();
        self.ask_leader(leaders, &format!("promote {id}"), async |admin| {
            let request = pb::RaftAdminPromoteLearnerRequest { id: id.clone(), ..Default::default() };
            admin.promote_learner(request).await.map(Response::into_inner)
        })
        .await
        .map(|_| ())
    }

    pub async fn remove(&self, leaders: &[Place], place: Place) -> Result<()> {
        let id = self.node(place).name.clone();
        self.ask_leader(leaders, &format!("remove {id}"), async |admin| {
            let request = pb::RaftAdminRemoveServerRequest { id: id.clone(), previous_index: 0 };
            admin.remove_server(request).await.map(Response::into_inner)
        })
        .await
        .map(|_| ())
    }

    /// Hands leadership to the node at `place` and waits until all of `places` follow it.
    pub async fn hand_over(&self, places: &[Place], place: Place) -> Result<()> {
        let id = self.node(place).name.clone();
        wait::until(&format!("{id} to lead"), PATIENCE, || async {
            if self.leader_among(places, PATIENCE).await? == place {
                return Ok(());
            }
            let request =
                pb::RaftAdminTransferLeadershipRequest { target_id: id.clone(), ..Default::default() };
            let leader = self.leader_among(places, PATIENCE).await?;
            let asked = self.node(leader).client().raft_admin().transfer_leadership(request).await;
            judge(asked.map(|_| ())).and(Err(anyhow!("it was asked to, and is looked at again")))
        })
        .await
    }

    /// Asks whoever leads until the answer is final.
    async fn ask_leader<T>(
        &self,
        leaders: &[Place],
        what: &str,
        ask: impl AsyncFn(
            &mut pb::raft_admin_client::RaftAdminClient<tonic::transport::Channel>,
        ) -> Result<T, Status>,
    ) -> Result<T> {
        wait::until(what, PATIENCE, || async {
            let leader = self.leader_among(leaders, PATIENCE).await?;
            let mut admin = self.node(leader).client().raft_admin();
            match tokio::time::timeout(CALL, ask(&mut admin)).await {
                Ok(answer) => judge(answer),
                Err(_) => Err(anyhow!("no answer within {CALL:?}")),
            }
        })
        .await
    }
}

/// An answer that asking again would not change ends the wait.
fn judge<T>(answer: Result<T, Status>) -> Result<T> {
    answer.map_err(|status| {
        let refusal = Refusal::from(status);
        let passing = refusal.reason.is_empty() || PASSING.contains(&refusal.reason.as_str());
        if passing { refusal.into() } else { Hopeless(refusal.to_string()).into() }
    })
}
