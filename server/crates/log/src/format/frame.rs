//! What stands before the body of every record: 32 bytes, at an offset that is a multiple of 8.
//!
//! ```text
//! 0   checksum       u32 CRC32C of the other 28 bytes
//! 4   kind           u8
//! 5   version        u8  1
//! 6   zero           2
//! 8   segment id     u64 the id in the segment's header
//! 16  offset         u32 where in the segment this record begins
//! 20  synced         u32 when this record was made, the segment was on the disk up to here
//! 24  body length    u32
//! 28  body checksum  u32 CRC32C of the body
//! 32  body, then zeroes up to a multiple of 8
//! ```
//!
//! `synced` is what tells damage from a torn tail. A write that the power cut short leaves bytes that make
//! no sense, and so does a disk that lost some; but the first can only lie where nothing had been synced. A
//! record found behind senseless bytes whose `synced` lies beyond them proves that they had been.

use super::SegmentId;
use super::fields::Fields;

pub(crate) const FRAME_BYTES: u32 = 32;
const ALIGNMENT: u32 = 8;
pub(crate) const VERSION: u8 = 1;

/// How many bytes a record with such a body takes.
pub(crate) fn record_bytes(body: u64) -> u64 {
    u64::from(FRAME_BYTES) + body.next_multiple_of(u64::from(ALIGNMENT))
}

/// How many zeroes follow such a body.
pub(crate) fn padding(body: u64) -> usize {
    (body.next_multiple_of(u64::from(ALIGNMENT)) - body) as usize
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Open = 1,
    Entry = 2,
    Vote = 3,
    Truncate = 4,
    Purge = 5,
    Mark = 6,
    Close = 7,
}

impl Kind {
    fn from_u8(raw: u8) -> Option<Self> {
        use Kind::{Close, Entry, Mark, Open, Purge, Truncate, Vote};
        [Open, Entry, Vote, Truncate, Purge, Mark, Close].into_iter().find(|kind| *kind as u8 == raw)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    pub kind: Kind,
    pub segment: SegmentId,
    pub offset: u32,
    pub synced: u32,
    pub body_bytes: u32,
    pub body_checksum: u32,
}

/// Why 32 bytes are not the frame of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BadFrame {
    /// Only zeroes: the segment ends here, or something is lost.
    Nothing,
    Checksum,
    /// It is intact, but was written for another place.
    Misplaced,
    /// It is intact and was written for this place, by a later version.
    Unknown {
        kind: u8,
        version: u8,
        synced: u32,
    },
}

impl Frame {
    pub(crate) fn encode(&self) -> [u8; FRAME_BYTES as usize] {
        let mut rest = Vec::with_capacity(FRAME_BYTES as usize);
        rest.extend_from_slice(&[self.kind as u8, VERSION, 0, 0]);
        rest.extend_from_slice(&self.segment.get().to_be_bytes());
        for word in [self.offset, self.synced, self.body_bytes, self.body_checksum] {
            rest.extend_from_slice(&word.to_be_bytes());
        }
        let checksum = crc32c::crc32c(&rest).to_be_bytes();
        let mut whole = [0; FRAME_BYTES as usize];
        whole.iter_mut().zip(checksum.into_iter().chain(rest)).for_each(|(into, byte)| *into = byte);
        whole
    }

    /// Reads the frame that should be at `offset` of this segment.
    pub(crate) fn decode(
        bytes: &[u8; FRAME_BYTES as usize],
        segment: SegmentId,
        offset: u32,
    ) -> Result<Self, BadFrame> {
        if *bytes == [0; FRAME_BYTES as usize] {
            return Err(BadFrame::Nothing);
        }
        let mut fields = Fields::of(bytes);
        if fields.u32() != Some(crc32c::crc32c(bytes.split_at(4).1)) {
            return Err(BadFrame::Checksum);
        }
        Self::fields(fields, segment, offset).unwrap_or(Err(BadFrame::Checksum))
    }

    /// Up to where the segment was on the disk when this record was made, whatever its kind; `None` if there
    /// is no intact frame.
    pub(crate) fn synced_by(
        bytes: &[u8; FRAME_BYTES as usize],
        segment: SegmentId,
        offset: u32,
    ) -> Option<u32> {
        match Self::decode(bytes, segment, offset) {
            Ok(frame) => Some(frame.synced),
            Err(BadFrame::Unknown { synced, .. }) => Some(synced),
            Err(BadFrame::Nothing | BadFrame::Checksum | BadFrame::Misplaced) => None,
        }
    }

    fn fields(mut fields: Fields<'_>, segment: SegmentId, at: u32) -> Option<Result<Self, BadFrame>> {
        let [kind, version, zero, also_zero] = fields.bytes::<4>()?;
        let (id, offset) = (fields.u64()?, fields.u32()?);
        let (synced, body_bytes, body_checksum) = (fields.u32()?, fields.u32()?, fields.u32()?);
        if id != segment.get() || offset != at || synced > at {
            return Some(Err(BadFrame::Misplaced));
        }
        let known = Kind::from_u8(kind).filter(|_| (version, zero, also_zero) == (VERSION, 0, 0));
        let frame = |kind| Self { kind, segment, offset, synced, body_bytes, body_checksum };
        Some(known.map(frame).ok_or(BadFrame::Unknown { kind, version, synced }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_only_itself() {
        let segment = SegmentId::from_random(3);
        let frame =
            Frame { kind: Kind::Vote, segment, offset: 64, synced: 64, body_bytes: 24, body_checksum: 9 };
        let good = frame.encode();
        assert_eq!(Frame::decode(&good, segment, 64), Ok(frame));
        assert_eq!(Frame::decode(&good, segment, 72), Err(BadFrame::Misplaced));
        assert_eq!(Frame::decode(&good, SegmentId::from_random(4), 64), Err(BadFrame::Misplaced));
        assert_eq!(Frame::decode(&[0; 32], segment, 64), Err(BadFrame::Nothing));
        for bit in 0..good.len() * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::decode(&bad, segment, 64), Err(BadFrame::Checksum), "bit {bit}");
        }
    }

    #[test]
    fn an_unknown_kind_or_version_is_named() {
        let segment = SegmentId::from_random(3);
        let frame =
            Frame { kind: Kind::Mark, segment, offset: 64, synced: 64, body_bytes: 0, body_checksum: 0 };
        for (at, value, kind, version) in [(4, 9, 9, 1), (5, 2, 6, 2)] {
            let mut other = frame.encode();
            other[at] = value;
            let checksum = crc32c::crc32c(&other[4..]).to_be_bytes();
            other[..4].copy_from_slice(&checksum);
            assert_eq!(
                Frame::decode(&other, segment, 64),
                Err(BadFrame::Unknown { kind, version, synced: 64 })
            );
        }
    }
}
