//! What entries are held to.

/// A rule that a test can take away, to see that it is missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// What a write has read is as it was.
    ReadSets,
    /// A request takes effect once.
    Sessions,
    /// Timestamps rise from write to write.
    Timestamps,
    /// Entries are sealed above the marker; it is not one of them.
    StrictlyAbove,
    /// An entry under a key of the floor is turned away by its header.
    KeyFloor,
    /// What a transaction has locked is nobody else's to change.
    Locks,
}

/// The rules that hold: all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    missing: Option<Rule>,
}

impl Rules {
    #[cfg(any(test, feature = "testing"))]
    pub fn without(rule: Rule) -> Self {
        Self { missing: Some(rule) }
    }

    pub(super) fn hold(self, rule: Rule) -> bool {
        self.missing != Some(rule)
    }
}
