//! Operations: who asked for what, and from when to when it is under way.
//!
//! Times are those of whoever proposed the entry. A replica never compares them with a clock of its
//! own, or two replicas could decide differently.

use std::fmt;

use elastickv_types::{LogId, LogIndex, OperationId, Purpose};

use super::{SubTag, Text};

/// Milliseconds since 1970, by the proposer's clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixMillis(u64);

impl UnixMillis {
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    pub const fn saturating_add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    pub const fn saturating_sub(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

pub type Actor = Text<128>;
pub type Reason = Text<512>;

/// The typed name of a refusal; empty where whoever refused gave none.
pub type RefusalName = Text<32>;

/// When an operation id was drawn; `None` for one that does not say.
pub fn drawn_at(operation: &OperationId) -> Option<UnixMillis> {
    drawn(operation.as_bytes())
}

/// The time in an id of the seventh version.
pub(super) fn drawn(id: &[u8; 16]) -> Option<UnixMillis> {
    let [a, b, c, d, e, f, version, _, variant, ..] = *id;
    let ms = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    (version >> 4 == 7 && variant >> 6 == 0b10).then_some(UnixMillis::new(ms))
}

/// Which operation an entry belongs to, and who wants it and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    pub operation: OperationId,
    pub actor: Actor,
    pub reason: Reason,
    pub at: UnixMillis,
}

/// What an operation is for; it decides which steps it may take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OperationKind {
    Bootstrap = 1,
    EnableStorage = 2,
    EnableRaft = 3,
    Rotate = 4,
    Rewrap = 5,
    Close = 6,
    Retire = 7,
}

impl OperationKind {
    pub const ALL: [OperationKind; 7] = [
        OperationKind::Bootstrap,
        OperationKind::EnableStorage,
        OperationKind::EnableRaft,
        OperationKind::Rotate,
        OperationKind::Rewrap,
        OperationKind::Close,
        OperationKind::Retire,
    ];

    /// Bootstrap is what the others rest on; sealing the rows does it on the way if need be.
    pub fn needs_bootstrap(self) -> bool {
        match self {
            OperationKind::Bootstrap | OperationKind::EnableStorage => false,
            OperationKind::EnableRaft
            | OperationKind::Rotate
            | OperationKind::Rewrap
            | OperationKind::Close
            | OperationKind::Retire => true,
        }
    }

    /// Whether an operation of this kind may take this step.
    pub fn takes(self, step: SubTag) -> bool {
        match step {
            SubTag::Bootstrap => matches!(self, OperationKind::Bootstrap | OperationKind::EnableStorage),
            SubTag::Install | SubTag::Activate => self == OperationKind::Rotate,
            SubTag::Rewrap => self == OperationKind::Rewrap,
            SubTag::Retire => self == OperationKind::Retire,
            SubTag::EnableStorage => self == OperationKind::EnableStorage,
            SubTag::Close => matches!(self, OperationKind::Close | OperationKind::Retire),
        }
    }

    pub fn from_u32(raw: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_u32() == raw)
    }

    pub fn as_u32(self) -> u32 {
        self as u32
    }

    pub fn as_str(self) -> &'static str {
        match self {
            OperationKind::Bootstrap => "bootstrap",
            OperationKind::EnableStorage => "enable-storage-envelope",
            OperationKind::EnableRaft => "enable-raft-envelope",
            OperationKind::Rotate => "rotate-dek",
            OperationKind::Rewrap => "rewrap-deks",
            OperationKind::Close => "close-dek",
            OperationKind::Retire => "retire-dek",
        }
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Sub-tag 09.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationCommand {
    pub origin: Origin,
    pub phase: Phase,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Phase {
    Begin {
        kind: OperationKind,
        /// What the key serves that a rotation replaces: a leader that comes after has to know it before the
        /// first step tells.
        purpose: Option<Purpose>,
        since: UnixMillis,
        deadline: UnixMillis,
        /// The membership that the gate judged.
        membership: LogId,
    },
    End(Ending),
}

/// How an operation ends that no step of it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// All of it is done: whether it changed anything, and where it first took effect.
    Done { changed: bool, first: LogIndex },
    /// The gate, or the server on its way, refused it.
    Refused { name: RefusalName, text: Reason },
    /// Its deadline passed; said by the leader, whose clock the entry's time is.
    DeadlinePassed,
}
