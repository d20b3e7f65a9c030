//! The commands that change keys, as their askers see them.

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto::v1::{OperationState, RewrapRequest};
use elastickv_proto::{
    BootstrapEncryptionRequest, DekPurpose, EnableRaftEnvelopeRequest, EnableStorageEnvelopeRequest,
    RegisterEncryptionWriterRequest, RotateDekRequest, WriterRegistryEntry,
};
use elastickv_tests::client::{Answer, Client};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::{self, Hopeless, PATIENCE};
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Command {
    /// A follower starts anew, and there are no keys yet.
    RestartClear,
    Bootstrap,
    EnableStorage,
    EnableRaft,
    RotateStorage,
    RotateRaft,
    Rewrap,
    /// A follower starts anew, and its load is registered.
    Restart,
    /// A follower that was away while a key was installed gets a snapshot that brings it.
    Snapshot,
}

use Command::*;

/// How an operation ended, by its record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// It took effect at this index, or something before it did.
    Done {
        first: u64,
        changed: bool,
    },
    Refused,
}

/// These leave a record, so that repeating them says the same.
const RECORDED: [&str; 3] = ["GateRefused", "Refused", "DeadlinePassed"];
/// No repeating helps.
const WRONG: [&str; 4] =
    ["OperationIdReused", "OperationIdExpired", "OperationIdAhead", "BootstrappedOtherwise"];

impl Command {
    /// In an order in which each can be done.
    pub const ALL: [Command; 9] = [
        RestartClear,
        Bootstrap,
        EnableStorage,
        EnableRaft,
        RotateStorage,
        RotateRaft,
        Rewrap,
        Restart,
        Snapshot,
    ];
    /// They can be done once in a cluster.
    pub const ONCE: [Command; 3] = [Bootstrap, EnableStorage, EnableRaft];

    pub fn is_operation(self) -> bool {
        !matches!(self, RestartClear | Restart | Snapshot)
    }

    /// How many keys there are more after it took effect once.
    pub fn new_keys(self) -> usize {
        match self {
            Bootstrap => 2,
            RotateStorage | RotateRaft | Snapshot => 1,
            EnableStorage | EnableRaft | Rewrap | RestartClear | Restart => 0,
        }
    }

    /// Asks one node, with an id that tells this operation from others, or as an operator does without.
    pub async fn ask(self, client: &Client, id: Option<Uuid>) -> Answer<Over> {
        let operation_id = id.map(|id| Bytes::copy_from_slice(id.as_bytes())).unwrap_or_default();
        let answered = match self {
            Bootstrap => {
                let request = BootstrapEncryptionRequest { operation_id, ..Default::default() };
                client.bootstrap_encryption(request).await?.operation
            }
            EnableStorage => {
                let request = EnableStorageEnvelopeRequest { operation_id, ..Default::default() };
                client.enable_storage_as(request).await?.operation
            }
            EnableRaft => {
                let request = EnableRaftEnvelopeRequest { operation_id, ..Default::default() };
                client.enable_raft_as(request).await?.operation
            }
            RotateStorage | RotateRaft => {
                let purpose = if self == RotateStorage { DekPurpose::Storage } else { DekPurpose::Raft };
                let request =
                    RotateDekRequest { purpose: purpose.into(), operation_id, ..Default::default() };
                client.rotate_dek(request).await?.operation
            }
            Rewrap => {
                let request = RewrapRequest { operation_id, ..Default::default() };
                client.rewrap_as(request).await?.operation
            }
            RestartClear | Restart | Snapshot => unreachable!("nobody asks a node for {self:?}"),
        };
        let operation = answered.unwrap_or_default();
        Ok(match (operation.state(), operation.done) {
            (OperationState::Done, Some(done)) => {
                Over::Done { first: done.first_index, changed: done.changed }
            }
            _ => Over::Refused,
        })
    }

    /// Asks whoever leads, until somebody says how it ended.
    pub async fn end(self, cluster: &Cluster, id: Option<Uuid>) -> Result<Over> {
        wait::until(&format!("{self:?} to end"), PATIENCE * 2, || async {
            let leader = cluster.leader(PATIENCE).await?;
            match self.ask(&cluster.node(leader).client(), id).await {
                Ok(over) => Ok(over),
                Err(refusal) if RECORDED.contains(&refusal.reason.as_str()) => Ok(Over::Refused),
                Err(refusal) if WRONG.contains(&refusal.reason.as_str()) => {
                    bail!(Hopeless(refusal.to_string()))
                }
                Err(refusal) => bail!(refusal),
            }
        })
        .await
    }

    /// As an operator does it who knows nothing of what happened: again, until it is done.
    pub async fn do_again(self, cluster: &Cluster) -> Result<Over> {
        wait::until(&format!("{self:?} to be done"), PATIENCE * 2, || async {
            let over = self.end(cluster, None).await?;
            ensure!(over != Over::Refused, "a gate refuses");
            Ok(over)
        })
        .await
    }
}

/// Registers every member by hand, as an operator does who is not sure of it.
pub async fn register_all(cluster: &Cluster) -> Result<()> {
    wait::until("every member to be registered by hand", PATIENCE, || async {
        let leader = cluster.leader(PATIENCE).await?;
        let client = cluster.node(leader).client();
        let mut writers = Vec::new();
        for node in cluster.nodes() {
            let facts = node.client().encryption_status().await?.facts.unwrap_or_default();
            writers.push(WriterRegistryEntry { full_node_id: facts.full_node_id, local_epoch: 0 });
        }
        let count = writers.len();
        let request = RegisterEncryptionWriterRequest { writers, ..Default::default() };
        let answer = client.encryption_admin().register_encryption_writer(request).await?.into_inner();
        ensure!(answer.registered.len() >= count, "{} rows for {count} members", answer.registered.len());
        Ok(())
    })
    .await
}
