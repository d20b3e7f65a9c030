//! The calls of a client, on one group.

mod locking;

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use bytes::Bytes;
use elastickv_consensus::{GroupHandle, ReadError};
use elastickv_engine::Direction;
use elastickv_fsm::{First, Locked, Mutation, MutationsBuilder, judge_drawn, request_drawn_at};
use elastickv_mvcc::{
    Found, History, KeysLimit, PageLimit, Pins, RowError, ScanRequest, ScanToken, Shown, expiry,
};
use elastickv_sys::task;
use elastickv_types::{LogIndex, RequestId, Timestamp};

use crate::abandoned::Abandoned;
use crate::clock::{HybridClock, Stamps};
use crate::collector::{CollectedSoFar, Collector};
use crate::conditions;
use crate::digest::{self, DigestAt, Digested};
use crate::holds::{HoldId, Holding, Holds};
use crate::limits::{LimitError, Limits};
use crate::lookups::Lookups;
use crate::oldest::Retention;
use crate::proposer::{Admission, Proposer};
use crate::reads::{Consistency, Read, ReadAt, ReadFailure, Reads};
use crate::rules::Rules;
use crate::time::GroupTime;
use crate::write::{Refused, WriteDone, WriteError, WriteRequest};

/// Rows that a page may pass over at most, where its caller goes on from a token.
const VISITED: usize = 10 * PageLimit::VISITED;
/// Conditions that were judged as of now are judged anew after a conflict, this often.
const JUDGED: u8 = 5;

/// What a read found, and as of which entry.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    pub index: LogIndex,
    /// What it was read at.
    pub at: Timestamp,
    pub found: T,
}

#[derive(Clone)]
pub struct Scan {
    pub start: Bytes,
    pub end: Bytes,
    pub at: ReadAt,
    pub way: Direction,
    pub keys_only: bool,
    /// Pairs asked for; none means as many as a page holds.
    pub limit: Option<usize>,
    /// Where an earlier page of the same scan ended; what is newest is then what it was for that page.
    pub token: Option<ScanToken>,
    /// The caller goes on from tokens, so that a page may end early, also before it shows anything. Others would
    /// take that for the end, and are refused what does not fit into one page.
    pub resumes: bool,
    /// Keeps the moment readable for the pages that follow.
    pub hold: Option<HoldId>,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { way, at, limit, token, .. } = self;
        write!(f, "Scan({way:?} {at:?} limit {limit:?} after {token:?})")
    }
}

#[derive(Clone, Debug)]
pub struct ScanPage {
    pub pairs: Vec<Shown>,
    /// More follows in the range, and more was asked for than is shown.
    pub truncated: bool,
    /// Where to go on; none when the range is read to its end.
    pub next: Option<ScanToken>,
    /// What the page was read at; the pages after it are read at the same.
    pub at: Timestamp,
    /// Until when its hold keeps that readable, if it does.
    pub held_until: Option<Timestamp>,
}

/// One page of a range is deleted.
#[derive(Clone, PartialEq, Eq)]
pub struct RangeDeleted {
    pub keys: usize,
    /// The key to go on from; none when nothing is left of the range.
    pub next: Option<Bytes>,
    /// None where there was nothing to delete.
    pub done: Option<WriteDone>,
}

impl std::fmt::Debug for RangeDeleted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RangeDeleted({} keys, more: {}, {:?})", self.keys, self.next.is_some(), self.done)
    }
}

/// What a coordinator is made of.
#[derive(Clone)]
pub struct CoordinatorParts {
    pub group: GroupHandle,
    pub clock: HybridClock,
    pub limits: Limits,
    pub admission: Admission,
    /// How far back versions can be read.
    pub retention: Duration,
    /// Rows a second that are looked at to collect old versions; none collects none.
    pub gc_rate: Option<NonZeroU32>,
    pub lookups: Lookups,
    pub rules: Rules,
}

impl std::fmt::Debug for CoordinatorParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CoordinatorParts({:?}, retention {:?})", self.group, self.retention)
    }
}

