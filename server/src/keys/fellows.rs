//! The other members, as far as keys go: who lets this load in as a writer, and who knows how a key is wrapped
//! now.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use elastickv_consensus::{GroupHandle, Member, Membership};
use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_keyring::Registration;
use elastickv_proto::v1;
use elastickv_types::{Commitment, GroupId, LogId, WrappedKey};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::keks::{Keks, Wrapping};
use crate::peers::{Peers, Registered};
use crate::rpc::convert;

/// How long a member may take to say how keys are wrapped, and a wrapping key to undo that.
const WRAPS: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Fellows {
    peers: Arc<Peers>,
    /// As the store had them, until the group runs.
    stored: Membership,
    group: OnceLock<GroupHandle>,
}

impl Fellows {
    pub fn new(peers: Arc<Peers>, stored: Membership) -> Arc<Self> {
        Arc::new(Self { peers, stored, group: OnceLock::new() })
    }

    /// From now on the group tells who its members are.
    pub fn set_group(&self, group: GroupHandle) {
        self.group.get_or_init(|| group);
    }

    /// Who else there is.
    pub fn others(&self) -> Vec<Member> {
        let membership = self.group.get().map(|group| group.status().membership);
        let members = membership.as_ref().unwrap_or(&self.stored).members.values();
        members.filter(|member| member.name != self.peers.me).cloned().collect()
    }

    /// Asks the leader to let a load in. How far this node's log goes is not said: it takes entries while it asks, and a
    /// leader would compare what it has acknowledged since then.
    pub async fn register(&self, rows: &[Registration]) -> Option<Verdict> {
        let group = self.group.get()?;
        let leader = group.leader().and_then(|leader| group.member(leader))?;
        self.ask_to_register(vec![leader], rows, Vec::new(), Ask::Register).await
    }

    /// The same before the group runs here. While it is not known who leads, everybody is asked.
    pub async fn register_before(&self, rows: &[Registration], last_log: Option<LogId>) -> Option<Verdict> {
        self.ask_to_register(self.others(), rows, control_log(last_log), Ask::Register).await
    }

    /// Asks everybody once what is to be said against a load that has not begun.
    pub async fn object_to(&self, rows: &[Registration], last_log: Option<LogId>) -> Option<Verdict> {
        self.ask_to_register(self.others(), rows, control_log(last_log), Ask::Only).await
    }

    /// `None` when no leader was among them.
    async fn ask_to_register(
        &self,
        members: Vec<Member>,
        rows: &[Registration],
        logs: Vec<v1::GroupLog>,
        ask: Ask,
    ) -> Option<Verdict> {
        let request = v1::RegisterWritersRequest {
            envelope: None,
            rows: rows.iter().map(row_to_wire).collect(),
            logs,
            ask_only: ask == Ask::Only,
        };
        let calls = members.iter().map(|member| self.peers.register_writers(member, request.clone()));
        let mut answers: FuturesUnordered<_> = calls.collect();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(Registered::Accepted) => return Some(Verdict::Accepted),
                // One that was removed is told so by other ways.
                Ok(Registered::Rejected { reason, message }) if reason == "UnknownMember" => {
                    tracing::warn!(message, "this node is not registered as a writer");
                }
                Ok(Registered::Rejected { reason, message }) => {
                    return Some(Verdict::Rejected { reason, message });
                }
                Ok(Registered::NotLeader) => {}
                Err(error) => tracing::debug!(%error, "a member does not say whether it leads"),
            }
        }
        None
    }

    /// Opens a key by the wrapping that another member knows of. What comes out is the key of this commitment
    /// or nothing, so it does not matter whom one asks.
    pub async fn open_as_wrapped_now(
        &self,
        context: WrapContext,
        commitment: Commitment,
        keks: &Keks,
    ) -> Option<KeyMaterial> {
        let others = self.others();
        let calls = others.iter().map(|member| self.peers.key_wraps(member, context.key, WRAPS));
        let mut answers: FuturesUnordered<_> = calls.collect();
        while let Some(answer) = answers.next().await {
            for wrap in answer.unwrap_or_default() {
                let Some(wrapped) =
                    WrappedKey::new(wrap.wrapped).filter(|_| wrap.key_id == context.key.get())
                else {
                    continue;
                };
                let wrapping = Wrapping { context, wrapped: &wrapped, commitment };
                if let Ok(material) = keks.unwrap(&wrapping, WRAPS).await {
                    return Some(material);
                }
            }
        }
        None
    }
}

/// Whether a load is to be let in, or only asks whether it would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ask {
    Register,
    Only,
}

fn control_log(last: Option<LogId>) -> Vec<v1::GroupLog> {
    vec![v1::GroupLog { group_id: GroupId::CONTROL.get(), last: last.map(convert::id_to_wire) }]
}

/// What the cluster's leader says to a registration; final.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accepted,
    Rejected { reason: String, message: String },
}

fn row_to_wire(row: &Registration) -> v1::WriterRow {
    v1::WriterRow {
        key_id: row.key.get(),
        local_epoch: u32::from(row.epoch.get()),
        load_token: row.token.get(),
    }
}
