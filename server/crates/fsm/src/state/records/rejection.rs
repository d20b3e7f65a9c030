//! Rejections as they are kept: a code and facts, and never the words.
//!
//! Words are those of a build. Two replicas of different builds would keep different ones.

use elastickv_types::{FullNodeId, KeyId, LocalEpoch, LogId, LogIndex, OperationId, Purpose, Term};

use super::message::{kind, purpose};
use super::wire;
use crate::codec::fields::Read;
use crate::command::{Reason, RefusalName, UnixMillis};
use crate::plan::{Rejection, Wanted};
use crate::state::KeyState;

pub fn to_wire(rejection: &Rejection) -> wire::Refusal {
    let (name, text) = match rejection {
        Rejection::Refused { name, text } => (name.as_str().to_owned(), text.as_str().to_owned()),
        _ => Default::default(),
    };
    wire::Refusal { code: rejection.code(), facts: facts(rejection), text, name }
}

fn facts(rejection: &Rejection) -> Vec<u64> {
    match rejection {
        Rejection::NotControlGroup
        | Rejection::NotBootstrapped
        | Rejection::Refused { .. }
        | Rejection::FloorBeforeCutover
        | Rejection::RowsNotSealed => Vec::new(),
        Rejection::LocalEpochRollback { key, node, proposed, last } => {
            vec![of_key(*key), node.get(), proposed.get().into(), last.get().into()]
        }
        Rejection::NodeIdCollision { key, node, holder } => vec![of_key(*key), node.get(), holder.get()],
        Rejection::OperationRunning { running, kind, begun } => {
            let [high, low] = of_operation(running);
            vec![high, low, kind.as_u32().into(), begun.get()]
        }
        Rejection::OperationNotRunning { operation }
        | Rejection::OperationIdExpired { operation }
        | Rejection::OperationIdUntimed { operation } => of_operation(operation).into(),
        Rejection::OperationIdAhead { operation, drawn, at } => {
            let [high, low] = of_operation(operation);
            vec![high, low, drawn.get(), at.get()]
        }
        Rejection::OperationIdReused { operation, kind } => {
            let [high, low] = of_operation(operation);
            vec![high, low, kind.as_u32().into()]
        }
        Rejection::UnknownJob { job } => of_operation(job).into(),
        Rejection::JobRunning { job, begun: at } | Rejection::JobOver { job, since: at } => {
            let [high, low] = of_operation(job);
            vec![high, low, at.get()]
        }
        Rejection::StepNotOfOperation { kind } => vec![kind.as_u32().into()],
        Rejection::DeadlineNotReached { deadline, at } => vec![deadline.get(), at.get()],
        Rejection::DeadlinePassed { deadline } => vec![deadline.get()],
        Rejection::MembershipChanged { named, effective } => {
            let named = [*named].into_iter().chain(*effective);
            named.flat_map(|id| [id.term.get(), id.index.get()]).collect()
        }
        Rejection::BootstrappedOtherwise { first } => vec![first.get()],
        Rejection::KeyStateWrong { key, found, wanted } => {
            let mut facts = vec![of_key(*key), *wanted as u64, found.as_u8().into()];
            facts.extend(of_state(*found).into_iter().flatten().map(LogIndex::get));
            facts
        }
        Rejection::KeyPurposeWrong { key, found } => vec![of_key(*key), found.as_u8().into()],
        Rejection::CloseIndexWrong { key, closed, named } => vec![of_key(*key), closed.get(), named.get()],
        Rejection::UnknownKey { key }
        | Rejection::KeyIdUsed { key }
        | Rejection::NotInKeyFloor { key }
        | Rejection::FloorHoldsOwnKey { key }
        | Rejection::RewrapIncomplete { key }
        | Rejection::RewrapTwice { key }
        | Rejection::CommitmentWrong { key }
        | Rejection::TooManyKeys { key } => vec![of_key(*key)],
        Rejection::CreatedTooLate { key, created } => vec![of_key(*key), created.get()],
    }
}

