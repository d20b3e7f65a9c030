//! What the nodes say of keys and stage, and whether they say the same.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, ensure};
use elastickv_proto::v1::encryption_stage::Name;
use elastickv_proto::v1::{EncryptionStatusResponse, KeyState, Purpose};
use elastickv_tests::cluster::{Cluster, Node};
use elastickv_tests::wait::{self, PATIENCE};

use super::command::Command;

/// Stage and keys, as one node has applied them.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub stage: Name,
    pub keys: BTreeMap<u32, (Purpose, KeyState)>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |(id, (purpose, state)): (&u32, &(Purpose, KeyState))| {
            format!("{id} {} {}", purpose.as_str_name(), state.as_str_name())
        };
        write!(f, "{} with {:?}", self.stage.as_str_name(), self.keys.iter().map(key).collect::<Vec<_>>())
    }
}

impl Picture {
    pub async fn of(node: &Node) -> Result<Self> {
        Ok(Self::told(&node.client().encryption_status().await?))
    }

    fn told(status: &EncryptionStatusResponse) -> Self {
        let stage = status.facts.as_ref().and_then(|facts| facts.stage).unwrap_or_default().name();
        let keys = status.keys.iter().map(|key| (key.key_id, (key.purpose(), key.state()))).collect();
        Self { stage, keys }
    }

    fn count(&self, purpose: Purpose, state: KeyState) -> usize {
        self.keys.values().filter(|key| **key == (purpose, state)).count()
    }

    /// Demands that this is the state before a command, or the one after it, or between an installation and the
    /// activation that ends it; and that no key is gone.
    pub fn lies_between(&self, before: &Picture, command: Command) -> Result<()> {
        let stages = [before.stage, stage_after(before.stage, command)];
        ensure!(stages.contains(&self.stage), "{command:?} led from {before:?} to {self:?}");
        let gone = before.keys.keys().find(|key| !self.keys.contains_key(key));
        ensure!(gone.is_none(), "{command:?} lost key {gone:?}");
        let fresh = self.keys.len() - before.keys.len();
        let all_or_none = if command == Command::Bootstrap { fresh != 1 } else { true };
        ensure!(all_or_none && fresh <= command.new_keys(), "{command:?} led to {fresh} new keys");
        for purpose in [Purpose::Storage, Purpose::Raft] {
            let active = self.count(purpose, KeyState::Active);
            let installed = self.count(purpose, KeyState::Installed);
            ensure!(
                active == usize::from(!self.keys.is_empty()),
                "{active} keys of one purpose are active: {self:?}"
            );
            ensure!(installed <= 1, "{installed} keys of one purpose are installed: {self:?}");
        }
        Ok(())
    }

    pub fn is_at_rest(&self) -> Result<()> {
        let installed = self.keys.values().any(|(_, state)| *state == KeyState::Installed);
        ensure!(!installed, "a key is left installed: {self:?}");
        Ok(())
    }
}

pub fn stage_after(before: Name, command: Command) -> Name {
    match command {
        Command::Bootstrap => Name::Bootstrapped,
        Command::EnableStorage => Name::StorageSealed,
        Command::EnableRaft => Name::FullySealed,
        Command::RestartClear
        | Command::RotateStorage
        | Command::RotateRaft
        | Command::Rewrap
        | Command::Restart
        | Command::Snapshot => before,
    }
}

/// Waits until every node has the same keys and stage, holds every key open, and is registered under each at the
/// epoch that it has.
pub async fn same_everywhere(cluster: &Cluster) -> Result<Picture> {
    wait::until("the same keys on every node", PATIENCE, || async {
        let mut first: Option<(Picture, _, _)> = None;
        for node in cluster.nodes() {
            let status = node.client().encryption_status().await?;
            let facts = status.facts.clone().context("it tells nothing of itself")?;
            for key in &facts.keys {
                let (id, epoch) = (key.key_id, key.local_epoch);
                ensure!(key.open, "{} has key {id} closed", node.name);
                let registered = key.registered_epoch == Some(epoch);
                ensure!(registered, "{} is not registered under key {id}, epoch {epoch}", node.name);
            }
            let told = (Picture::told(&status), facts.fingerprint, facts.control_index);
            ensure!(told.0.keys.len() == facts.keys.len(), "{} does not hold all keys", node.name);
            ensure!(status.running.is_none(), "an operation is under way by what {} says", node.name);
            match &first {
                None => first = Some(told),
                Some(first) => ensure!(*first == told, "{} has {told:?}, another one {first:?}", node.name),
            }
        }
        first.map(|(picture, ..)| picture).context("there are no nodes")
    })
    .await
}
