//! Whether a node may start with what its data directory says of keys, and the start itself: this load's epochs
//! are on the disk before anything can be sealed, and applying seals.
//!
//! The checks have a fixed order. Until the last one is passed nothing is written, and no epoch is spent.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Membership, StoredGroup, Waiting, tells_of_keys};
use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_datadir::{StorePiece, log_mark};
use elastickv_engine::SharedEngine;
use elastickv_fsm::{Control, GroupState};
use elastickv_kek::KekError;
use elastickv_keyring::{
    Checked, Exhausted, FilePiece, Lookup, Others, Owner, Piece, Recorded, SidecarFile, SidecarKey, Start,
};
use elastickv_log::Log;
use elastickv_sys::files::SharedFiles;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{GroupId, KeyId, Purpose};
use futures_util::future::join_all;

use super::fit::{check_behind, check_cutovers, check_short_ids};
use super::refusal;
use crate::config::Config;
use crate::exit::Stop;
use crate::identity::Identity;
use crate::keys::{Fellows, HeldKeys, Keks, Verdict, Wrapping, named, not_let_in};
use crate::peers::Peers;
use crate::stage::Stage;

/// How long a provider has for a key before the start goes on without it.
const CALL: Duration = Duration::from_secs(5);
/// A shorter wait for it is not worth a word.
const QUIET: Duration = Duration::from_millis(500);
/// How long the other members have to object before the start goes on without them.
const ASKED: Duration = Duration::from_millis(500);

/// A load that has begun, and the members as its store has them.
#[derive(Clone, Debug)]
pub struct Begun {
    pub held: HeldKeys,
    pub members: Membership,
    /// What the store knows of keys and loads.
    pub control: Option<Arc<Control>>,
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
    pub log: &'a Log,
    pub stage: &'a Stage,
}

