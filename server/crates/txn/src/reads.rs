//! Reading: at which timestamp, from which view.
//!
//! A linearizable read needs three things of its leader: a timestamp that it may promise, the end of whatever
//! is stamped at or below it, and, begun after that, a confirmation that it leads. The confirmation names a
//! term. Should it be another than the one in which the timestamp was found, this node was deposed meanwhile
//! and leads again; what the leader between acknowledged may lie above the timestamp, and all is done once more.
//!
//! A read of the newest versions promises nothing to later ones and waits for no write. Its timestamp is the
//! time it is, so that lives end on time. Should the ceiling stand in the way, as it does on a full disk, time
//! stands still for it at the ceiling: it is answered nevertheless.

use elastickv_consensus::{GroupHandle, LeaderState, ReadError, ReadView};
use elastickv_fsm::{First, Generation, UnixMillis};
use elastickv_mvcc::{RowError, Rows};
use elastickv_types::{LogIndex, RequestId, Term, Timestamp};

use crate::ceiling::latest_readable;
use crate::limits::LimitError;
use crate::proposer::Proposer;
use crate::rules::Rules;
use crate::time::GroupTime;

/// How fresh a read must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    Linearizable,
    Stale,
}

/// Which version a read sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadAt {
    Newest,
    Timestamp(Timestamp),
}

#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Rows(#[from] RowError),
    /// A later write could come below it.
    #[error("timestamp {asked} lies ahead of {now}")]
    InFuture { asked: Timestamp, now: Timestamp },
    /// Whoever asked does not go on from tokens, and would take a part for the whole.
    #[error("what was asked for does not fit into one answer, which would end behind {pairs} pairs")]
    ScanTooLarge { pairs: usize },
}

/// What may be read from now on.
#[derive(Debug)]
pub struct Moment {
    group: GroupHandle,
    at: Chosen,
}

#[derive(Clone, Copy, Debug)]
enum Chosen {
    At(Timestamp),
    /// A reading of the clock, or whatever any leader can have promised below it.
    WithinCeiling(Timestamp),
}

impl Moment {
    /// Opens the store for it. That waits while a batch is written.
    pub fn open(self) -> Result<Read, ReadFailure> {
        let view = self.group.view()?;
        let at = match self.at {
            Chosen::At(at) => at,
            Chosen::WithinCeiling(reading) => {
                let state = &view.applied.state;
                state.last_commit_ts.max(reading.min(state.ceiling))
            }
        };
        Ok(Read { at, view })
    }

    fn open_in_place(self) -> Result<Read, ReadFailure> {
        elastickv_sys::task::in_place(|| self.open())
    }
}

/// A view, and the timestamp at which it is read.
#[derive(Debug)]
pub struct Read {
    pub at: Timestamp,
    view: ReadView,
}

impl Read {
    pub fn rows(&self) -> Rows<'_> {
        let ReadView { view, rows, sealer, applied, .. } = &self.view;
        Rows { view: &**view, keyspace: rows, sealer: &**sealer, oldest: applied.state.oldest }
    }

    pub fn index(&self) -> LogIndex {
        self.view.applied.last.map_or(LogIndex::default(), |id| id.index)
    }

    /// Which of the group's keyspaces the rows lie in.
    pub fn generation(&self) -> Generation {
        self.view.applied.generation
    }

    pub fn last_commit_ts(&self) -> Timestamp {
        self.view.applied.state.last_commit_ts
    }

    /// The time of the last request that was forgotten.
    pub fn horizon(&self) -> Option<UnixMillis> {
        self.view.applied.state.horizon
    }

    pub fn oldest(&self) -> Timestamp {
        self.view.applied.state.oldest
    }
}

#[derive(Clone, Debug)]
pub struct Reads {
    group: GroupHandle,
    time: GroupTime,
    proposer: Proposer,
    rules: Rules,
}

impl Reads {
    pub fn new(group: GroupHandle, time: GroupTime, proposer: Proposer, rules: Rules) -> Self {
        Self { group, time, proposer, rules }
    }

    /// One read of the newest versions, or of those of a timestamp.
    pub async fn one(&self, at: ReadAt, consistency: Consistency) -> Result<Read, ReadFailure> {
        self.moment_of_one(at, consistency).await?.open_in_place()
    }

    /// The moment of such a read.
    pub async fn moment_of_one(&self, at: ReadAt, consistency: Consistency) -> Result<Moment, ReadFailure> {
        let chosen = match (self.binding(consistency), at) {
            (Consistency::Stale, at) => self.stale(at),
            (Consistency::Linearizable, ReadAt::Newest) => self.newest().await?,
            (Consistency::Linearizable, at) => self.repeatable(at).await?,
        };
        Ok(self.moment(chosen))
    }

    /// A read that can be repeated at its timestamp, and shows the same then.
    pub async fn first_of_many(&self, at: ReadAt, consistency: Consistency) -> Result<Read, ReadFailure> {
        let chosen = match self.binding(consistency) {
            Consistency::Stale => self.stale(at),
            Consistency::Linearizable => self.repeatable(at).await?,
        };
        self.moment(chosen).open_in_place()
    }

