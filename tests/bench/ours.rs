//! Three servers of ours with their default settings.

use std::path::PathBuf;

use anyhow::Result;
use bytes::Bytes;
use elastickv_proto::raw_kv_client::RawKvClient;
use elastickv_proto::{RawGetRequest, RawPutRequest};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workspace;
use tonic::transport::Channel;

use crate::fsyncs::Strace;
use crate::metrics::{self, Timings};
use crate::place::Place;
use crate::store::Watch;

pub async fn put(channel: Channel, key: Bytes, value: Bytes) -> Result<()> {
    let request = RawPutRequest { key, value, ..RawPutRequest::default() };
    let answer = RawKvClient::new(channel).raw_put(request).await?.into_inner();
    anyhow::ensure!(answer.success, "answered without success");
    Ok(())
}

pub async fn get(channel: Channel, key: Bytes) -> Result<bool> {
    let request = RawGetRequest { key, ..Default::default() };
    Ok(RawKvClient::new(channel).raw_get(request).await?.into_inner().exists)
}

/// The running servers.
#[derive(Debug)]
pub struct Ours {
    cluster: Cluster,
    strace: Option<Strace>,
}

/// What the server says of itself.
pub fn version() -> Result<String> {
    let told = std::process::Command::new(server()?).arg("--version").output()?;
    Ok(String::from_utf8_lossy(&told.stdout).lines().next().unwrap_or_default().to_owned())
}

/// Three nodes with their data in that place.
pub fn plan(place: &Place) -> Result<Plan> {
    Ok(Plan::as_delivered("bench", server()?).below(place.path.clone()))
}

fn server() -> Result<PathBuf> {
    workspace::plain_server()
}

impl Ours {
    pub async fn start(place: &Place, watch: Watch) -> Result<Self> {
        Self::planned(plan(place)?, watch).await
    }

    /// As [`Self::start`], and then taken past both cutovers.
    pub async fn start_sealed(place: &Place, watch: Watch) -> Result<Self> {
        let started = Self::planned(plan(place)?.encrypted(), watch).await?;
        let leader = started.cluster.leader(PATIENCE).await?;
        started.cluster.node(leader).client().enable_storage().await?;
        started.cluster.node(leader).client().enable_raft().await?;
        Ok(started)
    }

    async fn planned(plan: Plan, watch: Watch) -> Result<Self> {
        let cluster = plan.prepare().await?;
        let strace = (watch == Watch::Strace).then(|| Strace::into(cluster.scratch()));
        if let Some(strace) = &strace {
            cluster.nodes().iter().for_each(|node| node.process.change(|recipe| strace.wrap(recipe)));
        }
        cluster.start_all()?;
        cluster.settle(PATIENCE).await?;
        Ok(Self { cluster, strace })
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub async fn leader(&self) -> Result<String> {
        let leader = self.cluster.leader(PATIENCE).await?;
        Ok(self.cluster.node(leader).address.to_string())
    }

    pub fn processes(&self) -> Vec<u32> {
        self.cluster.nodes().iter().filter_map(|node| node.process.id()).collect()
    }

    pub async fn syncs(&self) -> Result<u64> {
        let mut syncs = 0;
        for node in self.cluster.nodes() {
            let description = node.client().describe().await?;
            syncs += description.groups.iter().map(|group| group.log_fsyncs).sum::<u64>();
        }
        Ok(syncs)
    }

    pub async fn timings(&self) -> Result<Timings> {
        let leader = self.cluster.leader(PATIENCE).await?;
        let page = self.cluster.node(leader).http("/metrics").await?;
        Ok(metrics::timings(&page.body, "elastickv_"))
    }

    pub async fn end(self) -> Result<Option<u64>> {
        let Some(strace) = &self.strace else {
            self.cluster.finish().await?;
            return Ok(None);
        };
        for node in self.cluster.nodes() {
            self.cluster.terminate(node.place).await?;
        }
        let counted = strace.counted().await?;
        self.cluster.finish().await?;
        Ok(Some(counted))
    }
}
