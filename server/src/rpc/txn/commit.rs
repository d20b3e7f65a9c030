//! From a transaction as it travels to one that can be proposed.

use elastickv_fsm::{Mutation, Mutations, MutationsBuilder, ReadSet, Span};
use elastickv_proto::v1::condition::Expected as ExpectedMessage;
use elastickv_proto::v1::mutation::Change;
use elastickv_proto::v1::{CommitRequest, Condition as ConditionMessage, Mutation as MutationMessage};
use elastickv_txn::{Condition, Expected, LimitError, WriteRequest};
use elastickv_types::Timestamp;

use super::super::status::Refusal;
use super::super::wire;
use crate::node::Node;

pub fn request(node: &Node, message: &CommitRequest) -> Result<WriteRequest, Refusal> {
    Ok(WriteRequest {
        request_id: wire::request_id(&message.request_id)?,
        reads: reads(message)?,
        conditions: message.conditions.iter().map(condition).collect::<Result<_, _>>()?,
        mutations: mutations(node, &message.mutations)?,
    })
}

fn incomplete(text: &str) -> Refusal {
    Refusal::bad_request("BadTransaction", text)
}

fn reads(message: &CommitRequest) -> Result<Option<ReadSet>, Refusal> {
    let Some(mut reads) = ReadSet::builder(Timestamp::from_u64(message.start_ts)) else {
        return match message.read_keys.is_empty() && message.read_ranges.is_empty() {
            true => Ok(None),
            false => Err(incomplete("the moment of what was read is missing")),
        };
    };
    for key in &message.read_keys {
        reads.key(key).map_err(LimitError::from)?;
    }
    for range in &message.read_ranges {
        reads.span(Span { start: &range.start, end: &range.end });
    }
    Ok(Some(reads.build()))
}

fn condition(message: &ConditionMessage) -> Result<Condition, Refusal> {
    let expected = match message.expected {
        Some(ExpectedMessage::Absent(_)) => Expected::Absent,
        Some(ExpectedMessage::Exists(_)) => Expected::Exists,
        Some(ExpectedMessage::Version(at)) => Expected::Version(Timestamp::from_u64(at)),
        None => return Err(incomplete("a condition does not say what is expected")),
    };
    Ok(Condition { key: message.key.clone(), expected })
}

fn mutations(node: &Node, messages: &[MutationMessage]) -> Result<Mutations, Refusal> {
    let mut list = MutationsBuilder::default();
    for message in messages {
        let expire_at = wire::expire_at(node, message.ttl_ms, message.expire_at)?;
        let mutation = match &message.change {
            Some(Change::Put(value)) => Mutation::Put { key: &message.key, value, expire_at },
            Some(Change::Delete(_)) if expire_at == 0 => Mutation::Delete { key: &message.key },
            Some(Change::Delete(_)) => return Err(incomplete("a deletion has no end of life")),
            None => return Err(incomplete("a mutation says neither what is put nor that it deletes")),
        };
        list.push(mutation).map_err(LimitError::from)?;
    }
    Ok(list.build())
}
