//! Making the entries of an operation. Those that a gate stands before demand its proof, and name the membership
//! that it judged.

use elastickv_fsm::{
    Bootstrap, Command, Ending, GroupChange, GroupCommand, Install, KeySet, List, MOST_KEYS, NewKey,
    OperationCommand, Origin, Phase, Retire, Rewrapped, Step, StepCommand,
};
use elastickv_types::{KeyId, LogId, LogIndex, Purpose};

use crate::capability::{
    ForBootstrap, ForClosing, ForRaft, ForRetirement, ForRewrap, ForRotation, ForStorage, Proof,
};

fn step(origin: Origin, last: bool, step: Step) -> Command {
    Command::Step(StepCommand { origin, last, step })
}

pub fn bootstrap(
    proof: Proof<ForBootstrap>,
    origin: Origin,
    last: bool,
    storage: NewKey,
    raft: NewKey,
) -> Command {
    let bootstrap = Bootstrap { storage, raft, membership: proof.membership() };
    step(origin, last, Step::Bootstrap(Box::new(bootstrap)))
}

pub fn enable_storage(proof: Proof<ForStorage>, origin: Origin) -> Command {
    step(origin, true, Step::EnableStorage { membership: proof.membership() })
}

/// The marker of a group, which names that group's own membership.
pub fn enable_raft(_proof: &Proof<ForRaft>, origin: Origin, membership: LogId) -> Command {
    Command::Group(GroupCommand { origin, change: GroupChange::EnableRaft { membership } })
}

pub fn install(
    _proof: Proof<ForRotation>,
    origin: Origin,
    purpose: Purpose,
    key: NewKey,
    replaces: KeyId,
) -> Command {
    step(origin, false, Step::Install(Box::new(Install { purpose, key, replaces })))
}

pub fn close(_proof: Proof<ForClosing>, origin: Origin, key: KeyId) -> Command {
    step(origin, false, Step::Close { key })
}

/// Of a closed key: a group takes no entry under it any more.
pub fn raise_floor(origin: Origin, key: KeyId) -> Option<Command> {
    let keys = KeySet::new([key].into())?;
    Some(Command::Group(GroupCommand { origin, change: GroupChange::RaiseFloor { keys } }))
}

pub fn retire(proof: Proof<ForRetirement>, origin: Origin, key: KeyId, closed: LogIndex) -> Command {
    step(origin, true, Step::Retire(Retire { key, closed, membership: proof.membership() }))
}

/// Of a key that everybody who answers holds, as the driver found out.
pub fn activate(origin: Origin, key: KeyId, replaces: KeyId) -> Command {
    step(origin, true, Step::Activate { key, replaces })
}

pub fn rewrap(_proof: Proof<ForRewrap>, origin: Origin, keys: List<Rewrapped, MOST_KEYS>) -> Command {
    step(origin, true, Step::Rewrap(keys))
}

pub fn end(origin: Origin, ending: Ending) -> Command {
    Command::Operation(OperationCommand { origin, phase: Phase::End(ending) })
}
