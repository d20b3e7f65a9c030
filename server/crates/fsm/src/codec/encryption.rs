//! Opcodes 03, 04 and 05: the encryption lifecycle.

use std::collections::BTreeSet;

use bytes::Bytes;
use elastickv_types::{LogIndex, Purpose};

use super::fields::{self, Read};
use super::walk::{self, Part, Wrong};
use super::wire;
use crate::command::{
    Bootstrap, Command, Ending, GroupChange, GroupCommand, Install, KeySet, List, MOST_KEYS,
    OperationCommand, OperationKind, Origin, Phase, Reason, RefusalName, Registration, Retire, Rewrapped,
    Step, StepCommand, UnixMillis,
};

/// A key that is wrapped anew has an id and a commitment.
const REWRAPPED: Part = Part {
    field: 1,
    most: MOST_KEYS,
    too_many: "it wraps too many keys",
    bytes: 39..=usize::MAX,
    within: &[],
};

pub fn registration_to_wire(registration: &Registration) -> wire::Registration {
    wire::Registration {
        key: registration.key.get(),
        writer: Some(fields::writer_to_wire(&registration.writer)),
    }
}

pub fn registration_from_wire(raw: &wire::Registration) -> Read<Registration> {
    let writer = raw.writer.as_ref().ok_or("it registers nobody")?;
    Ok(Registration { key: fields::key_id(raw.key)?, writer: fields::writer(writer)? })
}

/// The first step has an opcode of its own.
pub enum StepMessage {
    Bootstrap(wire::Bootstrap),
    KeyChange(wire::KeyChange),
}

pub fn step_to_wire(command: &StepCommand) -> StepMessage {
    let StepCommand { origin, last, step } = command;
    let change = match step {
        Step::Bootstrap(bootstrap) => {
            return StepMessage::Bootstrap(bootstrap_to_wire(origin, *last, bootstrap));
        }
        Step::Install(install) => wire::Change::Install(wire::Install {
            purpose: u32::from(install.purpose.as_u8()),
            key: Some(fields::new_key_to_wire(&install.key)),
            replaces: install.replaces.get(),
        }),
        Step::Rewrap(keys) => {
            let mut out = Vec::new();
            for rewrapped in keys.iter() {
                prost::encoding::message::encode(
                    u32::from(REWRAPPED.field),
                    &rewrapped_to_wire(rewrapped),
                    &mut out,
                );
            }
            wire::Change::Rewrap(out.into())
        }
        Step::Retire(retire) => wire::Change::Retire(wire::Retire {
            key: retire.key.get(),
            closed: retire.closed.get(),
            membership: Some(fields::log_id_to_wire(retire.membership)),
        }),
        Step::EnableStorage { membership } => wire::Change::EnableStorage(wire::Cutover {
            membership: Some(fields::log_id_to_wire(*membership)),
        }),
        Step::Activate { key, replaces } => {
            wire::Change::Activate(wire::Activate { key: key.get(), replaces: replaces.get() })
        }
        Step::Close { key } => wire::Change::Close(wire::Close { key: key.get() }),
    };
    StepMessage::KeyChange(key_change(origin, *last, change))
}

pub fn group_to_wire(command: &GroupCommand) -> wire::KeyChange {
    let change = match &command.change {
        GroupChange::EnableRaft { membership } => {
            wire::Change::EnableRaft(wire::Cutover { membership: Some(fields::log_id_to_wire(*membership)) })
        }
        GroupChange::RaiseFloor { keys } => {
            wire::Change::RaiseFloor(wire::RaiseFloor { keys: keys.iter().map(|key| key.get()).collect() })
        }
    };
    key_change(&command.origin, false, change)
}

pub fn operation_to_wire(command: &OperationCommand) -> wire::KeyChange {
    let phase = match &command.phase {
        Phase::Begin { kind, purpose, since, deadline, membership } => wire::Phase::Begin(wire::Begin {
            kind: kind.as_u32(),
            since_ms: since.get(),
            deadline_ms: deadline.get(),
            membership: Some(fields::log_id_to_wire(*membership)),
            purpose: purpose.map(|purpose| u32::from(purpose.as_u8())),
        }),
        Phase::End(Ending::Done { changed, first }) => {
            wire::Phase::Done(wire::Done { changed: *changed, first: first.get() })
        }
        Phase::End(Ending::Refused { name, text }) => wire::Phase::Refused(wire::Refused {
            text: text.as_str().to_owned(),
            name: name.as_str().to_owned(),
        }),
        Phase::End(Ending::DeadlinePassed) => wire::Phase::DeadlinePassed(wire::DeadlinePassed {}),
    };
    key_change(&command.origin, false, wire::Change::Phase(wire::PhaseMessage { phase: Some(phase) }))
}

fn key_change(origin: &Origin, last: bool, change: wire::Change) -> wire::KeyChange {
    wire::KeyChange { change: Some(change), last, origin: Some(fields::origin_to_wire(origin)) }
}

fn bootstrap_to_wire(origin: &Origin, last: bool, bootstrap: &Bootstrap) -> wire::Bootstrap {
    wire::Bootstrap {
        storage: Some(fields::new_key_to_wire(&bootstrap.storage)),
        raft: Some(fields::new_key_to_wire(&bootstrap.raft)),
        membership: Some(fields::log_id_to_wire(bootstrap.membership)),
        last,
        origin: Some(fields::origin_to_wire(origin)),
    }
}

