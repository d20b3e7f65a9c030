//! Requests that took effect, so that one that is proposed again does not once more.
//!
//! Only when and where each did is kept, no value. The table holds a bounded number, and for each one too many the
//! one that was drawn first is forgotten: ids of requests begin with their time, so it is the smallest. Their time
//! is the *horizon*: what is older and not in the table may have been there. A client whose clock runs ahead makes its
//! own requests stay longer; it does not move the horizon for the others.

use std::collections::BTreeMap;

use elastickv_types::{LogIndex, RequestId, Timestamp};

/// What a request came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct First {
    pub commit_ts: Timestamp,
    pub index: LogIndex,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Sessions(BTreeMap<RequestId, First>);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sessions({} requests)", self.0.len())
    }
}

impl Sessions {
    /// The most requests that are remembered.
    pub const MOST: usize = 262_144;

    pub fn first(&self, request: &RequestId) -> Option<First> {
        self.0.get(request).copied()
    }

    /// Remembers a request, and tells which one is forgotten for it.
    pub fn remember(&mut self, request: RequestId, first: First) -> Option<RequestId> {
        self.0.insert(request, first);
        if self.0.len() <= Self::MOST {
            return None;
        }
        self.0.pop_first().map(|(forgotten, _)| forgotten)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (RequestId, First)> + '_ {
        self.0.iter().map(|(request, first)| (*request, *first))
    }
}

impl Extend<(RequestId, First)> for Sessions {
    fn extend<I: IntoIterator<Item = (RequestId, First)>>(&mut self, requests: I) {
        self.0.extend(requests);
    }
}

impl FromIterator<(RequestId, First)> for Sessions {
    fn from_iter<I: IntoIterator<Item = (RequestId, First)>>(requests: I) -> Self {
        Self(requests.into_iter().collect())
    }
}
