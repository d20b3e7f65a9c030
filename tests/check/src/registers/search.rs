//! The search for an order of one key's calls: Wing and Gong's, with Lowe's memory.
//!
//! A *place* of the search is the set of calls that have taken effect so far, and what the key holds. From a
//! place the search goes on with any call that began before every call still missing had ended. Which calls
//! have taken effect, and not in which order, decides how it can go on, so no place is searched twice.
//!
//! The calls stand in the order in which they began, so the set is a prefix of them and a few beyond it, never
//! more than there were clients. Calls without an end are kept apart, or the prefix would end at the first of
//! them for ever.
//!
//! A get that finds what the key holds is taken at once: it changes nothing, so whatever can come without it
//! can come after it. Only puts and deletes are tried one by one.

use std::collections::HashSet;

use super::prepare::Interval;
use super::{Action, Value};
use crate::Moment;

/// Places looked at before the search of a key is given up: some hundred megabytes.
const BUDGET: usize = 2_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Linearizable,
    Impossible,
    GaveUp,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Place {
    /// All ended calls before this one have taken effect.
    prefix: usize,
    /// Ended calls beyond the prefix that have, ascending.
    beyond: Vec<usize>,
    /// Endless calls that have, ascending.
    endless: Vec<usize>,
    holds: Option<Value>,
}

/// A call that may come next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Ended(usize),
    Endless(usize),
}

/// Where the search came furthest.
#[derive(Debug)]
pub(super) struct Stuck<'i> {
    pub done: usize,
    pub holds: Option<Value>,
    pub next: Vec<&'i Interval>,
}

#[derive(Debug)]
pub(super) struct Search<'i> {
    ended: Vec<(&'i Interval, Moment)>,
    endless: Vec<&'i Interval>,
    seen: HashSet<Place>,
    furthest: Place,
}

impl Place {
    fn done(&self) -> usize {
        self.prefix + self.beyond.len()
    }

    fn take(&mut self, next: Next, action: Action) {
        self.holds = action.leaves();
        match next {
            Next::Endless(at) => insert(&mut self.endless, at),
            Next::Ended(at) => insert(&mut self.beyond, at),
        }
        let whole =
            self.beyond.iter().zip(self.prefix..).take_while(|(at, expected)| *at == expected).count();
        self.beyond.drain(..whole);
        self.prefix += whole;
    }
}

fn insert(sorted: &mut Vec<usize>, new: usize) {
    let at = sorted.partition_point(|&other| other < new);
    sorted.insert(at, new);
}

impl<'i> Search<'i> {
    /// Of intervals in the order in which they began.
    pub fn new(intervals: &'i [Interval]) -> Self {
        let ended = intervals.iter().filter_map(|interval| Some((interval, interval.end?))).collect();
        let endless = intervals.iter().filter(|interval| interval.end.is_none()).collect();
        Self { ended, endless, seen: HashSet::new(), furthest: Place::default() }
    }

    pub fn run(&mut self) -> Verdict {
        let mut untried = vec![Place::default()];
        while let Some(mut place) = untried.pop() {
            self.take_gets(&mut place);
            if place.prefix == self.ended.len() {
                return Verdict::Linearizable;
            }
            if self.seen.len() >= BUDGET {
                return Verdict::GaveUp;
            }
            if !self.seen.insert(place.clone()) {
                continue;
            }
            if place.done() > self.furthest.done() {
                self.furthest = place.clone();
            }
            // The call that began first is tried first: it is on top of the stack.
            for next in self.next(&place).into_iter().rev() {
                let Some(interval) = self.interval(next).filter(|interval| !interval.action.is_get()) else {
                    continue;
                };
                let mut then = place.clone();
                then.take(next, interval.action);
                untried.push(then);
            }
        }
        Verdict::Impossible
    }

    fn take_gets(&self, place: &mut Place) {
        loop {
            let mut gets = self.next(place).into_iter().filter_map(|next| {
                let action = self.interval(next)?.action;
                (action == Action::Get(place.holds)).then_some((next, action))
            });
            let Some((next, action)) = gets.next() else { return };
            drop(gets);
            place.take(next, action);
        }
    }

    fn interval(&self, next: Next) -> Option<&'i Interval> {
        match next {
            Next::Ended(at) => self.ended.get(at).map(|(interval, _)| *interval),
            Next::Endless(at) => self.endless.get(at).copied(),
        }
    }

    /// The calls that began before any call still missing had ended; endless ones last.
    fn next(&self, place: &Place) -> Vec<Next> {
        let mut before = Moment(u64::MAX);
        let mut found = Vec::new();
        for (at, (interval, end)) in self.ended.iter().enumerate().skip(place.prefix) {
            if interval.call.begun > before {
                break;
            }
            if place.beyond.binary_search(&at).is_err() {
                before = before.min(*end);
                found.push((at, interval.call.begun));
            }
        }
        let in_time = found.into_iter().filter(|(_, begun)| *begun <= before);
        let endless = self.endless.iter().enumerate().filter(|(at, interval)| {
            interval.call.begun <= before && place.endless.binary_search(at).is_err()
        });
        in_time.map(|(at, _)| Next::Ended(at)).chain(endless.map(|(at, _)| Next::Endless(at))).collect()
    }

    /// How many calls must have an order.
    pub fn calls(&self) -> usize {
        self.ended.len()
    }

    pub fn furthest(&self) -> Stuck<'i> {
        let next = self.next(&self.furthest).into_iter().filter_map(|next| self.interval(next)).collect();
        Stuck { done: self.furthest.done(), holds: self.furthest.holds, next }
    }
}
