//! The time of one group on one node: the clock, the ceiling, and the stamps whose writes are under way.
//!
//! Whoever leads draws stamps and promises readers that no write will come at or below theirs. That takes three
//! rules, which are kept here in one critical section each:
//!
//! 1. In a new term the clock is first raised above the inherited ceiling ([`GroupTime::enter`]).
//! 2. A reader at T raises the clock to T, and then waits for stamps at or below T whose writes are not decided
//!    yet ([`GroupTime::settle`]). A stamp is drawn and noted as under way in one step, so it is above T or seen.
//! 3. Stamps are given out up to the ceiling that this leader has seen committed. A batch of writes may go
//!    beyond, as it carries the next ceiling itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use elastickv_types::{Term, Timestamp};
use tokio::sync::watch;

use crate::ceiling::Ceiling;
use crate::clock::{HybridClock, Stamps};

#[derive(Clone, Debug)]
pub struct GroupTime {
    clock: HybridClock,
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Default)]
struct State {
    ceiling: Ceiling,
    /// The first stamp of each batch that is not decided yet.
    under_way: BTreeSet<Timestamp>,
}

/// This node leads in another term by now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OtherTerm;

/// Stamps for the writes of a batch, under way until this is dropped.
#[derive(Debug)]
pub struct Stamped {
    pub stamps: Stamps,
    /// To be carried by the batch.
    pub ceiling: Option<Timestamp>,
    term: Term,
    time: GroupTime,
}

impl GroupTime {
    pub fn new(clock: HybridClock) -> Self {
        Self { clock, state: Arc::new(watch::Sender::new(State::default())) }
    }

    pub fn clock(&self) -> &HybridClock {
        &self.clock
    }

    /// The term that was entered last, and the ceiling in it.
    pub fn ceiling(&self) -> Ceiling {
        self.state.borrow().ceiling
    }

    /// Begins a term. `inherited` is the highest timestamp that earlier leaders can have promised; all that they
    /// committed is applied here.
    pub fn enter(&self, term: Term, inherited: Timestamp) {
        let inherited = if self.clock.has_ceiling() { inherited } else { Timestamp::MAX };
        self.state.send_if_modified(|state| {
            let enters = state.ceiling.enter(term, inherited);
            if enters {
                self.clock.raise(inherited);
            }
            enters
        });
    }

    /// Draws stamps for a batch. `None` when there are none left.
    pub fn stamp(&self, term: Term, count: u64) -> Result<Option<Stamped>, OtherTerm> {
        let mut stamped = Err(OtherTerm);
        self.state.send_if_modified(|state| {
            if state.ceiling.term() == term {
                let stamps = self.clock.draw(count, Timestamp::MAX);
                stamped = Ok(stamps.map(|stamps| {
                    state.under_way.insert(stamps.first);
                    let ceiling = state.ceiling.wanted(stamps.last);
                    Stamped { stamps, ceiling, term, time: self.clone() }
                }));
            }
            false
        });
        stamped
    }

    /// Draws timestamps to be given out. `None` where they would lie above the ceiling.
    pub fn give(&self, term: Term, count: u64) -> Result<Option<Stamps>, OtherTerm> {
        let state = self.state.borrow();
        match state.ceiling.term() == term {
            true => Ok(self.clock.draw(count, state.ceiling.limit())),
            false => Err(OtherTerm),
        }
    }

    /// Notes that a ceiling this node proposed in a term is committed.
    pub fn committed(&self, term: Term, to: Timestamp) {
        self.state.send_if_modified(|state| state.ceiling.committed(term, to));
    }

    /// Returns once every write at or below a timestamp is decided, and no other one can come.
    pub async fn settle(&self, at: Timestamp) {
        self.clock.raise(at);
        let mut state = self.state.subscribe();
        // The sender is this one's own.
        drop(state.wait_for(|state| state.under_way.first().is_none_or(|first| *first > at)).await);
    }
}

impl Stamped {
    /// The batch is committed, and the ceiling that it carried with it.
    pub fn committed(&self) {
        if let Some(to) = self.ceiling {
            self.time.committed(self.term, to);
        }
    }
}

impl Drop for Stamped {
    fn drop(&mut self) {
        self.time.state.send_if_modified(|state| state.under_way.remove(&self.stamps.first));
    }
}

#[cfg(test)]
mod tests;
