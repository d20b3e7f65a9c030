//! A call, as the client who made it saw it.

use std::fmt;

/// Nanoseconds since the run began, on one clock for all clients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(pub u64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / 1_000_000_000, self.0 / 1_000 % 1_000_000)
    }
}

/// What the client knows about the effect of its call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It took effect between its beginning and its end.
    Committed,
    /// It had no effect and never will.
    Aborted,
    /// It may have had its effect, may still have it, or never.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Committed => "committed",
            Outcome::Aborted => "aborted",
            Outcome::Unknown => "of unknown outcome",
        })
    }
}

/// Who called, from when to when, and how it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Call {
    pub client: u32,
    pub begun: Moment,
    pub ended: Moment,
    pub outcome: Outcome,
}

impl Call {
    /// The moment by which the effect was there; a call of unknown outcome has none.
    pub fn effective_by(&self) -> Option<Moment> {
        (self.outcome == Outcome::Committed).then_some(self.ended)
    }

    /// Whether this call's effect was there before the other began.
    pub fn precedes(&self, other: &Call) -> bool {
        self.effective_by().is_some_and(|end| end < other.begun)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}, {} to {}, {}", self.client, self.begun, self.ended, self.outcome)
    }
}
