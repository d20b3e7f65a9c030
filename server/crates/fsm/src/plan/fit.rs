//! Which form is legal where.
//!
//! Up to a group's cutover entries are clear, above it sealed. Two commands always travel clear: the
//! registration of a writer, because a fresh leader has to register before it can seal, and the marker
//! that makes the cutover. A sealed entry is judged by its clear header first: one under a key of the
//! floor is rejected before anybody tries to open it, as the key may be gone from this replica.

use elastickv_types::{KeyId, LogIndex};

use super::{Action, Form, Place, Rule, Rules};
use crate::command::{Command, GroupChange, GroupCommand};
use crate::state::RaftEnvelope;

/// An entry whose form is not legal at its index. It counts as applied and changed nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Misfit {
    #[error("the entry is clear, and the group's entries are sealed above {cutover}")]
    ClearAboveCutover { cutover: LogIndex },
    #[error("the entry is sealed, and the group is not cut over")]
    SealedBeforeCutover,
    #[error("the entry is sealed under key {key}, which the group does not accept since {since}")]
    BelowFloor { key: KeyId, since: LogIndex },
    #[error("the entry is sealed, and its command always travels clear")]
    SealedAlthoughExempt,
}

/// Judges an entry by its header alone, before it is opened.
pub fn admit(raft: &RaftEnvelope, rules: Rules, place: Place) -> Result<(), Misfit> {
    let floor = |key| raft.floor.get(key).filter(|_| rules.hold(Rule::KeyFloor));
    match place.form {
        Form::Clear => Ok(()),
        Form::Sealed(key) => match floor(&key) {
            Some(since) => Err(Misfit::BelowFloor { key, since: *since }),
            None if raft.seals(place.index) => Ok(()),
            None => Err(Misfit::SealedBeforeCutover),
        },
    }
}

pub(super) fn check(
    raft: &RaftEnvelope,
    rules: Rules,
    place: Place,
    command: &Command,
) -> Result<(), Misfit> {
    admit(raft, rules, place)?;
    // It makes the cutover at its own index.
    if command.is_marker() && !rules.hold(Rule::StrictlyAbove) {
        return Err(Misfit::ClearAboveCutover { cutover: place.index });
    }
    match (place.form, raft.cutover, travels_clear(command)) {
        (Form::Clear, Some(cutover), false) if raft.seals(place.index) => {
            Err(Misfit::ClearAboveCutover { cutover })
        }
        (Form::Sealed(_), _, true) => Err(Misfit::SealedAlthoughExempt),
        (Form::Clear | Form::Sealed(_), _, _) => Ok(()),
    }
}

/// What a misfit leaves behind: only one that was opened needs its key for as long as the log has it.
pub(super) fn trace(misfit: Misfit, place: Place) -> Vec<Action> {
    match misfit {
        Misfit::SealedAlthoughExempt => opened(place).into_iter().collect(),
        Misfit::ClearAboveCutover { .. } | Misfit::SealedBeforeCutover | Misfit::BelowFloor { .. } => {
            Vec::new()
        }
    }
}

/// Notes the key under which an entry was sealed that was opened.
pub(super) fn opened(place: Place) -> Option<Action> {
    match place.form {
        Form::Clear => None,
        Form::Sealed(key) => Some(Action::NoteSealed { key, at: place.index }),
    }
}

/// Whether a command is never sealed, wherever it stands.
pub fn travels_clear(command: &Command) -> bool {
    match command {
        Command::RegisterWriter(_)
        | Command::Group(GroupCommand { change: GroupChange::EnableRaft { .. }, .. }) => true,
        Command::Group(GroupCommand { change: GroupChange::RaiseFloor { .. }, .. })
        | Command::WriteBatch(_)
        | Command::Ceiling(_)
        | Command::PreWrite(_)
        | Command::Resolve(_)
        | Command::Step(_)
        | Command::Operation(_)
        | Command::Job(_) => false,
    }
}
