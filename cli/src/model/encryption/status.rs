//! `encryption status`: every member and key at a glance.
//!
//! A pure function from what each member says of itself. Keys, stage and what is under way are taken from the
//! leader; without one, from the member that has applied most of what changes them.

use std::collections::BTreeMap;

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::WaitingView;
use super::words::{KekView, purpose_word, stage_word};
use super::{KeyView, OperationView, Verification, key_hex};
use crate::client::{Failure, Seen, Survey};
use crate::error::{Blocker, CliError, Code, Reason};
use crate::model::silence::partial;
use crate::model::{BuildView, Decimal, Millis, utc};

/// What each member answered, by its name; none of a member that did not even describe itself.
pub type MemberReply = BTreeMap<String, Result<v1::EncryptionStatusResponse, Failure>>;

/// Seals that one load may make under one key: the counter in the nonce.
pub const NONCE_BUDGET: u64 = 1 << 32;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EncryptionStatusReport {
    pub cluster_name: String,
    pub taken_at: String,
    #[serde(skip)]
    pub taken_ms: u64,
    /// Null when no member that answers leads.
    pub leader: Option<String>,
    pub has_quorum: bool,
    /// Null when no member says anything about encryption.
    pub stage: Option<String>,
    pub bootstrap_index: Option<Decimal>,
    pub storage_index: Option<Decimal>,
    pub raft_index: Option<Decimal>,
    /// Whose word keys and stage are.
    pub told_by: Option<String>,
    pub members: Vec<EncryptionMember>,
    pub keys: Vec<KeyStanding>,
    pub running: Option<OperationView>,
    /// Null as long as nothing was wrapped anew.
    pub previous_kek: Option<PreviousKekView>,
    /// What comes next on the way, as a command.
    pub next: Option<String>,
    /// With --verify: every row of every member, counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EncryptionMember {
    pub name: String,
    pub address: String,
    /// "leader", "voter" or "learner".
    pub role: &'static str,
    pub answered: bool,
    pub answered_after_ms: Option<Millis>,
    pub error: Option<String>,
    /// Started with encryption and holding a KEK; null without an answer.
    pub capable: Option<bool>,
    /// Why it is not capable.
    pub incapable_because: Option<&'static str>,
    pub build: Option<BuildView>,
    pub kek: Option<KekView>,
    pub previous_kek: Option<KekView>,
    pub stage: Option<String>,
    /// "in-sync", "behind", "missing", or "none" where there is nothing to hold yet.
    pub sidecar: Option<&'static str>,
    pub sidecar_index: Option<Decimal>,
    pub control_index: Option<Decimal>,
    pub applied_index: Option<Decimal>,
    pub fingerprint: Option<String>,
    /// The highest one of the keys it seals under.
    pub local_epoch: Option<u32>,
    pub keys: Vec<MemberKeyView>,
    /// Keys that its groups wait for.
    pub waits_for_keys: Vec<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MemberKeyView {
    pub key_id: u32,
    pub key_hex: String,
    pub purpose: String,
    pub open: bool,
    pub closed_because: Option<String>,
    pub local_epoch: u32,
    pub registered_epoch: Option<u32>,
    pub seals: Decimal,
    pub seal_key: bool,
}

/// A key, and how it stands on the members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KeyStanding {
    #[serde(flatten)]
    pub key: KeyView,
    /// The most seals that any load on any member has made under it.
    pub most_seals: Decimal,
    pub nonce_budget: Decimal,
    pub open_on: usize,
    pub sealing_on: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PreviousKekView {
    pub may_go: bool,
    pub waiting: Vec<WaitingView>,
}

impl EncryptionStatusReport {
    pub fn of(survey: &Survey, replies: &MemberReply, unix_ms: u64) -> Self {
        let leader = survey.leader().map(|seen| seen.entry.name.clone());
        let source = source(survey, replies);
        let told = source.map(|(_, told)| told);
        let facts = told.and_then(|told| told.facts.as_ref());
        let stage = facts.and_then(|facts| facts.stage.as_ref());
        let members: Vec<EncryptionMember> =
            survey.members.iter().map(|seen| member(survey, seen, replies)).collect();
        let keys = told.map(|told| told.keys.as_slice()).unwrap_or_default();
        let stage_name = stage.map(|stage| stage_word(stage.name));
        Self {
            cluster_name: survey.cluster_name.clone(),
            taken_at: utc(unix_ms),
            taken_ms: unix_ms,
            leader,
            has_quorum: survey.working_leader().is_some(),
            next: stage_name.as_deref().and_then(next_step).map(str::to_owned),
            stage: stage_name,
            bootstrap_index: stage.and_then(|stage| stage.bootstrap_index).map(Decimal),
            storage_index: stage.and_then(|stage| stage.storage_index).map(Decimal),
            raft_index: stage.and_then(|stage| stage.raft_index).map(Decimal),
            told_by: source.map(|(name, _)| name.to_owned()),
            keys: keys.iter().map(|key| standing(key, &members)).collect(),
            running: told.and_then(|told| told.running.as_ref()).map(OperationView::from),
            previous_kek: told.and_then(|told| told.previous_kek.as_ref()).map(previous_kek),
            members,
            verification: None,
        }
    }

    /// A member contradicts another one, or gave no answer.
    pub fn problem(&self) -> Option<CliError> {
        let verification = self.verification.as_ref();
        let found = verification.and_then(Verification::problem);
        let uncounted = || verification.and_then(Verification::silence);
        self.contradiction().or(found).or_else(|| self.silence()).or_else(uncounted)
    }

    /// Two members with the same index of what changes keys and stage, and another state.
    pub fn contradiction(&self) -> Option<CliError> {
        let mut seen: BTreeMap<u64, (&str, &str)> = BTreeMap::new();
        for member in &self.members {
            let (Some(index), Some(print)) = (member.control_index, member.fingerprint.as_deref()) else {
                continue;
            };
            let (first, known) = *seen.entry(index.0).or_insert((&member.name, print));
            if known != print {
                let text = format!("{first} and {} differ at index {index}", member.name);
                return Some(CliError::new(Code::StateDiffers, text));
            }
        }
        None
    }

    /// Some members did not answer.
    pub fn silence(&self) -> Option<CliError> {
        let silent = self.members.iter().filter(|member| !member.answered).map(|member| Blocker {
            member: member.name.clone(),
            reason: member.error.clone().unwrap_or_default(),
        });
        partial(self.members.len(), silent)
    }
}

/// Whose word counts: the leader's, else that of whoever has applied most.
fn source<'a>(
    survey: &'a Survey,
    replies: &'a MemberReply,
) -> Option<(&'a str, &'a v1::EncryptionStatusResponse)> {
    let told = |name: &'a str| Some((name, replies.get(name)?.as_ref().ok()?));
    let leader = survey.leader().and_then(|seen| told(&seen.entry.name));
    let names = survey.members.iter().map(|seen| seen.entry.name.as_str());
    leader.or_else(|| {
        names
            .filter_map(told)
            .max_by_key(|(_, told)| told.facts.as_ref().and_then(|facts| facts.control_index))
    })
}

