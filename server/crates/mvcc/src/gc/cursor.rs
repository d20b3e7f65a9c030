//! Where a round of collecting goes on.
//!
//! ```text
//! cursor  01 ‖ watermark u64 ‖ length u32 ‖ row key ‖ crc32c u32
//! ```
//!
//! The row key is that of the last row that was looked at, empty at the beginning of a round. Only the watermark
//! decides what may go: whatever place a cursor names, the collector judges the rows that it finds there.

use bytes::{BufMut, Bytes, BytesMut};
use elastickv_types::Timestamp;

use crate::pins::Watermark;
use crate::rowkey::RowKey;
use crate::{Result, RowError, frame};

const VERSION: u8 = 1;

/// A place in one round. Whoever holds one may collect up to its watermark.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) watermark: Watermark,
    pub(super) place: Option<Bytes>,
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Cursor(up to {}, at {:?} bytes)",
            self.watermark.get(),
            self.place.as_ref().map(Bytes::len)
        )
    }
}

fn malformed(reason: &'static str) -> RowError {
    RowError::MalformedCursor { reason }
}

impl Cursor {
    /// The beginning of a round.
    pub fn start(watermark: Watermark) -> Self {
        Self { watermark, place: None }
    }

    pub fn watermark(&self) -> Watermark {
        self.watermark
    }

    pub fn encode(&self) -> Bytes {
        let place = self.place.as_deref().unwrap_or_default();
        let mut out = BytesMut::with_capacity(13 + place.len() + crate::frame::CHECKSUM_BYTES);
        out.put_u8(VERSION);
        out.put_u64(self.watermark.get().get());
        out.put_u32(place.len() as u32);
        out.put_slice(place);
        frame::close(out)
    }

    /// Goes on with an earlier round, which must not collect more than may be collected now.
    pub fn decode(raw: &[u8], allowed: Watermark) -> Result<Self> {
        let rest = frame::open(raw, VERSION).map_err(malformed)?;
        let (watermark, rest) = rest.split_first_chunk::<8>().ok_or(malformed("it is too short"))?;
        let place = frame::rest_of_length(rest).map_err(malformed)?;
        let cursor = Timestamp::from_u64(u64::from_be_bytes(*watermark));
        let ahead = RowError::CursorAhead { cursor, oldest: allowed.get() };
        let watermark = allowed.earlier(cursor).ok_or(ahead)?;
        if place.is_empty() {
            return Ok(Self { watermark, place: None });
        }
        RowKey::decode(place).map_err(malformed)?;
        Ok(Self { watermark, place: Some(Bytes::copy_from_slice(place)) })
    }
}

#[cfg(test)]
impl Cursor {
    pub(crate) fn at(watermark: Watermark, place: Bytes) -> Self {
        Self { watermark, place: Some(place) }
    }
}