#[derive(Clone)]
pub struct Coordinator {
    group: GroupHandle,
    time: GroupTime,
    proposer: Proposer,
    reads: Reads,
    lookups: Lookups,
    limits: Limits,
    admission: Admission,
    pins: Pins,
    holds: Holds,
    collector: Collector,
    _abandoned: Abandoned,
}

impl std::fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Coordinator({:?}, {:?})", self.group, self.proposer)
    }
}

impl Coordinator {
    pub fn start(parts: CoordinatorParts) -> Self {
        let CoordinatorParts { group, clock, limits, admission, retention, gc_rate, lookups, rules } = parts;
        let time = GroupTime::new(clock);
        let pins = Pins::new(group.times().oldest);
        let holds = Holds::new(pins.clone(), time.clock().clone(), retention);
        let proposer = Proposer::start(
            group.clone(),
            time.clone(),
            admission.clone(),
            Retention::new(retention),
            pins.clone(),
            holds.clone(),
        );
        let reads = Reads::new(group.clone(), time.clone(), proposer.clone(), rules);
        let collector = Collector::start(group.clone(), pins.clone(), gc_rate);
        let _abandoned = Abandoned::start(group.clone(), time.clock().clone(), proposer.clone());
        Self { group, time, proposer, reads, lookups, limits, admission, pins, holds, collector, _abandoned }
    }

    pub fn group(&self) -> &GroupHandle {
        &self.group
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn clock(&self) -> &HybridClock {
        self.time.clock()
    }

    /// Writes that wait to be proposed.
    pub fn waiting(&self) -> usize {
        self.proposer.waiting()
    }

    /// What this node collected of old versions since the start.
    pub fn collected(&self) -> CollectedSoFar {
        self.collector.so_far()
    }

    /// How much transactions have locked.
    pub fn locked(&self) -> Locked {
        self.group.locked()
    }

    /// Moments that are held here.
    pub fn holding(&self) -> Holding {
        self.holds.holding()
    }

    /// Whether a write would be taken now.
    pub fn admits(&self) -> Result<(), Refused> {
        (self.admission)()
    }

    pub fn check(&self, request: &WriteRequest) -> Result<(), LimitError> {
        self.limits.check_request(request)
    }

    /// When a value is over that is written now and lives that long.
    pub fn expire_at(&self, ttl: Duration) -> u64 {
        expiry::expire_at(self.time.clock().reading(), ttl)
    }

    // --- reading

    /// A snapshot: every later read at the timestamp sees the same, on every replica that has come so far,
    /// until the timestamp is older than the oldest that can be read.
    pub async fn begin(&self, at: ReadAt) -> Result<Timestamp, ReadFailure> {
        self.reads.begin(at).await
    }

    pub async fn get(
        &self,
        key: Bytes,
        at: ReadAt,
        consistency: Consistency,
    ) -> Result<Reading<Option<Found>>, ReadFailure> {
        self.limits.check_key(&key)?;
        self.look_up(at, consistency, move |read| read.rows().get(&key, read.at)).await
    }

    /// Several keys at one timestamp, in the order in which they are asked for: the first of them, one at least and
    /// as many as a page holds.
    pub async fn get_many(
        &self,
        keys: &[Bytes],
        at: ReadAt,
        consistency: Consistency,
    ) -> Result<Reading<Vec<Option<Found>>>, ReadFailure> {
        self.limits.check_keys(keys)?;
        let (keys, page_bytes) = (keys.to_vec(), self.limits.page_bytes);
        let first_of_them = move |read: &Read| {
            let (mut found, mut bytes) = (Vec::with_capacity(keys.len()), 0);
            for key in &keys {
                let one = read.rows().get(key, read.at)?;
                bytes += one.as_ref().map_or(0, |one| one.value.len());
                if bytes > page_bytes && !found.is_empty() {
                    break;
                }
                found.push(one);
            }
            Ok(found)
        };
        self.look_up(at, consistency, first_of_them).await
    }

    async fn look_up<T: Send + 'static>(
        &self,
        at: ReadAt,
        consistency: Consistency,
        look: impl FnOnce(&Read) -> Result<T, RowError> + Send + 'static,
    ) -> Result<Reading<T>, ReadFailure> {
        let moment = self.reads.moment_of_one(at, consistency).await?;
        let looked = self.lookups.run(move || in_rows(moment.open()?, look)).await;
        looked.ok_or_else(|| ReadError::Stopped("looking rows up panicked".to_owned()))?
    }

