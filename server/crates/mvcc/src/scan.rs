//! Reading a range, a page at a time.

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_engine::Direction;
use elastickv_types::Timestamp;

use crate::Result;
use crate::rows::Rows;
use crate::token::ScanToken;
use crate::walk::Walk;

/// A range of user keys to be read at a timestamp.
#[derive(Clone)]
pub struct ScanRequest {
    pub start: Bytes,
    /// Exclusive; empty means no end.
    pub end: Bytes,
    pub at: Timestamp,
    pub way: Direction,
    pub keys_only: bool,
}

impl std::fmt::Debug for ScanRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScanRequest({:?} at {}, keys only: {})", self.way, self.at, self.keys_only)
    }
}

/// Where a page ends at the latest. Each page comes at least one key further.
#[derive(Clone, Copy, Debug)]
pub struct PageLimit {
    pub pairs: NonZeroUsize,
    /// Of keys and values; one pair may be larger.
    pub bytes: usize,
    /// Rows looked at, also those that are not shown: deleted, over, or of another time.
    pub visited: usize,
}

impl PageLimit {
    /// As many rows as are looked at between two chances to do something else, whatever is found.
    pub const VISITED: usize = 10_000;
}

/// One key of a page; without its value when only keys were asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    pub key: Bytes,
    pub value: Bytes,
    pub commit_ts: Timestamp,
    /// Unix milliseconds; zero means never.
    pub expire_at: u64,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({} and {} bytes)", self.key.len(), self.value.len())
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub pairs: Vec<Shown>,
    /// Where to go on; none when the range is read to its end. A page may show nothing and have a next.
    pub next: Option<ScanToken>,
}

impl Rows<'_> {
    /// Reads a range in key order or against it, up to a limit.
    ///
    /// With a token the page that follows the one it came with; `request` is that page's, and does not change
    /// from page to page.
    pub fn scan(&self, request: &ScanRequest, after: Option<&ScanToken>, limit: PageLimit) -> Result<Page> {
        self.check_retained(request.at)?;
        let rest = after.map_or_else(|| Ok(request.clone()), |token| token.resume(request))?;
        let mut walk = Walk::new(self, &rest.start, &rest.end, rest.at, rest.way)?;
        let mut page = Filling { limit, bytes: 0, pairs: Vec::new(), passed: None };
        while let Some(stop) = walk.next()? {
            if page.passed.is_some() && walk.visited() > limit.visited {
                return Ok(page.end_before(request, stop.user_key));
            }
            if let Some((raw_key, value)) = stop.newest
                && let Some(row) = self.shown(&raw_key, value, rest.at)?
            {
                let value = if rest.keys_only { Bytes::new() } else { row.body };
                if !page.has_room(&stop.user_key, &value) {
                    return Ok(page.end_before(request, stop.user_key));
                }
                let (key, commit_ts) = (stop.user_key.clone(), self.decode(&raw_key)?.commit_ts);
                page.show(Shown { key, value, commit_ts, expire_at: row.expire_at });
            }
            page.passed = Some(stop.user_key);
        }
        Ok(Page { pairs: page.pairs, next: None })
    }
}

/// A page on its way.
struct Filling {
    limit: PageLimit,
    bytes: usize,
    pairs: Vec<Shown>,
    /// The key that was dealt with last.
    passed: Option<Bytes>,
}

impl Filling {
    fn has_room(&self, key: &Bytes, value: &Bytes) -> bool {
        let bytes = self.bytes + key.len() + value.len();
        self.pairs.is_empty() || (self.pairs.len() < self.limit.pairs.get() && bytes <= self.limit.bytes)
    }

    fn show(&mut self, pair: Shown) {
        self.bytes += pair.key.len() + pair.value.len();
        self.pairs.push(pair);
    }

    fn end_before(self, request: &ScanRequest, key: Bytes) -> Page {
        // Backward a range ends before a key, so the place is the key that was passed last.
        let place = match request.way {
            Direction::Forward => Some(key),
            Direction::Backward => self.passed,
        };
        Page { pairs: self.pairs, next: place.map(|place| ScanToken::new(request, place)) }
    }
}