fn next_step(stage: &str) -> Option<&'static str> {
    match stage {
        "cleartext" => Some("elastickv-admin encryption check storage-envelope"),
        "bootstrapped" | "raft-sealed" => Some("elastickv-admin encryption enable-storage-envelope"),
        "storage-sealed" => Some("elastickv-admin encryption enable-raft-envelope"),
        _ => None,
    }
}

fn previous_kek(told: &v1::PreviousKek) -> PreviousKekView {
    PreviousKekView { may_go: told.may_go, waiting: told.waiting.iter().map(WaitingView::from).collect() }
}

fn member(survey: &Survey, seen: &Seen, replies: &MemberReply) -> EncryptionMember {
    let leads = survey.leader().is_some_and(|leader| leader.entry.name == seen.entry.name);
    let reply = replies.get(&seen.entry.name);
    let told = reply.and_then(|reply| reply.as_ref().ok()).and_then(|told| told.facts.as_ref());
    let failure = reply.and_then(|reply| reply.as_ref().err());
    let unsupported = failure.is_some_and(knows_no_encryption);
    let answered = told.is_some() || unsupported;
    let blank = EncryptionMember {
        name: seen.entry.name.clone(),
        address: seen.entry.address.clone(),
        role: match (leads, seen.entry.voter) {
            (true, _) => "leader",
            (false, true) => "voter",
            (false, false) => "learner",
        },
        answered,
        answered_after_ms: seen.reply.as_ref().filter(|_| answered).map(|reply| reply.took.into()),
        error: seen.error().or_else(|| failure.filter(|_| !unsupported).map(Failure::brief)),
        capable: unsupported.then_some(false),
        incapable_because: unsupported.then_some("build"),
        build: seen.facts().map(|facts| facts.build.clone()),
        kek: None,
        previous_kek: None,
        stage: None,
        sidecar: None,
        sidecar_index: None,
        control_index: None,
        applied_index: seen.control().map(|control| Decimal(control.applied)),
        fingerprint: None,
        local_epoch: None,
        keys: Vec::new(),
        waits_for_keys: Vec::new(),
    };
    match told {
        Some(facts) => with_facts(blank, facts),
        None => blank,
    }
}

