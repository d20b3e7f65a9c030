//! Whether a node may start with what its data directory says of keys, and the start itself: this load's epochs
//! are on the disk before anything can be sealed, and applying seals.
//!
//! The checks have a fixed order. Until the last one is passed nothing is written, and no epoch is spent.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Membership, StoredGroup};
use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_engine::SharedEngine;
use elastickv_fsm::GroupState;
use elastickv_kek::KekError;
use elastickv_keyring::{
    Exhausted, FilePiece, Keystore, Others, Owner, Recorded, SidecarFile, SidecarKey, Start,
};
use elastickv_sys::files::SharedFiles;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{FullNodeId, GroupId, KeyId};

use super::refusal;
use crate::config::Config;
use crate::exit::Stop;
use crate::identity::Identity;
use crate::keys::{HeldKeys, Keks, StorePiece, Wrapping, named};

/// Beside the directory of the log, which is the log's alone.
const LOG_MARK: &str = "log-load";
/// How long a provider has for a key before the start goes on without it.
const CALL: Duration = Duration::from_secs(5);

/// A data directory that is about to be used.
#[derive(Debug)]
pub struct Directory<'a> {
    pub config: &'a Config,
    pub files: &'a SharedFiles,
    pub random: &'a SharedRandom,
    pub identity: &'a Identity,
    pub keks: Option<&'a Keks>,
    /// Of the control group.
    pub group_dir: &'a Path,
    pub engine: &'a SharedEngine,
}

impl Directory<'_> {
    /// Begins this load, if the node is one with encryption. Done once a process.
    pub async fn start(&self) -> Result<Option<HeldKeys>, Stop> {
        let file = self.sidecar_file();
        let stored = elastickv_sys::task::in_place(|| self.stored())?;
        let Some(keks) = self.wrapping_keys(&file, &stored)? else { return Ok(None) };
        let found = elastickv_sys::task::in_place(|| sidecar(&file, &stored))?;
        let open = self.seal_keys(keks, found.as_ref()).await?;
        let store = elastickv_sys::task::in_place(|| self.begin(file, found, &stored))?;
        for material in open {
            store.open(material).map_err(|error| refusal::keyring(&error))?;
        }
        Ok(Some(HeldKeys { store, keks: keks.clone() }))
    }

    fn sidecar_file(&self) -> SidecarFile {
        let cluster = self.identity.cluster().map(|cluster| cluster.id);
        let owner = Owner { node: self.config.node_name.clone(), cluster };
        SidecarFile::of(self.files.clone(), &self.config.data_dir, owner)
    }

    fn stored(&self) -> Result<StoredGroup, Stop> {
        let read = StoredGroup::read(GroupId::CONTROL, self.engine, self.files, self.group_dir);
        read.map_err(|error| refusal::stored(&error))
    }

    /// What the node was given to hold keys by; nothing when it is one without encryption. A node that has once
    /// held keys can not be started as if it had not: it would store clear what the cluster seals.
    fn wrapping_keys(&self, file: &SidecarFile, stored: &StoredGroup) -> Result<Option<&Keks>, Stop> {
        let enabled = self.config.encryption.enabled;
        if !enabled && let Some(mark) = self.sealed_mark(file, stored)? {
            return Err(refusal::not_enabled(&mark));
        }
        match (enabled, self.keks) {
            (true, None) => Err(refusal::without_kek()),
            (true, keks) => Ok(keks),
            (false, _) => Ok(None),
        }
    }

    fn sealed_mark(&self, file: &SidecarFile, stored: &StoredGroup) -> Result<Option<String>, Stop> {
        if let Some(stage) = stage_with_keys(&stored.applied.state) {
            return Ok(Some(format!("the store says that the cluster is {stage}")));
        }
        if let Some(stage) = stored.snapshot.as_ref().and_then(stage_with_keys) {
            return Ok(Some(format!("the last snapshot says that the cluster is {stage}")));
        }
        let there =
            self.files.exists(file.path()).map_err(|error| refusal::sidecar_io(file.path(), &error))?;
        Ok(there.then(|| format!("there are keys in {}", file.path().display())))
    }

    /// Unwraps what this load would seal under. Another wrapping key than that of the cluster is refused here;
    /// one that is out of reach is waited for later.
    async fn seal_keys(&self, keks: &Keks, found: Option<&Recorded>) -> Result<Vec<KeyMaterial>, Stop> {
        let Some(sidecar) = found.map(Recorded::sidecar) else { return Ok(Vec::new()) };
        let mut open = Vec::new();
        for (&key, entry) in sidecar.keys.iter().filter(|(_, entry)| entry.state.may_seal()) {
            let context = WrapContext { cluster: sidecar.cluster, key, purpose: entry.purpose };
            let wrapping = Wrapping { context, wrapped: &entry.wrapped, commitment: entry.commitment };
            match keks.unwrap(&wrapping, CALL).await {
                Ok(material) => open.push(material),
                Err(KekError::Mismatch { .. }) => return Err(mismatch(key, entry, keks)),
                Err(error) => {
                    tracing::warn!(%key, purpose = %entry.purpose, %error, "a key does not open yet; the start goes on");
                }
            }
        }
        Ok(open)
    }

    fn begin(
        &self,
        file: SidecarFile,
        found: Option<Recorded>,
        stored: &StoredGroup,
    ) -> Result<Arc<Keystore>, Stop> {
        let me = self.config.node_name.full_id();
        file.probe().map_err(|error| refusal::keyring(&error))?;
        check_short_ids(me, &stored.membership)?;
        let store = StorePiece::of(self.engine.clone());
        let log = FilePiece::at(self.files.clone(), self.group_dir.join(LOG_MARK));
        let exhausted = match self.config.encryption.accept_exhausted_epoch {
            true => Exhausted::Accept,
            false => Exhausted::Refuse,
        };
        let others = Others { store: &store, log: &log };
        let start = Start { file, others, random: self.random.clone(), exhausted };
        let checked = start.check(found.clone()).map_err(|error| refusal::keyring(&error))?;
        self.check_store_id(&stored.membership)?;
        check_behind(found.as_ref(), &stored.applied.state)?;
        check_cutovers(&stored.applied.state, stored.snapshot.as_ref())?;
        checked.run().map_err(|error| refusal::keyring(&error))
    }

    /// A directory under a member's name that is not that member's.
    fn check_store_id(&self, membership: &Membership) -> Result<(), Stop> {
        let own = self.identity.store_id();
        match membership.by_name(&self.config.node_name) {
            Some(member) if member.store_id != own => Err(refusal::rolled_back(format!(
                "the membership has {} with store {}, and this directory is store {own}",
                member.name, member.store_id
            ))),
            _ => Ok(()),
        }
    }
}

