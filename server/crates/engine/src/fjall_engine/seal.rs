//! The record that every batch carries beside its own changes.
//!
//! fjall's journal does not tell a missing batch from one that never was, and its checksum leaves a
//! batch's own sequence number out. So each batch also writes one row of a keyspace of ours: the
//! number of the batch, counted without gaps, and a lower bound of its sequence number. See
//! docs/formats/state-store.md.

/// The keyspace of the seals: no `KeyspaceName` can have this name.
pub(super) const KEYSPACE: &str = "_batches";
pub(super) const KEY: &[u8] = b"last";
pub(super) const LENGTH: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Seal {
    /// Batches are counted from one.
    pub(super) number: u64,
    /// The batch's sequence number is this one or slightly higher: the background takes some too.
    pub(super) floor: u64,
}

impl Seal {
    pub(super) fn encode(self) -> [u8; LENGTH] {
        (u128::from(self.number) << 64 | u128::from(self.floor)).to_be_bytes()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let both = u128::from_be_bytes(bytes.try_into().ok()?);
        Some(Self { number: (both >> 64) as u64, floor: both as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_two_big_endian_numbers() {
        let seal = Seal { number: 0x0102, floor: 0x0a0b };
        assert_eq!(seal.encode(), [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0x0a, 0x0b]);
        assert_eq!(Seal::decode(&seal.encode()), Some(seal));
        assert_eq!(Seal::decode(&seal.encode()[1..]), None);
    }
}
