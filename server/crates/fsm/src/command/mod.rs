//! What can be asked of a group.
//!
//! ```text
//! WriteBatch        users' writes                                           any group
//! Ceiling           between which timestamps the group is at work           any group
//! PreWrite          locks keys with what they are about to become           any group
//! Resolve           what is locked takes effect, or is taken back           any group
//! RegisterWriter    a node seals under a key from now on                    control group
//! Step              a part of an operation that changes keys or stage       control group
//! Group             what each group decides about its own log               any group
//! Operation         an operation begins or ends                             control group
//! Job               work on all rows begins, changes its pace or ends       control group
//! ```
//!
//! The parts of a command are bounded by their types: whatever can be built can be encoded, and what was encoded
//! decodes on every replica. A command that is not wanted is rejected; only one that does not decode is a fault.

mod bounded;
mod group;
mod job;
mod lock;
mod mutation;
mod operation;
mod read_set;
mod registration;
mod step;
mod write;

pub use bounded::{KeySet, List, Text};
pub use group::{GroupChange, GroupCommand};
pub use job::{JobChange, JobCommand};
pub use lock::{Keys, PreWrite, Resolve};
pub use mutation::{EmptyKey, Mutation, Mutations, MutationsBuilder};
use operation::drawn;
pub use operation::{
    Actor, Ending, OperationCommand, OperationKind, Origin, Phase, Reason, RefusalName, UnixMillis, drawn_at,
};
pub use read_set::{ReadSet, ReadSetBuilder, Span};
pub use registration::{Cohort, Registration, Writer};
pub use step::{
    Bootstrap, Install, LAST_CREATED, MOST_KEYS, NewKey, Retire, Rewrapped, Step, StepCommand, StepTag,
    SubTag, Wrapping,
};
pub use write::{Bounds, Write, WriteBatch, Writes, request_drawn_at};

/// A closed set: an opcode that is not drawn here is a fault, never skipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    WriteBatch(WriteBatch),
    Ceiling(Bounds),
    PreWrite(PreWrite),
    Resolve(Resolve),
    RegisterWriter(Registration),
    Step(StepCommand),
    Group(GroupCommand),
    Operation(OperationCommand),
    Job(JobCommand),
}

impl Command {
    /// The marker, above which its group's entries are sealed.
    pub fn is_marker(&self) -> bool {
        matches!(self, Command::Group(GroupCommand { change: GroupChange::EnableRaft { .. }, .. }))
    }

    /// Whether it is about keys or stages, and none of a user's.
    pub fn concerns_keys(&self) -> bool {
        match self {
            Command::RegisterWriter(_) | Command::Step(_) | Command::Group(_) | Command::Operation(_) => true,
            Command::WriteBatch(_)
            | Command::Ceiling(_)
            | Command::PreWrite(_)
            | Command::Resolve(_)
            | Command::Job(_) => false,
        }
    }
}
