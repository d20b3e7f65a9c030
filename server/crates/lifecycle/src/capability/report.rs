//! What a member says of itself when it is asked. Facts only: what they mean is the judge's.

use std::collections::BTreeMap;
use std::time::Duration;

use elastickv_consensus::Member;
use elastickv_fsm::Fingerprint;
use elastickv_types::{
    ClusterId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, NodeName, Purpose, StoreId,
};

use crate::ports::Silence;
use crate::rewrite::MemberPart;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    pub name: NodeName,
    pub store: StoreId,
    pub cluster: Option<ClusterId>,
    pub build: String,
    /// The newest version of each format that its build knows.
    pub formats: BTreeMap<String, u32>,
    /// It was started with encryption.
    pub encryption: bool,
    pub kek: Option<KekLabel>,
    pub probe: Probe,
    /// The last entry of the control group that it has applied.
    pub applied: LogIndex,
    pub control_index: Option<LogIndex>,
    pub fingerprint: Fingerprint,
    /// Of its load, by which it registers under keys that are yet to come.
    pub load: Option<LoadToken>,
    pub keys: Vec<HeldKey>,
    pub unix_ms: u64,
    pub disk: Disk,
    pub syncs_directories: bool,
    /// Where its log and its last snapshot begin and end.
    pub first_log: LogIndex,
    pub snapshot: Option<LogIndex>,
    pub sidecar: bool,
    /// Its part of the job that there is, or was last.
    pub rewrite: Option<MemberPart>,
    /// The last count of all rows, if the rows are still those.
    pub counted: Option<Counted>,
    /// Reads that are open and began before that count was over.
    pub older_reads: u64,
    /// What a snapshot is of that is being built.
    pub building: Option<LogIndex>,
    /// The last entry sealed under each raft key, by what it has applied.
    pub last_sealed: BTreeMap<KeyId, LogIndex>,
    /// What may hold rows or keys as they once were: set aside, or left by a transfer.
    pub leftovers: Vec<String>,
}

/// All rows of a member, counted by the key they are sealed under.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// What was applied when it began.
    pub begun: LogIndex,
    pub keys: BTreeMap<KeyId, u64>,
    /// Of these nobody can say what they are sealed under.
    pub malformed: u64,
}

impl Facts {
    pub fn key(&self, key: KeyId) -> Option<&HeldKey> {
        self.keys.iter().find(|held| held.key == key)
    }

    pub fn has_open(&self, key: KeyId) -> bool {
        self.key(key).is_some_and(|held| held.open)
    }
}

/// A key as it stands on one member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldKey {
    pub key: KeyId,
    pub purpose: Purpose,
    pub open: bool,
    pub epoch: LocalEpoch,
    /// Seals of its load in this epoch.
    pub seals: u64,
    /// It seals under it now.
    pub seal_key: bool,
}

/// What became of the key that was sent along to be unwrapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Probe {
    /// None was sent.
    NotAsked,
    Opened,
    /// It took the KEK that is on its way out.
    OpenedByPrevious,
    Mismatch,
    /// The KEK can not be reached for now.
    Unavailable(String),
    NoKek,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disk {
    pub free: u64,
    /// Below this much, writes are refused.
    pub reserve: u64,
}

/// An answer, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    pub member: Member,
    /// By the clock of whoever asked, half way between question and answer.
    pub asked_ms: u64,
    pub took: Duration,
    pub answer: Result<Facts, Silence>,
}
