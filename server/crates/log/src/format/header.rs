//! The first 64 bytes of a segment.
//!
//! ```text
//! 0   magic        8   "ekv-rlog"
//! 8   format       u32 1
//! 12  checksum     u32 CRC32C of the other sixty bytes, in every format
//! 16  segment id   u64 random, not zero
//! 24  group        u64
//! 32  sequence     u64 1, 2, 3, … without a gap
//! 40  size         u64 of the whole file, which has it from the start
//! 48  zero         16
//! ```

use elastickv_types::GroupId;

use super::fields::Fields;
use super::{SegmentId, Seq};
use crate::Damage;

pub(crate) const HEADER_BYTES: u32 = 64;
const MAGIC: &[u8; 8] = b"ekv-rlog";
const FORMAT: u32 = 1;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub id: SegmentId,
    pub group: GroupId,
    pub seq: Seq,
    pub size: u32,
}

/// Why 64 bytes are not the header of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BadHeader {
    Damage(u64, Damage),
    Format(u32),
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES as usize] {
        let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for word in [self.id.get(), self.group.get(), u64::from(self.seq.get()), u64::from(self.size), 0, 0] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        let mut whole = [0; HEADER_BYTES as usize];
        whole.iter_mut().zip(bytes).for_each(|(into, byte)| *into = byte);
        let checksum = checksum(&whole).to_be_bytes();
        whole.iter_mut().skip(12).zip(checksum).for_each(|(into, byte)| *into = byte);
        whole
    }

    pub(crate) fn decode(bytes: &[u8; HEADER_BYTES as usize]) -> Result<Self, BadHeader> {
        let damage = |offset, reason| BadHeader::Damage(offset, reason);
        let mut fields = Fields::of(bytes);
        if fields.bytes::<8>().as_ref() != Some(MAGIC) {
            return Err(damage(0, Damage::Magic));
        }
        let format = fields.u32();
        if fields.u32() != Some(checksum(bytes)) {
            return Err(damage(0, Damage::HeaderChecksum));
        }
        match format {
            Some(FORMAT) => {}
            other => return Err(BadHeader::Format(other.unwrap_or(0))),
        }
        Self::fields(fields).ok_or(damage(16, Damage::HeaderFields))
    }

    fn fields(mut fields: Fields<'_>) -> Option<Self> {
        let id = SegmentId::from_u64(fields.u64()?)?;
        let group = GroupId::from_u64(fields.u64()?)?;
        let seq = Seq::from_u64(fields.u64()?)?;
        let size = u32::try_from(fields.u64()?).ok().filter(|&size| size >= HEADER_BYTES)?;
        fields.zeroes::<16>()?;
        Some(Self { id, group, seq, size })
    }
}

fn checksum(bytes: &[u8; HEADER_BYTES as usize]) -> u32 {
    let (front, rest) = bytes.split_at(12);
    crc32c::crc32c_append(crc32c::crc32c(front), rest.split_at(4).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let group = GroupId::from_u64(7).unwrap();
        Header { id: SegmentId::from_random(42), group, seq: Seq::FIRST, size: 4096 }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = header().encode();
        assert_eq!(Header::decode(&good), Ok(header()));
        for bit in 0..good.len() * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(Header::decode(&bad), Err(BadHeader::Damage(..))), "bit {bit}");
        }
    }

    #[test]
    fn another_format_is_named() {
        let mut other = header().encode();
        other[11] = 2;
        let checksum = checksum(&other).to_be_bytes();
        other[12..16].copy_from_slice(&checksum);
        assert_eq!(Header::decode(&other), Err(BadHeader::Format(2)));
    }
}
