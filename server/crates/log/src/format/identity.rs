//! The file `identity` beside the segments: 32 bytes that say whose log a directory holds. It is written
//! once, when the first segment is there, so that a directory without segments can be told from a new one.
//!
//! ```text
//! 0   magic      8   "ekv-rdir"
//! 8   format     u32 1
//! 12  checksum   u32 CRC32C of the other 28 bytes
//! 16  group      u64
//! 24  zero       8
//! ```

use elastickv_types::GroupId;

use super::fields::Fields;
use crate::Damage;
use crate::format::header::BadHeader;

pub(crate) const IDENTITY_BYTES: usize = 32;
const MAGIC: &[u8; 8] = b"ekv-rdir";
const FORMAT: u32 = 1;

pub(crate) fn encode(group: GroupId) -> Vec<u8> {
    let front = [MAGIC.as_slice(), &FORMAT.to_be_bytes()].concat();
    let back = [group.get().to_be_bytes(), [0; 8]].concat();
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&front), &back);
    [front.as_slice(), &checksum.to_be_bytes(), &back].concat()
}

/// The group named; zero is no group and matches none.
pub(crate) fn decode(bytes: &[u8]) -> Result<u64, BadHeader> {
    let damage = |offset, reason| BadHeader::Damage(offset, reason);
    let whole: &[u8; IDENTITY_BYTES] = bytes.try_into().map_err(|_| {
        let reason = Damage::Size { found: bytes.len() as u64, expected: IDENTITY_BYTES as u64 };
        damage(bytes.len() as u64, reason)
    })?;
    let mut fields = Fields::of(whole);
    if fields.bytes::<8>().as_ref() != Some(MAGIC) {
        return Err(damage(0, Damage::Magic));
    }
    let format = fields.u32().unwrap_or(0);
    let (front, rest) = whole.split_at(12);
    let checksum = crc32c::crc32c_append(crc32c::crc32c(front), rest.split_at(4).1);
    if fields.u32() != Some(checksum) {
        return Err(damage(0, Damage::HeaderChecksum));
    }
    if format != FORMAT {
        return Err(BadHeader::Format(format));
    }
    let group = fields.u64();
    fields.zeroes::<8>().and(group).ok_or(damage(16, Damage::HeaderFields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_other_length_is_noticed() {
        let good = encode(GroupId::CONTROL);
        assert_eq!(decode(&good), Ok(1));
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(decode(&bad), Err(BadHeader::Damage(..))), "bit {bit}");
        }
        for len in 0..good.len() {
            assert!(decode(&good[..len]).is_err());
        }
    }
}
