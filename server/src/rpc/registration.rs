//! Letting a load in as a writer: the leader's side of what every load asks before it takes part.

use std::time::Duration;

use elastickv_consensus::{Member, ProposeError};
use elastickv_fsm::{Control, Registration, Writer};
use elastickv_lifecycle::{AskedRow, RegisterError};
use elastickv_proto::v1;
use elastickv_proto::v1::register_writers_response::Result as Answer;
use elastickv_types::{FullNodeId, GroupId, KeyId, LoadToken, LocalEpoch, LogIndex, NodeName};
use tonic::Code;

use super::operations::Desk;
use super::status::Refusal;
use crate::node::Node;

/// How long a member may take to answer where the membership has it.
const LISTED: Duration = Duration::from_millis(300);

pub async fn register(
    desk: &Desk,
    from: &NodeName,
    request: &v1::RegisterWritersRequest,
) -> Result<Answer, Refusal> {
    let node = from.full_id();
    let rows = request.rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    if let Some(control) = &desk.node.group().applied().state.control
        && let Some(rejected) = later_load(control, node, &rows)
    {
        return Ok(rejected);
    }
    let standing = match desk.operations.standing().await {
        Ok(standing) => standing,
        Err(error) => return not_led(&desk.node, error),
    };
    if !standing.membership.members.contains_key(&node) {
        let text = format!("{from} is not a member");
        return Ok(rejected("UnknownMember", 0, text));
    }
    if let Some(text) = rolled_back(&desk.node, node, &request.logs) {
        return Ok(rejected("DataDirRolledBack", 0, text));
    }
    if let Some(member) = standing.membership.members.get(&node)
        && let Some(text) = runs_elsewhere(&desk.node, member, &rows).await
    {
        return Ok(rejected("OtherLoadRuns", 0, text));
    }
    if request.ask_only {
        return Ok(Answer::Accepted(v1::WritersAccepted { applied_index: 0 }));
    }
    match desk.operations.register(node, &rows).await {
        Ok(registered) => {
            let applied_index = registered.at.map_or(0, LogIndex::get);
            Ok(Answer::Accepted(v1::WritersAccepted { applied_index }))
        }
        Err(RegisterError::Rejected(rejection)) => {
            Ok(rejected(rejection.name(), rejection.code(), rejection.to_string()))
        }
        Err(RegisterError::Away(error)) => not_led(&desk.node, error),
        Err(error) => Err(Refusal::new(Code::Internal, "Fault", error)),
    }
}

/// What an applied registry says against a load, whoever has applied it: rows only rise.
pub fn later_load(control: &Control, node: FullNodeId, rows: &[AskedRow]) -> Option<Answer> {
    let held = rows.iter().filter(|row| control.keys.get(row.key).is_some_and(|key| !key.state.is_retired()));
    held.map(|row| {
        let writer = Writer { node, epoch: row.epoch, token: row.token };
        control.writers.judge(&Registration { key: row.key, writer })
    })
    .find_map(Result::err)
    .map(|rejection| rejected(rejection.name(), rejection.code(), rejection.to_string()))
}

/// Whether another load of this member answers where the membership has it: of two that run, one is a copy. A member that
/// is not heard there runs nowhere else as far as anybody knows.
async fn runs_elsewhere(node: &Node, member: &Member, rows: &[AskedRow]) -> Option<String> {
    let asking = rows.first()?.token;
    let found =
        tokio::time::timeout(LISTED, node.peers.identify(&member.name, &member.address)).await.ok()?.ok()?;
    let same = found.node_name == member.name.as_str() && found.store_id == member.store_id.as_bytes()[..];
    let other = found.load_token != 0 && found.load_token != asking.get();
    (same && other).then(|| format!("another process of {} runs at {}", member.name, member.address))
}

pub fn row(raw: &v1::WriterRow) -> Result<AskedRow, Refusal> {
    let out_of_range = |error| Refusal::bad_request("LocalEpochOutOfRange", error);
    let key = KeyId::from_u32(raw.key_id).ok_or_else(|| Refusal::bad_request("Malformed", "key id 0"))?;
    let epoch = LocalEpoch::from_wire(raw.local_epoch).map_err(out_of_range)?;
    Ok(AskedRow { key, epoch, token: LoadToken::new(raw.load_token) })
}

fn rejected(reason: &str, code: u32, message: String) -> Answer {
    let reason = reason.to_owned();
    Answer::Rejected(v1::WritersRejected { code, reason, message, metadata: Default::default() })
}

/// A leader without a majority counts as none: two nodes that begin anew at once must not wait for each other.
fn not_led(node: &Node, error: ProposeError) -> Result<Answer, Refusal> {
    let leader = match error {
        ProposeError::NotLeader { leader } => leader.and_then(|leader| node.group().member(leader)),
        ProposeError::NoQuorum => None,
        other => return Err(Refusal::proposal(node, other)),
    };
    Ok(Answer::NotLeader(match leader {
        None => v1::OtherLeader::default(),
        Some(leader) => {
            v1::OtherLeader { leader: leader.name.to_string(), leader_address: leader.address.to_string() }
        }
    }))
}

/// What a node acknowledged it can not have lost, or it acknowledges things that are not there: it counts for
/// majorities of which it remembers nothing.
fn rolled_back(node: &Node, member: FullNodeId, logs: &[v1::GroupLog]) -> Option<String> {
    logs.iter().find_map(|log| {
        let group = GroupId::from_u64(log.group_id).and_then(|id| node.group_named(id.get()))?;
        let status = group.status();
        let seen = status.progress.iter().find(|progress| progress.id == member)?.matched?;
        let held = log.last.as_ref().map(|last| LogIndex::new(last.index));
        (held < Some(seen)).then(|| {
            let held = held.map_or_else(|| "nothing".to_owned(), |held| format!("index {held}"));
            format!("it acknowledged index {seen} of group {}, and its log holds {held}", log.group_id)
        })
    })
}
