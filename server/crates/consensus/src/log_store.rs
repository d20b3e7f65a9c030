//! Our log behind the library's trait.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::time::Duration;

use elastickv_log::{Done, Log, LogError};
use elastickv_types::LogIndex;
use futures_util::{Stream, stream};
use openraft::storage::{IOFlushed, LogState, RaftLogReader, RaftLogStorage};
use tokio::sync::{oneshot, watch};

use crate::convert::{self, RaftEntry, RaftLogId, RaftVote, Types};
use crate::entry;

/// Bytes of payload read at a time.
const READ_BYTES: usize = 4 << 20;
const ROOM_PAUSE: Duration = Duration::from_millis(50);

/// The index up to which the log is on this node's disk; the next one is not.
pub type Durable = watch::Receiver<LogIndex>;

#[derive(Clone, Debug)]
pub struct LogStore {
    log: Log,
    /// One above the last entry on the disk, so that an empty log is zero.
    durable_end: watch::Sender<LogIndex>,
}

impl LogStore {
    pub fn new(log: Log) -> Self {
        let (durable_end, _) = watch::channel(end_of(&log));
        Self { log, durable_end }
    }

    pub fn durable_end(&self) -> Durable {
        self.durable_end.subscribe()
    }

    fn read(&self, from: LogIndex, to: LogIndex) -> io::Result<Vec<RaftEntry>> {
        let entries = self.log.read(from, to, READ_BYTES).map_err(io::Error::other)?;
        entries.into_iter().map(entry::decode).collect()
    }

    /// Waits for something that the log's writer does, and tells whether there was room for it.
    async fn done(&self, ask: impl FnOnce(Done)) -> io::Result<bool> {
        let (tx, rx) = oneshot::channel();
        ask(Box::new(move |result| drop(tx.send(result))));
        match rx.await.map_err(|_| io::Error::other(LogError::Closed))? {
            Ok(()) => Ok(true),
            Err(full) if full.is_full() => Ok(false),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

fn end_of(log: &Log) -> LogIndex {
    log.last_id().map_or(LogIndex::default(), |id| id.index.next())
}

fn bounds(range: &impl RangeBounds<u64>) -> (LogIndex, LogIndex) {
    let from = match range.start_bound() {
        Bound::Included(index) => *index,
        Bound::Excluded(index) => index + 1,
        Bound::Unbounded => 0,
    };
    let to = match range.end_bound() {
        Bound::Included(index) => index.saturating_add(1),
        Bound::Excluded(index) => *index,
        Bound::Unbounded => u64::MAX,
    };
    (LogIndex::new(from), LogIndex::new(to))
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<R>(&mut self, range: R) -> io::Result<Vec<RaftEntry>>
    where
        R: RangeBounds<u64> + Clone + Debug + Send,
    {
        let (mut from, to) = bounds(&range);
        let mut all = Vec::new();
        loop {
            let part = self.read(from, to)?;
            let Some(last) = part.last() else { return Ok(all) };
            from = LogIndex::new(last.log_id.index + 1);
            all.extend(part);
        }
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> io::Result<Vec<RaftEntry>> {
        self.read(LogIndex::new(start), LogIndex::new(end))
    }

    /// Reads ahead of the state machine by one part, however long the range is.
    async fn entries_stream<R>(&mut self, range: R) -> impl Stream<Item = io::Result<RaftEntry>> + Send
    where
        R: RangeBounds<u64> + Clone + Debug + Send,
    {
        let (from, to) = bounds(&range);
        let state = (self.clone(), from, to, Vec::new().into_iter());
        stream::unfold(state, |(store, mut from, to, mut part)| async move {
            let next = match part.next() {
                Some(entry) => Ok(entry),
                None => match store.read(from, to) {
                    Ok(more) => {
                        part = more.into_iter();
                        Ok(part.next()?)
                    }
                    Err(error) => Err(error),
                },
            };
            // An error is the last item.
            from = next.as_ref().map_or(to, |entry| LogIndex::new(entry.log_id.index + 1));
            Some((next, (store, from, to, part)))
        })
    }

    async fn read_vote(&mut self) -> io::Result<Option<RaftVote>> {
        Ok(self.log.vote().map(convert::raft_vote))
    }
}

impl RaftLogStorage<Types> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> io::Result<LogState<Types>> {
        Ok(LogState {
            last_purged_log_id: self.log.purged().map(convert::raft_log_id),
            last_log_id: self.log.last_id().map(convert::raft_log_id),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    /// Waits for room if need be: a vote that was not saved must not be given, nor may the group stop for it.
    async fn save_vote(&mut self, vote: &RaftVote) -> io::Result<()> {
        let vote = convert::vote(vote);
        while !self.done(|done| self.log.save_vote(vote, done)).await? {
            tokio::time::sleep(ROOM_PAUSE).await;
        }
        Ok(())
    }

    async fn save_committed(&mut self, committed: Option<RaftLogId>) -> io::Result<()> {
        self.log.save_committed(committed.as_ref().map(convert::log_id));
        Ok(())
    }

    async fn read_committed(&mut self) -> io::Result<Option<RaftLogId>> {
        Ok(self.log.committed().map(convert::raft_log_id))
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<Types>) -> io::Result<()>
    where
        I: IntoIterator<Item = RaftEntry> + Send,
        I::IntoIter: Send,
    {
        let entries: Vec<_> = entries
            .into_iter()
            .map(|entry| elastickv_log::Entry::new(convert::log_id(&entry.log_id), entry::encode(&entry)))
            .collect();
        let Some(last) = entries.last().map(|entry| entry.id.index) else {
            callback.io_completed(Ok(()));
            return Ok(());
        };
        let durable_end = self.durable_end.clone();
        let done: Done = Box::new(move |result| {
            if result.is_ok() {
                durable_end.send_replace(last.next());
            }
            callback.io_completed(result.map_err(io::Error::other));
        });
        self.log.append(entries, done).map_err(io::Error::other)
    }

    async fn truncate_after(&mut self, last_kept: Option<RaftLogId>) -> io::Result<()> {
        let last_kept = last_kept.map(|id| LogIndex::new(id.index));
        // The log keeps room for it.
        self.done(|done| self.log.truncate_after(last_kept, done)).await?;
        // Callbacks of what was cut off have all run by now.
        self.durable_end.send_replace(end_of(&self.log));
        Ok(())
    }

    async fn purge(&mut self, upto: RaftLogId) -> io::Result<()> {
        let upto = convert::log_id(&upto);
        // Without room for it the log makes good for it later.
        self.done(|done| self.log.purge(upto, done)).await?;
        self.durable_end.send_if_modified(|end| {
            let behind = *end <= upto.index;
            if behind {
                *end = upto.index.next();
            }
            behind
        });
        Ok(())
    }
}