    fn moment(&self, at: Chosen) -> Moment {
        Moment { group: self.group.clone(), at }
    }

    /// What a request came to, as far as a read shows.
    pub fn first_of(&self, read: &Read, request: &RequestId) -> Result<Option<First>, ReadFailure> {
        let found = self.group.first_of(&read.view, request);
        found.map_err(|error| ReadError::Stopped(error.to_string()).into())
    }

    /// A timestamp to read at, repeatedly.
    pub async fn begin(&self, at: ReadAt) -> Result<Timestamp, ReadFailure> {
        if !self.rules.fresh_reads {
            return Ok(self.moment(self.stale(at)).open_in_place()?.at);
        }
        loop {
            if let Some((term, at)) = self.promise(at).await?
                && self.group.confirm_leadership().await?.term == term
            {
                return self.retained(at);
            }
        }
    }

    fn binding(&self, consistency: Consistency) -> Consistency {
        if self.rules.fresh_reads { consistency } else { Consistency::Stale }
    }

    fn retained(&self, at: Timestamp) -> Result<Timestamp, ReadFailure> {
        let oldest = self.group.times().oldest;
        match at < oldest {
            true => Err(RowError::ReadTimestampCompacted { asked: at, oldest }.into()),
            false => Ok(at),
        }
    }

    /// What this node has applied, whatever that is.
    fn stale(&self, at: ReadAt) -> Chosen {
        match at {
            ReadAt::Newest => Chosen::WithinCeiling(self.time.clock().reading()),
            ReadAt::Timestamp(at) => Chosen::At(at),
        }
    }

    async fn newest(&self) -> Result<Chosen, ReadFailure> {
        loop {
            let term = self.lead().await?;
            let reading = self.time.clock().reading();
            let covered = self.is_covered(reading).await;
            if self.group.applied_all_acknowledged().await? == term {
                return Ok(if covered { Chosen::At(reading) } else { Chosen::WithinCeiling(reading) });
            }
        }
    }

    async fn repeatable(&self, at: ReadAt) -> Result<Chosen, ReadFailure> {
        loop {
            let Some((term, at)) = self.promise(at).await? else { continue };
            if self.group.applied_all_acknowledged().await? == term {
                return Ok(Chosen::At(at));
            }
        }
    }

    /// Sees to it that no write of this leader, or of a later one, comes at or below a timestamp any more.
    /// `None` where that was tried in a term that is over.
    async fn promise(&self, at: ReadAt) -> Result<Option<(Term, Timestamp)>, ReadFailure> {
        let term = self.lead().await?;
        let clock = self.time.clock();
        let now = clock.reading();
        let asked = match at {
            ReadAt::Newest => now,
            ReadAt::Timestamp(asked) => asked,
        };
        if clock.has_ceiling() && asked > latest_readable(now, clock.wall()) {
            return Err(ReadFailure::InFuture { asked, now });
        }
        let at = match (self.is_covered(asked).await, at) {
            (true, _) => asked,
            // All that was acknowledged lies below the ceiling, and nothing is promised anew.
            (false, ReadAt::Newest) => self.time.ceiling().limit(),
            (false, ReadAt::Timestamp(_)) => return self.not_promised(term, asked).await,
        };
        self.time.settle(at).await;
        Ok(Some((term, at)))
    }

    /// The ceiling could not be taken so far: as this node does not lead, or for want of room.
    async fn not_promised(
        &self,
        term: Term,
        asked: Timestamp,
    ) -> Result<Option<(Term, Timestamp)>, ReadFailure> {
        match self.group.confirm_leadership().await?.term == term {
            true => Err(ReadFailure::InFuture { asked, now: self.time.ceiling().limit() }),
            false => Ok(None),
        }
    }

    /// The term in which this node leads, once that was entered.
    pub async fn lead(&self) -> Result<Term, ReadError> {
        let entered = self.time.ceiling().term();
        if self.group.leading_term() == Some(entered) {
            return Ok(entered);
        }
        match self.group.settled_leader().await {
            LeaderState::Settled(term) => {
                self.time.enter(term, self.group.times().promised());
                Ok(term)
            }
            LeaderState::NoQuorum => Err(ReadError::NoQuorum),
            LeaderState::Elsewhere(leader) => Err(ReadError::NotLeader { leader }),
            LeaderState::Stopped(text) => Err(ReadError::Stopped(text)),
        }
    }

    /// Whether the ceiling is above a timestamp; if it is not, it is taken there. That comes to nothing while
    /// the disk is full.
    pub async fn is_covered(&self, at: Timestamp) -> bool {
        let ceiling = self.time.ceiling();
        if at <= ceiling.limit() {
            if ceiling.wanted(at).is_some() {
                self.proposer.renew_early(at);
            }
            return true;
        }
        tokio::select! {
            biased;
            renewed = self.proposer.renew(at) => renewed.is_ok(),
            () = self.group.until_waiting() => false,
        }
    }
}
