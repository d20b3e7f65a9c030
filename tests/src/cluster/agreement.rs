//! What the nodes of a cluster agree on.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use bytes::Bytes;
use elastickv_proto::v1::{DescribeResponse, DigestResponse, Group, Role};

use super::{Cluster, Node};
use crate::links::Place;
use crate::process::ending;
use crate::wait;

/// A digest of the content that the user sees, and the place in the log it is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digest {
    pub index: u64,
    pub ts: u64,
    pub digest: Bytes,
    pub keys: u64,
}

impl From<DigestResponse> for Digest {
    fn from(told: DigestResponse) -> Self {
        Self { index: told.index, ts: told.ts, digest: told.digest, keys: told.keys }
    }
}

impl Cluster {
    /// Waits until a node answers, whatever it answers. Fails at once when the process has ended.
    pub async fn answers(&self, place: Place, limit: Duration) -> Result<DescribeResponse> {
        let node = self.node(place);
        wait::until(&format!("{} to answer", node.name), limit, || async { describe(node).await }).await
    }

    /// Waits until one node leads, with a quorum, and every other running one of `places` follows it.
    pub async fn leader_among(&self, places: &[Place], limit: Duration) -> Result<Place> {
        wait::until("a leader that the nodes agree on", limit, || self.agreed_leader(places)).await
    }

    /// As [`Self::leader_among`], of all nodes.
    pub async fn leader(&self, limit: Duration) -> Result<Place> {
        self.leader_among(&self.places(), limit).await
    }

    async fn agreed_leader(&self, places: &[Place]) -> Result<Place> {
        let mut leader = None;
        let mut views = Vec::new();
        for &place in places {
            let node = self.node(place);
            if !node.runs() {
                continue;
            }
            let group = control_group(&describe(node).await?)?;
            if group.role() == Role::Leader && group.has_quorum {
                leader = Some((place, node.name.clone(), group.term));
            }
            views.push((node.name.clone(), group.leader, group.term));
        }
        let (place, name, term) = leader.ok_or_else(|| anyhow!("nobody leads with a quorum: {views:?}"))?;
        match views.iter().find(|(_, followed, seen)| *followed != name || *seen != term) {
            Some((node, followed, seen)) => {
                bail!("{name} leads term {term}, but {node} is with {followed:?} in term {seen}")
            }
            None => Ok(place),
        }
    }

    /// Makes a node the leader, asking whoever leads for as long as it takes.
    pub async fn hand_leadership(&self, to: Place, limit: Duration) -> Result<()> {
        let name = &self.node(to).name;
        wait::until(&format!("{name} to lead"), limit, || async {
            let leader = self.agreed_leader(&self.places()).await?;
            if leader != to {
                self.node(leader).client().transfer_leadership(name).await?;
            }
            Ok(())
        })
        .await
    }

    /// Waits until every running node follows one leader, has applied all that it has committed, and calls
    /// itself ready.
    pub async fn settle(&self, limit: Duration) -> Result<Place> {
        let leader = self.leader(limit).await?;
        let mark = control_group(&describe(self.node(leader)).await?)?.committed_index;
        for node in self.nodes().iter().filter(|node| node.runs()) {
            let what = format!("{} to apply {mark} and to be ready", node.name);
            wait::until(&what, limit, || async {
                let told = describe(node).await?;
                let applied = control_group(&told)?.applied_index;
                ensure!(applied >= mark, "it has applied {applied}");
                let reasons: Vec<_> = told.reasons.iter().map(|reason| reason.name.as_str()).collect();
                ensure!(told.ready, "it is not ready: {reasons:?}");
                Ok(())
            })
            .await?;
        }
        Ok(leader)
    }

    /// Takes the digest on every running node as of one index and demands that all are equal.
    pub async fn digests_agree(&self) -> Result<Digest> {
        let leader = self.settle(wait::PATIENCE).await?;
        let first = self.digest_of(leader, 0, 0).await?;
        for node in self.nodes().iter().filter(|node| node.place != leader && node.runs()) {
            let other = self.digest_of(node.place, first.index, first.ts).await?;
            if (&other.digest, other.keys) != (&first.digest, first.keys) {
                let of_leader = &self.node(leader).name;
                bail!("as of index {} the content of {} is not that of {of_leader}", first.index, node.name);
            }
        }
        Ok(first)
    }

    /// Takes the digest on every running node of what a reader of one timestamp sees, and demands that all are equal.
    /// What was collected before it is no part of that.
    pub async fn digests_at(&self, ts: u64) -> Result<Digest> {
        let leader = self.settle(wait::PATIENCE).await?;
        let first = self.digest_from(leader, 0, ts).await?;
        for node in self.nodes().iter().filter(|node| node.place != leader && node.runs()) {
            let other = self.digest_from(node.place, first.index, ts).await?;
            if (&other.digest, other.keys) != (&first.digest, first.keys) {
                bail!("as of {ts} the content of {} is not that of the leader", node.name);
            }
        }
        Ok(first)
    }

    async fn digest_of(&self, place: Place, index: u64, ts: u64) -> Result<Digest> {
        let node = self.node(place);
        let told = node.client().digest(index, ts).await;
        told.map(Digest::from).with_context(|| format!("{} gives no digest", node.name))
    }

    async fn digest_from(&self, place: Place, index: u64, ts: u64) -> Result<Digest> {
        let node = self.node(place);
        let told = node.client().digest_from(index, ts, ts).await;
        told.map(Digest::from).with_context(|| format!("{} gives no digest", node.name))
    }
}

async fn describe(node: &Node) -> Result<DescribeResponse> {
    if let Some(status) = node.process.ended() {
        let end = format!("{} ended with {}\n{}", node.name, ending(status), node.process.tail());
        return Err(wait::Hopeless(end).into());
    }
    Ok(node.client().describe().await?)
}

/// The part about the group that every cluster has.
pub fn control_group(description: &DescribeResponse) -> Result<Group> {
    let of_control = description.groups.iter().find(|group| group.group_id == crate::client::CONTROL_GROUP);
    of_control.cloned().context("the node does not know the control group yet")
}
