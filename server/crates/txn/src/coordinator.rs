//! The calls of a client, on one group.

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_consensus::{GroupHandle, ReadError, ReadView};
use elastickv_engine::Direction;
use elastickv_fsm::Mutations;
use elastickv_mvcc::{Digest, Found, PageLimit, RowError, Rows, ScanRequest, Shown};
use elastickv_types::{LogIndex, RequestId, Timestamp};

use crate::clock::HybridClock;
use crate::limits::{LimitError, Limits};
use crate::proposer::{Admission, Proposer, Refused, WriteDone, WriteError};

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
}

/// What a read found, and as of which entry.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    pub index: LogIndex,
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
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({:?} {:?} limit {:?})", self.way, self.at, self.limit)
    }
}

#[derive(Clone, Debug)]
pub struct ScanPage {
    pub pairs: Vec<Shown>,
    /// More follows in the range, and more was asked for than a page holds.
    pub truncated: bool,
    /// What the page was read at; the pages after it are read at the same.
    pub at: Timestamp,
}

#[derive(Clone)]
pub struct Coordinator {
    group: GroupHandle,
    proposer: Proposer,
    limits: Limits,
    admission: Admission,
}

impl std::fmt::Debug for Coordinator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Coordinator({:?}, {:?})", self.group, self.proposer)
    }
}

impl Coordinator {
    pub fn start(group: GroupHandle, clock: HybridClock, limits: Limits, admission: Admission) -> Self {
        let proposer = Proposer::start(group.clone(), clock, admission.clone());
        Self { group, proposer, limits, admission }
    }

    pub fn group(&self) -> &GroupHandle {
        &self.group
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Writes that wait to be proposed.
    pub fn waiting(&self) -> usize {
        self.proposer.waiting()
    }

    /// Whether a write would be taken now.
    pub fn admits(&self) -> Result<(), Refused> {
        (self.admission)()
    }

    pub fn check(&self, mutations: &Mutations) -> Result<(), LimitError> {
        self.limits.check_write(mutations)
    }

    /// Proposes a write whose limits were checked, and returns once it is applied.
    pub async fn write(
        &self,
        request_id: Option<RequestId>,
        mutations: Mutations,
    ) -> Result<WriteDone, WriteError> {
        self.admits()?;
        self.proposer.write(request_id, mutations).await
    }

    pub async fn get(
        &self,
        key: &[u8],
        at: ReadAt,
        consistency: Consistency,
    ) -> Result<Reading<Option<Found>>, ReadFailure> {
        self.limits.check_key(key)?;
        let read = self.view(consistency).await?;
        let at = resolve(at, &read);
        let found = elastickv_sys::task::in_place(|| rows(&read).get(key, at))?;
        Ok(Reading { index: index_of(&read), found })
    }

    pub async fn scan(&self, scan: Scan, consistency: Consistency) -> Result<Reading<ScanPage>, ReadFailure> {
        let read = self.view(consistency).await?;
        let asked = scan.limit.unwrap_or(usize::MAX);
        let at = resolve(scan.at, &read);
        let request =
            ScanRequest { start: scan.start, end: scan.end, at, way: scan.way, keys_only: scan.keys_only };
        let index = index_of(&read);
        let Some(pairs) = NonZeroUsize::new(asked.min(self.limits.page_pairs)) else {
            return Ok(Reading { index, found: ScanPage { pairs: Vec::new(), truncated: false, at } });
        };
        // A page that shows nothing could not be gone on from by its last key: it ends at what it shows.
        let limit = PageLimit { pairs, bytes: self.limits.page_bytes, visited: usize::MAX };
        let page = elastickv_sys::task::in_place(|| rows(&read).scan(&request, None, limit))?;
        let truncated = page.next.is_some() && page.pairs.len() < asked;
        Ok(Reading { index, found: ScanPage { pairs: page.pairs, truncated, at } })
    }

    /// The digest of what was committed up to a timestamp, read once `index` is applied here.
    pub async fn digest(
        &self,
        at: Option<(LogIndex, Timestamp)>,
    ) -> Result<(LogIndex, Timestamp, Digest), ReadFailure> {
        if let Some((index, _)) = at {
            self.group.wait_applied(index).await?;
        }
        let read = self.group.stale_view()?;
        let (index, ts) = at.unwrap_or_else(|| (index_of(&read), read.applied.state.last_commit_ts));
        let hash = move || rows(&read).digest(ts);
        let digest = elastickv_sys::task::blocking(hash)
            .await
            .map_err(|error| ReadError::Stopped(error.to_string()))??;
        Ok((index, ts, digest))
    }

    async fn view(&self, consistency: Consistency) -> Result<ReadView, ReadError> {
        match consistency {
            Consistency::Linearizable => self.group.linearizable_view().await,
            Consistency::Stale => self.group.stale_view(),
        }
    }
}

/// The rows as a view shows them. Nothing is collected yet, so everything can be read.
fn rows(read: &ReadView) -> Rows<'_> {
    Rows { view: &*read.view, keyspace: &read.rows, sealer: &*read.sealer, oldest: Timestamp::ZERO }
}

/// The newest is what was committed last: later there is nothing, and a later time would end lives early.
fn resolve(at: ReadAt, read: &ReadView) -> Timestamp {
    match at {
        ReadAt::Newest => read.applied.state.last_commit_ts,
        ReadAt::Timestamp(at) => at,
    }
}

fn index_of(read: &ReadView) -> LogIndex {
    read.applied.last.map_or(LogIndex::default(), |id| id.index)
}
