//! The writes that wait to become a part of an entry.

use std::collections::VecDeque;
use std::sync::Arc;

use elastickv_fsm::{Mutations, ReadSet};
use elastickv_sys::clock::Moment;
use elastickv_types::RequestId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::write::{WriteDone, WriteError};

/// Writes that wait or are under way at most, and what they hold in memory; more are refused.
pub const MOST_WRITES: usize = 8192;
const MOST_BYTES: usize = 128 << 20;
const ENTRY_WRITES: usize = 1024;
const ENTRY_BYTES: usize = 1 << 20;
/// What a write takes in an entry beside what it lists, at most.
pub const WRITE_BYTES: usize = 128;

pub type Answer = oneshot::Sender<Result<WriteDone, WriteError>>;

/// A write, and who waits for it.
pub struct Waiting {
    pub request_id: Option<RequestId>,
    pub reads: Option<ReadSet>,
    pub mutations: Mutations,
    pub answer: Answer,
    pub attempts: u8,
    pub since: Moment,
    pub _place: Place,
}

impl Waiting {
    pub fn bytes(&self) -> usize {
        list_bytes(self.reads.as_ref(), &self.mutations)
    }

    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    pub fn answer(self, result: Result<WriteDone, WriteError>) {
        // A caller that gave up does not listen any more.
        drop(self.answer.send(result));
    }

    pub fn fail(self, error: WriteError) {
        self.answer(Err(error));
    }
}

/// What a write lists, as it is encoded.
pub fn list_bytes(reads: Option<&ReadSet>, mutations: &Mutations) -> usize {
    reads.map_or(0, ReadSet::encoded_len) + mutations.encoded_len()
}

/// A write's share of the room for writes, given back when nothing holds the write any more.
#[derive(Debug)]
pub struct Place {
    _one: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
pub struct Room {
    writes: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Room {
    pub fn new() -> Self {
        Self { writes: Arc::new(Semaphore::new(MOST_WRITES)), bytes: Arc::new(Semaphore::new(MOST_BYTES)) }
    }

    pub fn take(&self, bytes: usize) -> Option<Place> {
        let bytes = u32::try_from(bytes + WRITE_BYTES).ok()?;
        Some(Place {
            _one: self.writes.clone().try_acquire_owned().ok()?,
            _bytes: self.bytes.clone().try_acquire_many_owned(bytes).ok()?,
        })
    }

    pub fn taken(&self) -> usize {
        MOST_WRITES - self.writes.available_permits()
    }
}

/// In order.
pub struct Backlog {
    queue: mpsc::UnboundedReceiver<Waiting>,
    /// Taken from the queue to be looked at.
    held: VecDeque<Waiting>,
}

impl Backlog {
    pub fn new(queue: mpsc::UnboundedReceiver<Waiting>) -> Self {
        Self { queue, held: VecDeque::new() }
    }

    /// Returns whether there is a write, once there is one; `false` when there will be none any more. Nothing
    /// is lost where nobody waits to the end.
    pub async fn wait(&mut self) -> bool {
        if self.held.is_empty() {
            self.held.extend(self.queue.recv().await);
        }
        !self.held.is_empty()
    }

    /// The next entry's writes. What its caller gave up before it was proposed is not proposed.
    pub fn gather(&mut self) -> Vec<Waiting> {
        let mut bytes = 0;
        let mut gathered = Vec::new();
        while gathered.len() < ENTRY_WRITES && bytes < ENTRY_BYTES {
            let Some(next) = self.held.pop_front().or_else(|| self.queue.try_recv().ok()) else { break };
            if !next.is_given_up() {
                bytes += next.bytes();
                gathered.push(next);
            }
        }
        gathered
    }

    pub fn sweep(&mut self) {
        while let Ok(next) = self.queue.try_recv() {
            self.held.push_back(next);
        }
        self.held.retain(|waiting| !waiting.is_given_up());
    }

    pub fn fail_all(&mut self, error: &WriteError) {
        self.sweep();
        self.held.drain(..).for_each(|waiting| waiting.fail(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::stages::Stopwatch;

    use super::*;

    #[test]
    fn the_room_for_writes_is_bounded_in_number_and_in_bytes_and_given_back() {
        let room = Room::new();
        let large: Vec<_> = std::iter::from_fn(|| room.take(16 << 20)).collect();
        assert_eq!(large.len(), 7, "an eighth would be beyond the bytes");
        assert!(room.take(1).is_some(), "a small one still fits");
        drop(large);
        let small: Vec<_> = std::iter::from_fn(|| room.take(0)).collect();
        assert_eq!((small.len(), room.taken()), (MOST_WRITES, MOST_WRITES));
        drop(small);
        assert_eq!(room.taken(), 0);
    }

    #[test]
    fn writes_that_were_given_up_are_let_go_and_never_proposed() {
        let room = Room::new();
        let (sender, queue) = mpsc::unbounded_channel();
        let mut backlog = Backlog::new(queue);
        let send = |request: u8| {
            let (answer, answered) = oneshot::channel();
            let request_id = Some(RequestId::from_bytes([request; 16]));
            let (since, mutations) = (Stopwatch::unwatched().now(), Mutations::default());
            let _place = room.take(100).expect("there is room");
            let waiting = Waiting { request_id, reads: None, mutations, answer, attempts: 0, since, _place };
            assert!(sender.send(waiting).is_ok());
            answered
        };
        let (_kept, given_up) = (send(1), send(2));
        drop(given_up);
        backlog.sweep();
        assert_eq!(room.taken(), 1);
        drop(send(3));
        let gathered = backlog.gather();
        let ids: Vec<_> = gathered.iter().map(|write| write.request_id).collect();
        assert_eq!(ids, [Some(RequestId::from_bytes([1; 16]))]);
    }
}