impl Directory<'_> {
    /// Begins this load, if the node is one with encryption. Done once a process.
    pub async fn start(&self) -> Result<Option<Begun>, Stop> {
        let file = self.sidecar_file();
        let stored = elastickv_sys::task::in_place(|| self.stored())?;
        let Some(keks) = self.wrapping_keys(&file, &stored)? else { return Ok(None) };
        let found = elastickv_sys::task::in_place(|| self.sidecar(&file, &stored))?;
        let open = self.seal_keys(keks, found.as_ref(), &stored).await?;
        let store = StorePiece::of(self.engine.clone());
        let log = FilePiece::at(self.files.clone(), log_mark(self.group_dir));
        let others = Others { store: &store, log: &log };
        let checked = elastickv_sys::task::in_place(|| self.check(file, found, &stored, others))?;
        self.ask_others(&checked, &stored).await?;
        let store =
            elastickv_sys::task::in_place(|| checked.run()).map_err(|error| refusal::keyring(&error))?;
        for material in open {
            store.open(material).map_err(|error| refusal::keyring(&error))?;
        }
        let held = HeldKeys { store, keks: keks.clone() };
        Ok(Some(Begun { held, members: stored.membership, control: stored.applied.state.control }))
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
        if !enabled {
            let there = self.files.exists(file.path());
            let there = there.map_err(|error| refusal::sidecar_io(file.path(), &error))?;
            let sidecar = there.then(|| format!("there are keys in {}", file.path().display()));
            if let Some(mark) = self.mark_of_keys(stored)?.or(sidecar) {
                return Err(refusal::not_enabled(&mark));
            }
        }
        match (enabled, self.keks) {
            (true, None) => Err(refusal::without_kek()),
            (true, keks) => Ok(keks),
            (false, _) => Ok(None),
        }
    }

    /// What says, beside the sidecar, that there are keys. A store that is gone, or is being built anew and has not come as
    /// far as the keys, says nothing; the log does, and the mark of the last start beside it.
    fn mark_of_keys(&self, stored: &StoredGroup) -> Result<Option<String>, Stop> {
        if let Some(stage) = stage_with_keys(&stored.applied.state) {
            return Ok(Some(format!("the store says that the cluster is {stage}")));
        }
        if let Some(stage) = stored.snapshot.as_ref().and_then(stage_with_keys) {
            return Ok(Some(format!("the last snapshot says that the cluster is {stage}")));
        }
        if stored.applied.last.is_none()
            && tells_of_keys(self.log).map_err(|error| refusal::group(&error.into()))?
        {
            return Ok(Some("the log has entries that came with keys".to_owned()));
        }
        // One that can not be read is refused further on.
        let last = FilePiece::at(self.files.clone(), log_mark(self.group_dir)).read().ok().flatten();
        let sealed = last.is_some_and(|trace| trace.reached.is_some());
        Ok(sealed.then(|| "the last start of this node was one with keys".to_owned()))
    }

    /// The sidecar, which must be there once anything knows keys: without it nobody can tell which epochs were used.
    fn sidecar(&self, file: &SidecarFile, stored: &StoredGroup) -> Result<Option<Recorded>, Stop> {
        let found = file.load().map_err(|error| refusal::keyring(&error))?;
        if found.is_none()
            && let Some(mark) = self.mark_of_keys(stored)?
        {
            return Err(refusal::sidecar_missing(file.path(), &mark));
        }
        Ok(found)
    }

    /// Asks the other members before anything is written what they know against this load. Nobody has to be there: who is
    /// silent or does not lead objects to nothing, and it is registered later.
    async fn ask_others(&self, checked: &Checked<'_>, stored: &StoredGroup) -> Result<(), Stop> {
        let rows = checked.registrations();
        if rows.is_empty() {
            return Ok(());
        }
        let fellows = Fellows::new(self.peers.clone(), stored.membership.clone());
        let asked = fellows.object_to(&rows, self.log.last_id());
        match tokio::time::timeout(ASKED, asked).await {
            Ok(Some(Verdict::Rejected { reason, message })) => Err(not_let_in(&reason, &message)),
            Ok(Some(Verdict::Accepted) | None) | Err(_) => Ok(()),
        }
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
        let sealing = sidecar.keys.iter().filter(|(_, entry)| entry.state.may_seal());
        let first = sealing.clone().next().map(|(&key, entry)| (key, entry.purpose));
        let unwrapped = join_all(sealing.map(|(&key, entry)| {
            let context = WrapContext { cluster: sidecar.cluster, key, purpose: entry.purpose };
            unwrap(keks, &fellows, context, entry)
        }));
        let unwrapped = self.visibly(first, unwrapped).await;
        let open = unwrapped.into_iter().filter_map(Result::transpose);
        open.collect()
    }

    /// A wrapping key that takes its time is what the start is seen to wait for.
    async fn visibly<T>(&self, first: Option<(KeyId, Purpose)>, unwrapped: impl Future<Output = T>) -> T {
        tokio::pin!(unwrapped);
        if let Ok(done) = tokio::time::timeout(QUIET, &mut unwrapped).await {
            return done;
        }
        let waiting = first.map(|(key, purpose)| Waiting::Key(Lookup::NotOpen { key, purpose }));
        self.stage.set_waiting(waiting);
        let done = unwrapped.await;
        self.stage.set_waiting(None);
        done
    }

    fn check<'a>(
        &self,
        file: SidecarFile,
        found: Option<Recorded>,
        stored: &StoredGroup,
        others: Others<'a>,
    ) -> Result<Checked<'a>, Stop> {
        let me = self.config.node_name.full_id();
        file.probe().map_err(|error| refusal::keyring(&error))?;
        check_short_ids(me, &stored.membership)?;
        let exhausted = match self.config.encryption.accept_exhausted_epoch {
            true => Exhausted::Accept,
            false => Exhausted::Refuse,
        };
        let start = Start { file, others, random: self.random.clone(), exhausted };
        let checked = start.check(found.clone()).map_err(|error| refusal::keyring(&error))?;
        self.check_store_id(&stored.membership)?;
        check_behind(found.as_ref(), &stored.applied.state)?;
        check_cutovers(&stored.applied.state, stored.snapshot.as_ref())?;
        Ok(checked)
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

/// `None` for a key that its wrapping key is out of reach for.
async fn unwrap(
    keks: &Keks,
    fellows: &Fellows,
    context: WrapContext,
    entry: &SidecarKey,
) -> Result<Option<KeyMaterial>, Stop> {
    let wrapping = Wrapping { context, wrapped: &entry.wrapped, commitment: entry.commitment };
    match keks.unwrap(&wrapping, CALL).await {
        Ok(material) => Ok(Some(material)),
        // It may have been wrapped anew while this node was away.
        Err(KekError::Mismatch { .. }) => {
            let current = fellows.open_as_wrapped_now(context, entry.commitment, keks).await;
            current.map(Some).ok_or_else(|| mismatch(context.key, entry, keks))
        }
        Err(error) => {
            let (key, purpose) = (context.key, context.purpose);
            tracing::warn!(%key, %purpose, %error, "a key does not open yet; the start goes on");
            Ok(None)
        }
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
