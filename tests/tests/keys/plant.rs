//! Gives the store of a stopped node keys, as if its cluster had decided so.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use elastickv_crypto::KeyMaterial;
use elastickv_engine::{Engine, FjallEngine, FjallOptions};
use elastickv_fsm::{
    Actor, ApplyBatch, Bootstrap, Cohort, Command, Form, GroupKeyspaces, NewKey, OperationCommand,
    OperationKind, Origin, Phase, Place, Ready, Reason, Rules, Step, StepCommand, Store, UnixMillis,
    Wrapping, Writer, plan, read_applied, read_tables,
};
use elastickv_kek::{Kek, KekUri};
use elastickv_keyring::{Active, KeyState, LoadMark, LoadTrace, Owner, Sidecar, SidecarFile, SidecarKey};
use elastickv_mvcc::ClearRows;
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_tests::cluster::Node;
use elastickv_types::{
    ClusterId, FullNodeId, GroupId, KeyId, LoadToken, LocalEpoch, LogIndex, OperationId, Purpose,
};

pub const STORAGE: u32 = 305_419_896;
pub const RAFT: u32 = 2_596_069_104;

/// The data directory of a node that does not run.
pub struct Directory {
    pub path: PathBuf,
    node: String,
}

pub fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).expect("it is not zero")
}

impl Directory {
    pub fn of(node: &Node) -> Self {
        Self { path: node.data_dir.clone(), node: node.name.clone() }
    }

    fn me(&self) -> FullNodeId {
        FullNodeId::of_name(&self.node)
    }

    pub fn sidecar_path(&self) -> PathBuf {
        self.path.join("encryption/keys.json")
    }

    pub fn log_mark_path(&self) -> PathBuf {
        self.path.join("groups/1/log-load")
    }

    /// The load that store and log name.
    pub fn token(&self) -> Result<LoadToken> {
        let bytes = std::fs::read(self.log_mark_path()).context("the log has no load mark")?;
        let mark = LoadTrace::decode(&bytes)?.mark;
        ensure!(matches!(mark, LoadMark::Settled { .. }), "the last start came to no end: {mark:?}");
        Ok(mark.token())
    }

    fn cluster(&self) -> Result<ClusterId> {
        let identity: serde_json::Value =
            serde_json::from_slice(&std::fs::read(self.path.join("identity.json"))?)?;
        Ok(serde_json::from_value(identity["cluster_id"].clone())?)
    }

    pub fn sidecar_file(&self) -> Result<SidecarFile> {
        let owner = Owner { node: self.node.parse()?, cluster: Some(self.cluster()?) };
        Ok(SidecarFile::of(SystemFiles::shared(), &self.path, owner))
    }

    pub fn sidecar(&self) -> Result<Sidecar> {
        let recorded = self.sidecar_file()?.load()?.context("there is no sidecar")?;
        Ok(recorded.sidecar().clone())
    }

    pub fn put_sidecar(&self, sidecar: Sidecar) -> Result<()> {
        self.sidecar_file()?.save(None, sidecar)?;
        Ok(())
    }

    pub fn epochs(&self) -> Result<Vec<u16>> {
        Ok(self.sidecar()?.keys.values().map(|key| key.epoch.get()).collect())
    }

    /// Both keys, wrapped by the key in this file, in a store whose rows are sealed from now on.
    pub async fn plant(&self, kek: &Path) -> Result<()> {
        let kek = Kek::open(&KekUri::File(kek.to_owned()), SystemRandom::shared())?;
        let token = self.token()?;
        let writer = Writer { node: self.me(), epoch: LocalEpoch::ZERO, token };
        let (storage, storage_row) = self.key(&kek, STORAGE, Purpose::Storage, writer).await?;
        let (raft, raft_row) = self.key(&kek, RAFT, Purpose::Raft, writer).await?;
        let applied = self.decide(storage, raft)?;
        self.put_sidecar(Sidecar {
            cluster: self.cluster()?,
            node: self.node.parse()?,
            load: LoadMark::Settled { token },
            applied,
            storage_cutover: Some(applied),
            raft_cutovers: Default::default(),
            active: Active { storage: key(STORAGE), raft: key(RAFT) },
            keys: [(key(STORAGE), storage_row), (key(RAFT), raft_row)].into(),
        })
    }

    async fn key(
        &self,
        kek: &Kek,
        id: u32,
        purpose: Purpose,
        writer: Writer,
    ) -> Result<(NewKey, SidecarKey)> {
        let material = KeyMaterial::draw(key(id), purpose, |bytes| bytes.fill_with(rand::random));
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        let wrapped = kek.wrap(self.cluster()?, &material, deadline).await?;
        let commitment = material.commitment();
        let new = NewKey {
            id: key(id),
            wrapping: Wrapping::new(wrapped.key.clone(), wrapped.by.clone()).context("a label")?,
            commitment,
            created: UnixMillis::new(1),
            cohort: Cohort::new(vec![writer]).context("one writer")?,
        };
        let row = SidecarKey {
            purpose,
            state: KeyState::Active,
            wrapped: wrapped.key,
            commitment,
            created: jiff::Timestamp::UNIX_EPOCH,
            epoch: writer.epoch,
            token: writer.token,
            kek: wrapped.by,
        };
        Ok((new, row))
    }

    /// Decides in the store what an operation would have, at the last index that is applied there.
    fn decide(&self, storage: NewKey, raft: NewKey) -> Result<LogIndex> {
        let engine = FjallEngine::open(&self.path.join("groups/1/state"), FjallOptions::default())?;
        let engine: Arc<dyn Engine> = Arc::new(engine);
        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        let applied = read_applied(&*engine.view()?, &keyspaces)?;
        let at = applied.last.context("nothing is applied")?.index;
        let membership = applied.state.membership.context("there is no membership")?;
        let tables = read_tables(&*engine.view()?, &keyspaces, applied.generation)?;
        let store = Store { keyspaces: &keyspaces, engine: &*engine, sealer: &ClearRows };
        let mut batch = ApplyBatch::new(store, applied, tables);
        let begin = Phase::Begin {
            kind: OperationKind::EnableStorage,
            purpose: None,
            since: UnixMillis::new(1),
            deadline: UnixMillis::new(2),
            membership,
        };
        let step = |last, step| Command::Step(StepCommand { origin: origin(), last, step });
        let commands = [
            Command::Operation(OperationCommand { origin: origin(), phase: begin }),
            step(false, Step::Bootstrap(Box::new(Bootstrap { storage, raft, membership }))),
            step(true, Step::EnableStorage { membership }),
        ];
        for command in commands {
            let place = Place { index: at, form: Form::Clear };
            let decision = plan(batch.state(), &batch, Rules::default(), place, command)?;
            ensure!(!decision.actions.is_empty(), "it was rejected: {:?}", decision.answer);
            batch.perform(decision.actions)?;
        }
        let Ready { batch, applied, .. } = batch.finish();
        engine.write(batch)?;
        engine.persist()?;
        let control = applied.state.control.ok_or_else(|| anyhow!("no control state"))?;
        control.control_index.context("nothing changed")
    }
}

/// Of an operation with an id that tells its time, as it has to.
fn origin() -> Origin {
    let mut operation = [7; 16];
    operation[..6].fill(0);
    (operation[6], operation[8]) = (0x70, 0x80);
    Origin {
        operation: OperationId::from_bytes(operation),
        actor: Actor::cut("test"),
        reason: Reason::cut("planted"),
        at: UnixMillis::new(1),
    }
}
