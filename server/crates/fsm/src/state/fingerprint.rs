//! One value that two members compare, to see that they hold the same keys in the same states.
//!
//! ```text
//! SHA-256 over   "elastickv/fingerprint/v1"
//!                keys u32 ‖ for each, by id: id u32 ‖ purpose u8 ‖ state u8 ‖ commitment 32
//!                active storage key u32 ‖ active raft key u32                     0 for none
//!                stage u8 ‖ for each cutover, storage then raft: 00 or 01 ‖ index u64
//! ```
//!
//! Two members are in the same state only at an equal control index; the raft cutover is that of the
//! control group, as other groups' logs have other indexes.

use elastickv_types::{LogIndex, Purpose};
use sha2::{Digest, Sha256};

use super::{Control, Stage};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub const fn new(raw: [u8; 32]) -> Self {
        Self(raw)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Control {
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(b"elastickv/fingerprint/v1");
        hash.update((self.keys.iter().count() as u32).to_be_bytes());
        for (id, row) in self.keys.iter() {
            hash.update(id.get().to_be_bytes());
            hash.update([row.purpose.as_u8(), row.state.as_u8()]);
            hash.update(row.commitment.as_bytes());
        }
        for purpose in Purpose::ALL {
            let active = self.keys.active(purpose).map_or(0, |key| key.get());
            hash.update(active.to_be_bytes());
        }
        hash.update([stage_number(self.stage)]);
        for cutover in [self.stage.storage(), self.stage.raft()] {
            hash.update([u8::from(cutover.is_some())]);
            hash.update(cutover.map_or(0, LogIndex::get).to_be_bytes());
        }
        Fingerprint(hash.finalize().into())
    }
}

fn stage_number(stage: Stage) -> u8 {
    match stage {
        Stage::Cleartext => 0,
        Stage::Bootstrapped { .. } => 1,
        Stage::StorageSealed { .. } => 2,
        Stage::FullySealed { .. } => 3,
        Stage::RaftSealed { .. } => 4,
    }
}
