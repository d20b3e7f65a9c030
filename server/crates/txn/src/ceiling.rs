//! How far a leader may promise.
//!
//! A group's *ceiling* is a timestamp that is replicated with its writes and only rises. No leader stamps a
//! write, gives out a timestamp or serves a read above the ceiling, and each begins above the one that it
//! inherits. So nothing that a leader promised has to be known to its successors: all of it lies below them.
//!
//! A ceiling is renewed before it is reached, by an entry that takes it a window further; a batch of writes
//! carries it along. Nobody renews it while nobody asks for the time.

use elastickv_types::{Term, Timestamp};

/// How far a renewed ceiling is ahead of the time. A new leader's clock may jump by so much.
const WINDOW_MS: u64 = 10_000;
/// It is renewed when a stamp comes as near as this.
const NEAR_MS: u64 = 5_000;

/// The ceiling as the leader of a term may use it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ceiling {
    term: Term,
    /// Inherited, then renewed by this leader itself. All of its stamps are above the inherited one, so it draws
    /// none before it has renewed it; it may read up to it from the first.
    limit: Timestamp,
}

impl Ceiling {
    /// Begins a term, unless that was done; `inherited` holds all that earlier terms committed.
    pub fn enter(&mut self, term: Term, inherited: Timestamp) -> bool {
        let enters = term > self.term;
        if enters {
            *self = Self { term, limit: inherited };
        }
        enters
    }

    /// A ceiling that this leader proposed is committed.
    pub fn committed(&mut self, term: Term, to: Timestamp) -> bool {
        let rises = term == self.term && to > self.limit;
        if rises {
            self.limit = to;
        }
        rises
    }

    pub fn term(self) -> Term {
        self.term
    }

    pub fn limit(self) -> Timestamp {
        self.limit
    }

    /// The ceiling to propose before, or together with, what has this timestamp.
    pub fn wanted(self, at: Timestamp) -> Option<Timestamp> {
        (at.saturating_add_ms(NEAR_MS) > self.limit).then(|| at.saturating_add_ms(WINDOW_MS))
    }
}

/// The latest timestamp that a reader may name: what a ceiling could be by then, were the clock right. Without
/// such a bound readers could drive the clock on and on.
pub fn latest_readable(reading: Timestamp, wall: Timestamp) -> Timestamp {
    reading.max(wall.saturating_add_ms(WINDOW_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[test]
    fn it_is_renewed_before_it_is_reached() {
        let mut ceiling = Ceiling::default();
        assert!(ceiling.enter(Term::new(1), ms(0)));
        assert_eq!(ceiling.wanted(ms(1_000)), Some(ms(11_000)));
        assert!(ceiling.committed(Term::new(1), ms(11_000)));
        assert_eq!(ceiling.wanted(ms(6_000)), None);
        assert_eq!(ceiling.wanted(ms(6_001)), Some(ms(16_001)));
    }

    #[test]
    fn what_another_term_committed_is_inherited_and_not_used() {
        let mut ceiling = Ceiling::default();
        ceiling.enter(Term::new(2), ms(70));
        assert!(!ceiling.enter(Term::new(2), ms(90)) && !ceiling.enter(Term::new(1), ms(90)));
        assert!(!ceiling.committed(Term::new(1), ms(90)));
        assert_eq!(ceiling.limit(), ms(70));
        assert!(!ceiling.committed(Term::new(2), ms(60)), "it never falls");
        assert!(ceiling.enter(Term::new(3), ms(80)));
        assert_eq!((ceiling.term(), ceiling.limit()), (Term::new(3), ms(80)));
    }
}