fn stage_with_keys(state: &GroupState) -> Option<&'static str> {
    let stage = state.control.as_deref()?.stage;
    stage.bootstrap().map(|_| stage.as_str())
}

/// The sidecar, which must be there once the store knows keys: without it nobody can tell which epochs were used.
fn sidecar(file: &SidecarFile, stored: &StoredGroup) -> Result<Option<Recorded>, Stop> {
    let found = file.load().map_err(|error| refusal::keyring(&error))?;
    match (&found, stage_with_keys(&stored.applied.state)) {
        (None, Some(stage)) => Err(refusal::sidecar_missing(file.path(), stage)),
        _ => Ok(found),
    }
}

fn mismatch(key: KeyId, entry: &SidecarKey, keks: &Keks) -> Stop {
    let text = format!(
        "{} key {key} was wrapped by {}, and {} can not unwrap it",
        entry.purpose,
        named(&entry.kek),
        keks.labels()
    );
    refusal::kek_mismatch(text)
}

/// Two members with one short id would share nonces.
fn check_short_ids(me: FullNodeId, membership: &Membership) -> Result<(), Stop> {
    let mut seen: Vec<FullNodeId> = vec![me];
    for id in membership.members.keys().copied().filter(|id| *id != me) {
        if let Some(other) = seen.iter().find(|other| other.short() == id.short()) {
            let name = |id| membership.members.get(id).map_or_else(|| id.to_string(), |m| m.name.to_string());
            let text = format!("members {} and {} have the same short id", name(other), name(&id));
            return Err(refusal::node_id_collision(text));
        }
        seen.push(id);
    }
    Ok(())
}

/// A sidecar is written before the store, so one that is behind it is of an earlier time.
fn check_behind(found: Option<&Recorded>, state: &GroupState) -> Result<(), Stop> {
    let store = state.control.as_deref().and_then(|control| control.control_index);
    let sidecar = found.map(|found| found.sidecar().applied);
    match (sidecar, store) {
        (Some(sidecar), Some(store)) if sidecar < store => Err(refusal::sidecar_behind(format!(
            "the sidecar has the keys as of index {sidecar}, and the store as of {store}"
        ))),
        _ => Ok(()),
    }
}

/// Where sealing began is decided once. What names no cutover is of a time before it.
fn check_cutovers(store: &GroupState, snapshot: Option<&GroupState>) -> Result<(), Stop> {
    let Some(snapshot) = snapshot else { return Ok(()) };
    let rows = |state: &GroupState| state.control.as_deref().and_then(|control| control.stage.storage());
    let entries = |state: &GroupState| state.raft.cutover;
    for (what, store, snapshot) in
        [("rows", rows(store), rows(snapshot)), ("entries", entries(store), entries(snapshot))]
    {
        if let (Some(store), Some(snapshot)) = (store, snapshot)
            && store != snapshot
        {
            return Err(refusal::cutovers_differ(format!(
                "the store seals {what} since index {store}, and the last snapshot since {snapshot}"
            )));
        }
    }
    Ok(())
}
