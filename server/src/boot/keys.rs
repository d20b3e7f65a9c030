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
use crate::keys::{Fellows, HeldKeys, Keks, StorePiece, Wrapping, named};
use crate::peers::Peers;

/// Beside the directory of the log, which is the log's alone.
const LOG_MARK: &str = "log-load";
/// How long a provider has for a key before the start goes on without it.
const CALL: Duration = Duration::from_secs(5);

/// A load that has begun, and the members as its store has them.
#[derive(Clone, Debug)]
pub struct Begun {
    pub held: HeldKeys,
    pub members: Membership,
}

/// A data directory that is about to be used.
#[derive(Debug)]
pub struct Directory<'a> {
    pub config: &'a Config,
    pub files: &'a SharedFiles,
    pub random: &'a SharedRandom,
    pub identity: &'a Identity,
    pub peers: &'a Arc<Peers>,
    pub keks: Option<&'a Keks>,
    /// Of the control group.
    pub group_dir: &'a Path,
    pub engine: &'a SharedEngine,
}

impl Directory<'_> {
    /// Begins this load, if the node is one with encryption. Done once a process.
    pub async fn start(&self) -> Result<Option<Begun>, Stop> {
        let file = self.sidecar_file();
        let stored = elastickv_sys::task::in_place(|| self.stored())?;
        let Some(keks) = self.wrapping_keys(&file, &stored)? else { return Ok(None) };
        let found = elastickv_sys::task::in_place(|| sidecar(&file, &stored))?;
        let open = self.seal_keys(keks, found.as_ref(), &stored).await?;
        let store = elastickv_sys::task::in_place(|| self.begin(file, found, &stored))?;
        for material in open {
            store.open(material).map_err(|error| refusal::keyring(&error))?;
        }
        Ok(Some(Begun { held: HeldKeys { store, keks: keks.clone() }, members: stored.membership }))
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
    async fn seal_keys(
        &self,
        keks: &Keks,
        found: Option<&Recorded>,
        stored: &StoredGroup,
    ) -> Result<Vec<KeyMaterial>, Stop> {
        let Some(sidecar) = found.map(Recorded::sidecar) else { return Ok(Vec::new()) };
        let fellows = Fellows::new(self.peers.clone(), stored.membership.clone());
        let mut open = Vec::new();
        for (&key, entry) in sidecar.keys.iter().filter(|(_, entry)| entry.state.may_seal()) {
            let context = WrapContext { cluster: sidecar.cluster, key, purpose: entry.purpose };
            let wrapping = Wrapping { context, wrapped: &entry.wrapped, commitment: entry.commitment };
            match keks.unwrap(&wrapping, CALL).await {
                Ok(material) => open.push(material),
                // It may have been wrapped anew while this node was away.
                Err(KekError::Mismatch { .. }) => {
                    let current = fellows.open_as_wrapped_now(context, entry.commitment, keks).await;
                    open.push(current.ok_or_else(|| mismatch(key, entry, keks))?);
                }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use elastickv_consensus::Member;
    use elastickv_fsm::{Control, Stage};
    use elastickv_types::{LogIndex, NodeName, StoreId};

    use super::*;

    fn membership(names: &[&str]) -> Membership {
        let member = |name: &&str| {
            let name: NodeName = name.parse().unwrap();
            let member = Member {
                name: name.clone(),
                address: "127.0.0.1:1".parse().unwrap(),
                store_id: StoreId::from_bytes([1; 16]),
            };
            (name.full_id(), member)
        };
        Membership { voters: Vec::new(), members: names.iter().map(member).collect::<BTreeMap<_, _>>() }
    }

    /// Another name with the short id of n1.
    fn namesake() -> String {
        let short = FullNodeId::of_name("n1").short();
        let mut names = (2..).map(|n| format!("n{n}"));
        names.find(|name| FullNodeId::of_name(name).short() == short).unwrap()
    }

    #[test]
    fn two_members_with_one_short_id_are_refused_whoever_of_them_starts() {
        let (twin, n1) = (namesake(), FullNodeId::of_name("n1"));
        assert!(check_short_ids(n1, &membership(&["n1", "n2", "n3"])).is_ok());
        assert!(check_short_ids(n1, &membership(&[])).is_ok(), "it was no member yet");
        for me in ["n1", "n2", &twin] {
            let stop =
                check_short_ids(FullNodeId::of_name(me), &membership(&["n1", "n2", &twin])).unwrap_err();
            assert_eq!(stop.name, "NodeIdCollision");
            assert!(stop.what.contains("n1") && stop.what.contains(&twin), "{}", stop.what);
        }
        let alone = check_short_ids(n1, &membership(&[&twin])).unwrap_err();
        assert_eq!(alone.name, "NodeIdCollision", "it is about to become a member");
    }

    fn state(rows: Option<u64>, entries: Option<u64>) -> GroupState {
        let mut state = GroupState::new(GroupId::CONTROL);
        let stage = Stage::of(Some(LogIndex::new(1)), rows.map(LogIndex::new), None).unwrap();
        state.control = Some(Arc::new(Control { stage, ..Control::default() }));
        Arc::make_mut(&mut state.raft).cutover = entries.map(LogIndex::new);
        state
    }

    #[test]
    fn cutovers_of_snapshot_and_store_differ_only_where_both_name_one() {
        let differ = |store: &GroupState, snapshot: &GroupState| {
            check_cutovers(store, Some(snapshot)).err().map(|stop| stop.name)
        };
        let sealed = state(Some(7), Some(9));
        assert!(check_cutovers(&sealed, None).is_ok());
        for earlier in [state(None, None), state(Some(7), None), state(None, Some(9))] {
            assert_eq!((differ(&sealed, &earlier), differ(&earlier, &sealed)), (None, None));
        }
        for other in [state(Some(8), Some(9)), state(Some(7), Some(8)), state(None, Some(8))] {
            let both = (differ(&sealed, &other), differ(&other, &sealed));
            assert_eq!(both, (Some("CutoversDiffer"), Some("CutoversDiffer")));
        }
    }
}
