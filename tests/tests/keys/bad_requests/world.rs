//! The cluster that bad requests are put to, and how it is seen that they did it no harm.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_crypto::KeyMaterial;
use elastickv_kek::{Kek, KekUri};
use elastickv_proto as pb;
use elastickv_sys::random::SystemRandom;
use elastickv_tests::client::{Client, request_id};
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_types::{ClusterId, KeyId, Purpose};

pub struct World {
    pub cluster: Cluster,
    nodes: Mutex<Nodes>,
    pub cluster_id: Bytes,
    /// A member, by its number.
    pub member: u64,
    kek: Kek,
    /// Another one, that nobody has.
    foreign: Kek,
    /// The key that rows are sealed under.
    pub storage: u32,
}

/// Who leads, and any other: on a busy machine that may change at any time.
#[derive(Clone)]
struct Nodes {
    leader: Client,
    follower: Client,
}

async fn find(cluster: &Cluster) -> Result<Nodes> {
    let place = cluster.settle(PATIENCE).await?;
    let other = cluster.others(place).first().copied().unwrap_or(place);
    Ok(Nodes { leader: cluster.node(place).client(), follower: cluster.node(other).client() })
}

/// What all nodes are to agree on: the last change of keys or stage, and a fingerprint of what it led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreed {
    control_index: Option<u64>,
    fingerprint: Bytes,
}

impl World {
    pub async fn start(label: &str) -> Result<Self> {
        Self::of(3, label).await
    }

    pub async fn of(nodes: usize, label: &str) -> Result<Self> {
        let cluster = Plan::new(label).nodes(nodes).encrypted().start().await?;
        let nodes = find(&cluster).await?;
        let facts = nodes.leader.encryption_status().await?.facts.context("it tells nothing of itself")?;
        let foreign = cluster.scratch().join("foreign.bin");
        kek::make(&foreign)?;
        let open = |path: &std::path::Path| Kek::open(&KekUri::File(path.to_owned()), SystemRandom::shared());
        Ok(Self {
            cluster_id: facts.cluster_id,
            member: facts.full_node_id,
            kek: open(&cluster.kek_file())?,
            foreign: open(&foreign)?,
            storage: 0,
            nodes: Mutex::new(nodes),
            cluster,
        })
    }

    pub fn leader(&self) -> Client {
        self.nodes.lock().expect("nobody panicked").leader.clone()
    }

    pub fn follower(&self) -> Client {
        self.nodes.lock().expect("nobody panicked").follower.clone()
    }

    pub async fn find_leader(&self) -> Result<()> {
        let found = find(&self.cluster).await?;
        *self.nodes.lock().expect("nobody panicked") = found;
        Ok(())
    }

    pub async fn look_up_keys(&mut self) -> Result<()> {
        let state = self.leader().encryption_admin().get_sidecar_state(pb::Empty {}).await?.into_inner();
        self.storage = state.active_storage_id;
        ensure!(self.storage != 0, "no key is active");
        Ok(())
    }

    pub async fn key_count(&self) -> Result<usize> {
        Ok(self.leader().encryption_status().await?.keys.len())
    }

    /// A new key, wrapped as an older client does it.
    pub async fn wrapped(&self, id: u32, purpose: Purpose) -> Result<Bytes> {
        self.wrapped_by(&self.kek, id, purpose).await
    }

    pub async fn wrapped_elsewhere(&self, id: u32, purpose: Purpose) -> Result<Bytes> {
        self.wrapped_by(&self.foreign, id, purpose).await
    }

    async fn wrapped_by(&self, kek: &Kek, id: u32, purpose: Purpose) -> Result<Bytes> {
        let key = KeyId::from_u32(id).context("no key has id 0")?;
        let material = KeyMaterial::draw(key, purpose, |bytes| bytes.fill_with(rand::random));
        let cluster = ClusterId::from_slice(&self.cluster_id).context("it has no cluster")?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        Ok(kek.wrap(cluster, &material, deadline).await?.key.as_bytes().clone())
    }

    /// A request to bootstrap with keys that its asker made.
    pub async fn pair(&self, storage: u32, raft: u32) -> Result<pb::BootstrapEncryptionRequest> {
        Ok(pb::BootstrapEncryptionRequest {
            storage_dek_id: storage,
            wrapped_storage_dek: self.wrapped(storage, Purpose::Storage).await?,
            raft_dek_id: raft,
            wrapped_raft_dek: self.wrapped(raft, Purpose::Raft).await?,
            ..Default::default()
        })
    }

    /// A write is acknowledged, and every node applies it and calls itself ready.
    pub async fn goes_on(&self) -> Result<()> {
        self.find_leader().await?;
        let leader = self.leader();
        let before = leader.status().await?.applied_index;
        let written = leader.put("key".into(), "value".into(), request_id()).await?.commit_index;
        ensure!(written > before, "its index did not move on");
        for node in self.cluster.nodes() {
            let what = format!("{} to apply {written} and be ready", node.name);
            wait::until(&what, PATIENCE, || async {
                ensure!(node.runs(), "{} ended\n{}", node.name, node.process.tail());
                let applied = node.client().status().await?.applied_index;
                ensure!(applied >= written, "it has applied {applied}");
                ensure!(node.client().describe().await?.ready, "it is not ready");
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// What all nodes say of keys and stage, once they say the same.
    pub async fn agreed(&self) -> Result<Agreed> {
        wait::until("all nodes to agree on keys and stage", PATIENCE, || async {
            let mut agreed = None;
            for node in self.cluster.nodes() {
                let facts = node.client().encryption_status().await?.facts.context("no facts")?;
                let told = Agreed { control_index: facts.control_index, fingerprint: facts.fingerprint };
                let first = agreed.get_or_insert_with(|| told.clone());
                ensure!(*first == told, "{} says {told:?}, another {first:?}", node.name);
            }
            agreed.context("there is no node")
        })
        .await
    }
}