pub fn from_wire(raw: &wire::Refusal) -> Read<Rejection> {
    let text = Reason::new(raw.text.clone()).ok_or("has a refusal that is too long")?;
    let name = RefusalName::new(raw.name.clone()).ok_or("has a refusal whose name is too long")?;
    if raw.code == 13 && raw.facts.is_empty() {
        return Ok(Rejection::Refused { name, text });
    }
    if !text.as_str().is_empty() || !name.as_str().is_empty() {
        return Err("has words where there are none");
    }
    Ok(match (raw.code, raw.facts.as_slice()) {
        (1, []) => Rejection::NotControlGroup,
        (2, [id, full, proposed, last]) => {
            let (proposed, last) = (epoch(*proposed)?, epoch(*last)?);
            Rejection::LocalEpochRollback { key: key(*id)?, node: node(*full)?, proposed, last }
        }
        (3, [id, full, holder]) => {
            Rejection::NodeIdCollision { key: key(*id)?, node: node(*full)?, holder: node(*holder)? }
        }
        (4, [high, low, raw, begun]) => {
            let running = operation(*high, *low);
            Rejection::OperationRunning { running, kind: kind(small(*raw)?)?, begun: LogIndex::new(*begun) }
        }
        (5, [high, low]) => Rejection::OperationNotRunning { operation: operation(*high, *low) },
        (6, [high, low]) => Rejection::OperationIdExpired { operation: operation(*high, *low) },
        (7, [high, low]) => Rejection::OperationIdUntimed { operation: operation(*high, *low) },
        (8, [high, low, drawn, at]) => {
            let (drawn, at) = (UnixMillis::new(*drawn), UnixMillis::new(*at));
            Rejection::OperationIdAhead { operation: operation(*high, *low), drawn, at }
        }
        (9, [high, low, raw]) => {
            let kind = kind(small(*raw)?)?;
            Rejection::OperationIdReused { operation: operation(*high, *low), kind }
        }
        (10, [raw]) => Rejection::StepNotOfOperation { kind: kind(small(*raw)?)? },
        (11, [deadline, at]) => {
            let (deadline, at) = (UnixMillis::new(*deadline), UnixMillis::new(*at));
            Rejection::DeadlineNotReached { deadline, at }
        }
        (12, [deadline]) => Rejection::DeadlinePassed { deadline: UnixMillis::new(*deadline) },
        (14, [term, index]) => Rejection::MembershipChanged { named: log_id(*term, *index), effective: None },
        (14, [term, index, other, effective]) => {
            let effective = Some(log_id(*other, *effective));
            Rejection::MembershipChanged { named: log_id(*term, *index), effective }
        }
        (15, []) => Rejection::NotBootstrapped,
        (16, [first]) => Rejection::BootstrappedOtherwise { first: LogIndex::new(*first) },
        (17, [id]) => Rejection::UnknownKey { key: key(*id)? },
        (18, [id]) => Rejection::KeyIdUsed { key: key(*id)? },
        (19, [id, raw, state, indexes @ ..]) => {
            let wanted = Wanted::ALL.into_iter().find(|wanted| *wanted as u64 == *raw);
            let wanted = wanted.ok_or("wants a state that is not known")?;
            Rejection::KeyStateWrong { key: key(*id)?, found: key_state(*state, indexes)?, wanted }
        }
        (20, [id, raw]) => Rejection::KeyPurposeWrong { key: key(*id)?, found: purpose_of(*raw)? },
        (21, [id, closed, named]) => {
            let (closed, named) = (LogIndex::new(*closed), LogIndex::new(*named));
            Rejection::CloseIndexWrong { key: key(*id)?, closed, named }
        }
        (22, [id]) => Rejection::NotInKeyFloor { key: key(*id)? },
        (23, [id]) => Rejection::FloorHoldsOwnKey { key: key(*id)? },
        (24, [id]) => Rejection::RewrapIncomplete { key: key(*id)? },
        (25, [id]) => Rejection::RewrapTwice { key: key(*id)? },
        (26, [id]) => Rejection::CommitmentWrong { key: key(*id)? },
        (27, [id]) => Rejection::TooManyKeys { key: key(*id)? },
        (28, [id, created]) => {
            Rejection::CreatedTooLate { key: key(*id)?, created: UnixMillis::new(*created) }
        }
        (29, []) => Rejection::FloorBeforeCutover,
        (30, []) => Rejection::RowsNotSealed,
        (31, [high, low, begun]) => {
            Rejection::JobRunning { job: operation(*high, *low), begun: LogIndex::new(*begun) }
        }
        (32, [high, low]) => Rejection::UnknownJob { job: operation(*high, *low) },
        (33, [high, low, since]) => {
            Rejection::JobOver { job: operation(*high, *low), since: LogIndex::new(*since) }
        }
        _ => return Err("has a refusal that is not known"),
    })
}

fn of_key(key: KeyId) -> u64 {
    key.get().into()
}

fn of_operation(operation: &OperationId) -> [u64; 2] {
    let whole = u128::from_be_bytes(*operation.as_bytes());
    [(whole >> 64) as u64, whole as u64]
}

fn of_state(state: KeyState) -> [Option<LogIndex>; 2] {
    match state {
        KeyState::Installed | KeyState::Active | KeyState::Retiring => [None, None],
        KeyState::Closed { at } => [Some(at), None],
        KeyState::Retired { closed, at } => [Some(closed), Some(at)],
    }
}

fn small(raw: u64) -> Read<u32> {
    u32::try_from(raw).map_err(|_| "has a fact that is too large")
}

fn key(raw: u64) -> Read<KeyId> {
    KeyId::from_u32(small(raw)?).ok_or("is of a key with id 0")
}

fn node(raw: u64) -> Read<FullNodeId> {
    FullNodeId::from_u64(raw).ok_or("is of a node with id 0")
}

fn epoch(raw: u64) -> Read<LocalEpoch> {
    LocalEpoch::from_wire(small(raw)?).map_err(|_| "has a local epoch that does not fit two bytes")
}

fn operation(high: u64, low: u64) -> OperationId {
    OperationId::from_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

fn log_id(term: u64, index: u64) -> LogId {
    LogId::new(Term::new(term), LogIndex::new(index))
}

fn purpose_of(raw: u64) -> Read<Purpose> {
    purpose(small(raw)?)
}

fn key_state(state: u64, indexes: &[u64]) -> Read<KeyState> {
    let at = |raw: &u64| LogIndex::new(*raw);
    KeyState::of(small(state)?, indexes.first().map(at), indexes.get(1).map(at))
        .filter(|_| indexes.len() <= 2)
        .ok_or("has a state that is none")
}
