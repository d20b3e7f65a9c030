//! Where a scan goes on, in the hands of a client.
//!
//! ```text
//! token   01 ‖ way u8 ‖ read timestamp u64 ‖ range 8 bytes ‖ length u32 ‖ place ‖ crc32c u32
//! way     0 forward: the place is the first key still to come · 1 backward: the last one that was read
//! range   the first 8 bytes of SHA-256("elastickv scan range" ‖ length of start u64 ‖ start ‖ end)
//! ```
//!
//! Nothing is kept for a token: it holds what the next page needs, and outlives the node that made it. Who
//! forges one reaches no key outside the range that he asks for with it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_engine::{Direction, LONGEST_KEY};
use elastickv_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::scan::ScanRequest;
use crate::{Result, RowError, frame};

const VERSION: u8 = 1;
const RANGE_BYTES: usize = 8;

/// A place in one range, read at one timestamp in one direction.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanToken {
    way: Direction,
    at: Timestamp,
    range: [u8; RANGE_BYTES],
    place: Bytes,
}

// The place is a user's key: it is told by its length.
impl std::fmt::Debug for ScanToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScanToken({:?} at {}, place of {} bytes)", self.way, self.at, self.place.len())
    }
}

fn malformed(reason: &'static str) -> RowError {
    RowError::MalformedToken { reason }
}

fn foreign(differs: &'static str) -> RowError {
    RowError::ForeignToken { differs }
}

impl ScanToken {
    pub(crate) fn new(request: &ScanRequest, place: Bytes) -> Self {
        Self { way: request.way, at: request.at, range: fingerprint(request), place }
    }

    /// The timestamp of the scan that it belongs to: all its pages are read there.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(22 + self.place.len() + frame::CHECKSUM_BYTES);
        out.put_u8(VERSION);
        out.put_u8(match self.way {
            Direction::Forward => 0,
            Direction::Backward => 1,
        });
        out.put_u64(self.at.get());
        out.put_slice(&self.range);
        out.put_u32(self.place.len() as u32);
        out.put_slice(&self.place);
        frame::close(out)
    }

    pub fn decode(raw: &[u8]) -> Result<Self> {
        let rest = frame::open(raw, VERSION).map_err(malformed)?;
        let (fixed, rest) =
            rest.split_first_chunk::<{ 9 + RANGE_BYTES }>().ok_or(malformed("it is too short"))?;
        let mut fixed = &fixed[..];
        let way = match fixed.get_u8() {
            0 => Direction::Forward,
            1 => Direction::Backward,
            _ => return Err(malformed("its direction is neither")),
        };
        let at = Timestamp::from_u64(fixed.get_u64());
        let mut range = [0; RANGE_BYTES];
        fixed.copy_to_slice(&mut range);
        let place = frame::rest_of_length(rest).map_err(malformed)?;
        match place.len() {
            0..=LONGEST_KEY => Ok(Self { way, at, range, place: Bytes::copy_from_slice(place) }),
            _ => Err(malformed("its place is longer than a key can be")),
        }
    }

    /// What is left of the request that it was made for; it fits no other.
    pub fn resume(&self, request: &ScanRequest) -> Result<ScanRequest> {
        if self.way != request.way {
            return Err(foreign("direction"));
        }
        if self.at != request.at {
            return Err(foreign("timestamp"));
        }
        if self.range != fingerprint(request) {
            return Err(foreign("range"));
        }
        let place = &self.place;
        if *place < request.start || (!request.end.is_empty() && *place >= request.end) {
            return Err(malformed("its place lies outside of its range"));
        }
        let mut rest = request.clone();
        match self.way {
            Direction::Forward => rest.start = place.clone(),
            // An empty end would mean none, and no page ends behind the empty key with more to come.
            Direction::Backward if place.is_empty() => {
                return Err(malformed("nothing comes before its place"));
            }
            Direction::Backward => rest.end = place.clone(),
        }
        Ok(rest)
    }
}

fn fingerprint(request: &ScanRequest) -> [u8; RANGE_BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"elastickv scan range");
    hash.update((request.start.len() as u64).to_be_bytes());
    hash.update(&request.start);
    hash.update(&request.end);
    let mut out = [0; RANGE_BYTES];
    out.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    out
}
