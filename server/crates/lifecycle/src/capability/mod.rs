//! What the members are able to do: asked of all of them, then judged once.

pub mod fanout;
mod judge;
mod judgement;
mod problem;
mod proof;
mod report;
mod retirement;

pub use judge::{NEEDED, judge, may_join};
pub use judgement::{Blocked, Finding, JudgedMember, Judgement, Verdict};
pub use problem::{Check, Problem};
pub use proof::{
    ForBootstrap, ForClosing, ForRaft, ForRetirement, ForRewrap, ForRotation, ForStorage, Opens, Proof,
};
pub use report::{Counted, Disk, Facts, HeldKey, Probe, Report};

use elastickv_types::{KeyId, Purpose};

/// The checks before a step that can not be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    Bootstrap,
    EnableStorage,
    EnableRaft,
    Rotate(Purpose),
    Rewrap,
    Close(KeyId),
    Retire(KeyId),
}

impl Gate {
    /// Whether a member that does not answer, or has no epochs left, stands in the way. A rotation may be the only
    /// cure for both: its entry covers those that answer, and a majority has to hold the new key.
    pub fn wants_everybody(self) -> bool {
        match self {
            Gate::Bootstrap
            | Gate::EnableStorage
            | Gate::EnableRaft
            | Gate::Rewrap
            | Gate::Close(_)
            | Gate::Retire(_) => true,
            Gate::Rotate(_) => false,
        }
    }

    /// Whether every member has to have the active keys open: from the step on it seals under them.
    pub fn wants_open_keys(self) -> bool {
        match self {
            Gate::EnableStorage | Gate::EnableRaft | Gate::Close(_) | Gate::Retire(_) => true,
            Gate::Bootstrap | Gate::Rotate(_) | Gate::Rewrap => false,
        }
    }

    /// The key that it is about.
    pub fn key(self) -> Option<KeyId> {
        match self {
            Gate::Close(key) | Gate::Retire(key) => Some(key),
            Gate::Bootstrap | Gate::EnableStorage | Gate::EnableRaft | Gate::Rotate(_) | Gate::Rewrap => None,
        }
    }
}
