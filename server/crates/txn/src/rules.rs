//! What reads keep to.

/// All of it, but where a test takes one rule away to find that it is missed.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// A linearizable read is answered by a leader that was confirmed.
    pub(crate) fresh_reads: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { fresh_reads: true }
    }
}

#[cfg(feature = "testing")]
impl Rules {
    /// Any node answers any read from what it has applied.
    pub fn without_fresh_reads() -> Self {
        Self { fresh_reads: false }
    }
}