/// A node of an age before encryption.
fn knows_no_encryption(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { reason, .. } => {
            matches!(reason, Reason::UnknownCall | Reason::EncryptionUnsupported)
        }
        Failure::Unnamed { status, .. } => *status == tonic::Code::Unimplemented,
        Failure::Unconnected { .. }
        | Failure::Untrusted { .. }
        | Failure::Foreign { .. }
        | Failure::TimedOut { .. }
        | Failure::Broken { .. } => false,
    }
}

fn with_facts(blank: EncryptionMember, facts: &v1::MemberFacts) -> EncryptionMember {
    let because = match (facts.encryption_enabled, &facts.kek) {
        (false, _) => Some("off"),
        (true, None) => Some("no KEK"),
        (true, Some(_)) => None,
    };
    let sealing = facts.keys.iter().filter(|key| key.seal_key).map(|key| key.local_epoch);
    EncryptionMember {
        capable: Some(because.is_none()),
        incapable_because: because,
        kek: facts.kek.as_ref().map(KekView::from),
        previous_kek: facts.previous_kek.as_ref().map(KekView::from),
        stage: facts.stage.as_ref().map(|stage| stage_word(stage.name)),
        sidecar: Some(sidecar(facts)),
        sidecar_index: facts.sidecar_present.then_some(Decimal(facts.sidecar_index)),
        control_index: facts.control_index.map(Decimal),
        fingerprint: facts.control_index.map(|_| hex::encode(&facts.fingerprint)),
        local_epoch: sealing.max(),
        keys: facts.keys.iter().map(member_key).collect(),
        waits_for_keys: facts.groups.iter().filter_map(|group| group.waits_for_key).collect(),
        ..blank
    }
}

fn sidecar(facts: &v1::MemberFacts) -> &'static str {
    match (facts.control_index, facts.sidecar_present) {
        (None, _) => "none",
        (Some(_), false) => "missing",
        (Some(index), true) if facts.sidecar_index < index => "behind",
        (Some(_), true) => "in-sync",
    }
}

fn member_key(told: &v1::MemberKey) -> MemberKeyView {
    let because = told
        .closed_by
        .as_ref()
        .map(|reason| if reason.message.is_empty() { reason.name.clone() } else { reason.message.clone() });
    MemberKeyView {
        key_id: told.key_id,
        key_hex: key_hex(told.key_id),
        purpose: purpose_word(told.purpose),
        open: told.open,
        closed_because: because.filter(|_| !told.open),
        local_epoch: told.local_epoch,
        registered_epoch: told.registered_epoch,
        seals: Decimal(told.seals),
        seal_key: told.seal_key,
    }
}

fn standing(key: &v1::EncryptionKey, members: &[EncryptionMember]) -> KeyStanding {
    let held: Vec<&MemberKeyView> = members
        .iter()
        .filter_map(|member| member.keys.iter().find(|held| held.key_id == key.key_id))
        .collect();
    KeyStanding {
        key: KeyView::from(key),
        most_seals: Decimal(held.iter().map(|held| held.seals.0).max().unwrap_or(0)),
        nonce_budget: Decimal(NONCE_BUDGET),
        open_on: held.iter().filter(|held| held.open).count(),
        sealing_on: held.iter().filter(|held| held.seal_key).count(),
    }
}