    pub async fn scan(&self, scan: Scan, consistency: Consistency) -> Result<Reading<ScanPage>, ReadFailure> {
        let read = self.reads.first_of_many(scan.first_page_at(), consistency).await?;
        let asked = scan.limit.unwrap_or(usize::MAX);
        let pairs = NonZeroUsize::new(asked.min(self.limits.page_pairs));
        let limit = pairs.map(|pairs| PageLimit { pairs, bytes: self.limits.page_bytes, visited: VISITED });
        let mut reading = task::in_place(|| in_rows(read, |read| scan.page(read, asked, limit)))?;
        let page = &mut reading.found;
        if page.truncated && !scan.resumes {
            return Err(ReadFailure::ScanTooLarge { pairs: page.pairs.len() });
        }
        if let Some(hold) = scan.hold
            && consistency == Consistency::Linearizable
        {
            match page.next {
                Some(_) => page.held_until = self.holds.keep(hold, page.at),
                None => self.holds.release(hold),
            }
        }
        Ok(reading)
    }

    /// The versions of a key from a timestamp back, newest first.
    pub async fn history(
        &self,
        key: &[u8],
        from: ReadAt,
        limit: Option<usize>,
        consistency: Consistency,
    ) -> Result<Reading<History>, ReadFailure> {
        self.limits.check_key(key)?;
        let read = self.reads.one(from, consistency).await?;
        let pairs = limit.unwrap_or(usize::MAX).min(self.limits.page_pairs);
        let pairs = NonZeroUsize::new(pairs).unwrap_or(NonZeroUsize::MIN);
        let limit = PageLimit { pairs, bytes: self.limits.page_bytes, visited: VISITED };
        task::in_place(|| in_rows(read, |read| read.rows().history(key, read.at, limit)))
    }

    /// Timestamps above every one that was given out, or written at, before the call; no later one is at or
    /// below them.
    pub async fn stamps(&self, count: NonZeroU32) -> Result<Stamps, ReadFailure> {
        self.limits.check_stamps(count)?;
        let count = u64::from(count.get());
        loop {
            let term = self.reads.lead().await?;
            let Ok(given) = self.time.give(term, count) else { continue };
            let Some(given) = given else {
                let needed = self.time.clock().reading().checked_add(count).unwrap_or(Timestamp::MAX);
                if self.reads.is_covered(needed).await {
                    continue;
                }
                self.group.confirm_leadership().await?;
                return Err(ReadFailure::InFuture { asked: needed, now: self.time.ceiling().limit() });
            };
            // Confirmed after drawing: no later leader had given out any when these were drawn.
            if self.group.confirm_leadership().await?.term == term {
                return Ok(given);
            }
        }
    }

    /// The digest of what was committed up to a timestamp, read once an index is applied here.
    pub async fn digest(&self, at: Option<DigestAt>) -> Result<Digested, ReadFailure> {
        digest::take(&self.group, &self.reads, &self.pins, at).await
    }

    // --- writing

    /// Proposes a write whose limits were checked, and returns once it is applied.
    pub async fn write(&self, request: WriteRequest) -> Result<WriteDone, WriteError> {
        self.admits()?;
        if !request.conditions.is_empty() {
            return self.write_on_conditions(request).await;
        }
        self.proposer.write(request.request_id, request.reads, request.mutations).await
    }

    async fn write_on_conditions(&self, request: WriteRequest) -> Result<WriteDone, WriteError> {
        let WriteRequest { request_id, reads, conditions, mutations } = request;
        let at = reads.as_ref().map_or(ReadAt::Newest, |reads| ReadAt::Timestamp(reads.at()));
        let mut judged = 0;
        loop {
            let read = self.reads.first_of_many(at, Consistency::Linearizable).await?;
            // A write that took effect has changed what its own conditions are judged by.
            if let Some(done) = self.done_before(&read, request_id)? {
                return Ok(done);
            }
            let judge = || conditions::judge(&read.rows(), read.at, &conditions, reads.as_ref());
            let read_set = task::in_place(judge)?;
            judged += 1;
            match self.proposer.write(request_id, Some(read_set), mutations.clone()).await {
                Err(WriteError::Conflict { .. }) if reads.is_none() && judged < JUDGED => {}
                other => return other,
            }
        }
    }