fn rewrapped_to_wire(rewrapped: &Rewrapped) -> wire::Rewrapped {
    wire::Rewrapped {
        key: rewrapped.key.get(),
        commitment: Bytes::copy_from_slice(rewrapped.commitment.as_bytes()),
        wrapping: Some(fields::wrapping_to_wire(&rewrapped.wrapping)),
    }
}

pub fn bootstrap_from_wire(raw: wire::Bootstrap) -> Result<StepCommand, Wrong> {
    let bootstrap = Bootstrap {
        storage: fields::new_key(raw.storage)?,
        raft: fields::new_key(raw.raft)?,
        membership: fields::log_id(raw.membership)?,
    };
    let origin = fields::origin(raw.origin)?;
    Ok(StepCommand { origin, last: raw.last, step: Step::Bootstrap(Box::new(bootstrap)) })
}

pub fn key_change_from_wire(raw: wire::KeyChange) -> Result<Command, Wrong> {
    let origin = fields::origin(raw.origin)?;
    let step = |step| Ok(Command::Step(StepCommand { origin: origin.clone(), last: raw.last, step }));
    let group = |change| match raw.last {
        false => Ok(Command::Group(GroupCommand { origin: origin.clone(), change })),
        true => Err(Wrong::Invalid("what a group decides ends no operation")),
    };
    match raw.change.ok_or("it has no sub-tag")? {
        wire::Change::Install(install) => step(Step::Install(Box::new(install_from_wire(install)?))),
        wire::Change::Rewrap(rewrap) => step(rewrap_from_wire(&rewrap)?),
        wire::Change::Retire(retire) => step(Step::Retire(Retire {
            key: fields::key_id(retire.key)?,
            closed: LogIndex::new(retire.closed),
            membership: fields::log_id(retire.membership)?,
        })),
        wire::Change::EnableStorage(cutover) => {
            step(Step::EnableStorage { membership: fields::log_id(cutover.membership)? })
        }
        wire::Change::EnableRaft(cutover) => {
            group(GroupChange::EnableRaft { membership: fields::log_id(cutover.membership)? })
        }
        wire::Change::Activate(activate) => step(Step::Activate {
            key: fields::key_id(activate.key)?,
            replaces: fields::key_id(activate.replaces)?,
        }),
        wire::Change::Close(close) => step(Step::Close { key: fields::key_id(close.key)? }),
        wire::Change::RaiseFloor(floor) => group(floor_from_wire(&floor)?),
        wire::Change::Phase(_) if raw.last => Err(Wrong::Invalid("beginning and ending are no steps")),
        wire::Change::Phase(message) => {
            Ok(Command::Operation(OperationCommand { origin, phase: phase_from_wire(message)? }))
        }
    }
}

fn install_from_wire(raw: wire::Install) -> Result<Install, Wrong> {
    Ok(Install {
        purpose: purpose_from_wire(raw.purpose)?,
        key: fields::new_key(raw.key)?,
        replaces: fields::key_id(raw.replaces)?,
    })
}

fn rewrap_from_wire(raw: &Bytes) -> Result<Step, Wrong> {
    let keys = walk::read_list(raw, &REWRAPPED, |rewrapped: wire::Rewrapped| {
        Ok(Rewrapped {
            key: fields::key_id(rewrapped.key)?,
            commitment: fields::commitment(&rewrapped.commitment)?,
            wrapping: fields::wrapping(rewrapped.wrapping)?,
        })
    })?;
    Ok(Step::Rewrap(List::new(keys).ok_or(REWRAPPED.too_many)?))
}

fn purpose_from_wire(raw: u32) -> Read<Purpose> {
    u8::try_from(raw).ok().and_then(Purpose::from_u8).ok_or("a key has a purpose that is not known")
}

/// The ids come in order and once each, or the same set would have several spellings.
fn floor_from_wire(raw: &wire::RaiseFloor) -> Read<GroupChange> {
    if !raw.keys.is_sorted_by(|one, next| one < next) {
        return Err("the ids of a key floor are not in order");
    }
    let keys = raw.keys.iter().map(|key| fields::key_id(*key)).collect::<Read<BTreeSet<_>>>()?;
    Ok(GroupChange::RaiseFloor { keys: KeySet::new(keys).ok_or("a key floor names no key, or too many")? })
}

fn phase_from_wire(raw: wire::PhaseMessage) -> Read<Phase> {
    Ok(match raw.phase.ok_or("it neither begins nor ends")? {
        wire::Phase::Begin(begin) => Phase::Begin {
            kind: OperationKind::from_u32(begin.kind).ok_or("a kind of operation is not known")?,
            purpose: begin.purpose.map(purpose_from_wire).transpose()?,
            since: UnixMillis::new(begin.since_ms),
            deadline: UnixMillis::new(begin.deadline_ms),
            membership: fields::log_id(begin.membership)?,
        },
        wire::Phase::Done(done) => {
            Phase::End(Ending::Done { changed: done.changed, first: LogIndex::new(done.first) })
        }
        wire::Phase::Refused(refused) => Phase::End(Ending::Refused {
            name: RefusalName::new(refused.name)
                .ok_or("the name of a refusal is too long or not one line")?,
            text: Reason::new(refused.text).ok_or("a refusal is too long or not one line")?,
        }),
        wire::Phase::DeadlinePassed(_) => Phase::End(Ending::DeadlinePassed),
    })
}
