//! How many connections there are at once.
//!
//! Each takes a descriptor, and so do the files of the store and the lines to other members: whoever may connect must
//! not be able to use them all up. Whoever has shown no certificate comes with a token or with nothing, which is not known
//! before a call; they share a part of the room, so that members and clients with certificates always find some. Nobody has
//! a place before the handshake is over: those that are at it are counted apart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Handshakes of one listener at once.
const HANDSHAKES: usize = 512;
/// How often to speak of what is turned away.
const SAY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Room {
    all: Arc<Semaphore>,
    without_certificate: Arc<Semaphore>,
    handshakes: usize,
    clock: SharedClock,
    /// By what stood in the way.
    turned_away: Mutex<BTreeMap<String, Lines>>,
}

/// A connection's place; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _without_certificate: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// So many, and at most half of the files that may be open.
    pub fn new(wanted: usize, open_files: Option<u64>, clock: SharedClock) -> Self {
        let files = open_files.and_then(|files| usize::try_from(files / 2).ok()).unwrap_or(usize::MAX);
        let all = wanted.min(files).min(Semaphore::MAX_PERMITS);
        if all < wanted {
            tracing::warn!(wanted, all, "fewer connections are taken: the limit on open files is low");
        }
        Self {
            all: Arc::new(Semaphore::new(all)),
            without_certificate: Arc::new(Semaphore::new(all / 2)),
            handshakes: HANDSHAKES.min(files / 4).max(1),
            clock,
            turned_away: Mutex::default(),
        }
    }

    /// How many handshakes of one listener there may be at once.
    pub fn handshakes(&self) -> usize {
        self.handshakes
    }

    /// A place for whoever has connected; nothing when there is none.
    pub fn enter(&self) -> Option<Place> {
        let place = self.all.clone().try_acquire_owned().ok();
        if place.is_none() {
            self.say("all places for connections are taken");
        }
        place.map(|of_all| Place { _of_all: of_all, _without_certificate: None })
    }

    /// A place for whoever has shown no certificate.
    pub fn enter_without_certificate(&self) -> Option<Place> {
        let share = self.without_certificate.clone().try_acquire_owned().ok();
        if share.is_none() {
            self.say("all places for connections without a certificate are taken");
        }
        Some(Place { _without_certificate: Some(share?), ..self.enter()? })
    }

    pub fn say(&self, what: &str) {
        let mut turned_away = self.turned_away.lock();
        let line = turned_away.entry(what.to_owned()).or_default().line(self.clock.now());
        drop(turned_away);
        if let Some(times) = line {
            tracing::warn!(times, "connections are turned away: {what}");
        }
    }
}

/// Says now and then what happens often.
#[derive(Default, Debug)]
struct Lines {
    since: u64,
    said: Option<Moment>,
}

impl Lines {
    /// It has happened again. How often since the last line, if it is time for one.
    fn line(&mut self, now: Moment) -> Option<u64> {
        self.since += 1;
        if self.said.is_some_and(|said| now.since(said) < SAY) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.since))
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::clock::SystemClock;

    use super::*;

    #[test]
    fn whoever_shows_a_certificate_finds_a_place_when_strangers_have_theirs() {
        let room = Room::new(10, Some(12), SystemClock::shared());
        let strangers: Vec<_> = (0..3).map(|_| room.enter_without_certificate().unwrap()).collect();
        assert!(room.enter_without_certificate().is_none());
        let known: Vec<_> = (0..3).map(|_| room.enter().unwrap()).collect();
        assert!(room.enter().is_none(), "half of the files are taken");
        assert_eq!(room.handshakes(), 1);
        drop(strangers);
        assert!(room.enter_without_certificate().is_some());
        drop(known);
    }

    #[test]
    fn what_happens_often_is_said_now_and_then() {
        let clock = SystemClock::shared();
        let mut lines = Lines::default();
        assert_eq!(lines.line(clock.now()), Some(1));
        assert_eq!(lines.line(clock.now()), None);
        assert_eq!(lines.line(clock.now().after(SAY)), Some(2));
    }
}