    /// What a request came to before. One of which that can not be told any more is refused.
    fn done_before(&self, read: &Read, request: Option<RequestId>) -> Result<Option<WriteDone>, WriteError> {
        let Some(request) = request else { return Ok(None) };
        if let Some(First { commit_ts, index }) = self.reads.first_of(read, &request)? {
            return Ok(Some(WriteDone { index, commit_ts, repeated: true }));
        }
        let Some(drawn) = request_drawn_at(&request) else { return Ok(None) };
        match judge_drawn(drawn, read.horizon(), self.time.clock().reading()) {
            Ok(()) => Ok(None),
            Err(rejection) => WriteError::of(rejection).map_or(Ok(None), Err),
        }
    }

    /// Deletes the first keys of a range, as many as one write holds.
    pub async fn delete_range(
        &self,
        request_id: Option<RequestId>,
        start: &[u8],
        end: &[u8],
    ) -> Result<RangeDeleted, WriteError> {
        self.admits()?;
        let read = self.reads.one(ReadAt::Newest, Consistency::Linearizable).await?;
        if let Some(done) = self.done_before(&read, request_id)? {
            return Ok(RangeDeleted::before(start, done));
        }
        let keys = NonZeroUsize::new(self.limits.write_mutations).unwrap_or(NonZeroUsize::MIN);
        let limit = KeysLimit { keys, bytes: self.limits.page_bytes, visited: VISITED };
        let page = task::in_place(|| read.rows().deletable(start, end, limit)).map_err(ReadFailure::from)?;
        drop(read);
        if page.keys.is_empty() {
            return Ok(RangeDeleted { keys: 0, next: page.next, done: None });
        }
        let mut mutations = MutationsBuilder::default();
        for key in &page.keys {
            mutations
                .push(Mutation::Delete { key })
                .map_err(|error| WriteError::Damaged(error.to_string()))?;
        }
        let done = self.proposer.write(request_id, None, mutations.build()).await?;
        Ok(match done.repeated {
            true => RangeDeleted::before(start, done),
            false => RangeDeleted { keys: page.keys.len(), next: page.next, done: Some(done) },
        })
    }
}

impl RangeDeleted {
    /// What this page named was not deleted, and what that one named is not known any more.
    fn before(start: &[u8], done: WriteDone) -> Self {
        Self { keys: 0, next: Some(Bytes::copy_from_slice(start)), done: Some(done) }
    }
}

impl Scan {
    /// The pages after the first are read where that one was.
    fn first_page_at(&self) -> ReadAt {
        match (&self.token, self.at) {
            (Some(token), ReadAt::Newest) => ReadAt::Timestamp(token.at()),
            (_, at) => at,
        }
    }

    fn page(&self, read: &Read, asked: usize, limit: Option<PageLimit>) -> Result<ScanPage, RowError> {
        let at = read.at;
        let Some(limit) = limit else {
            let (pairs, next) = (Vec::new(), self.token.clone());
            return Ok(ScanPage { pairs, truncated: false, next, at, held_until: None });
        };
        let (start, end) = (self.start.clone(), self.end.clone());
        let request = ScanRequest { start, end, at, way: self.way, keys_only: self.keys_only };
        let page = read.rows().scan(&request, self.token.as_ref(), limit)?;
        let truncated = page.next.is_some() && page.pairs.len() < asked;
        Ok(ScanPage { pairs: page.pairs, truncated, next: page.next, at, held_until: None })
    }
}

fn in_rows<T>(
    read: Read,
    look: impl FnOnce(&Read) -> Result<T, RowError>,
) -> Result<Reading<T>, ReadFailure> {
    let found = look(&read)?;
    Ok(Reading { index: read.index(), at: read.at, found })
}
