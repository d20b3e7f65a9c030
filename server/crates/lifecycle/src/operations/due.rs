//! When a key has to be rotated without anybody asking for it.
//!
//! The counter in a nonce has 32 bits for each load and epoch, and an epoch 16. A load that runs out of either
//! could not go on, so the leader rotates long before, by the highest use that any member reports.

use elastickv_types::{KeyId, LocalEpoch, NodeName, Purpose};

use crate::capability::Report;
use crate::ports::Standing;

/// Nine tenths of what a load can seal in one epoch.
pub const SEALS: u64 = (1 << 32) / 10 * 9;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    pub key: KeyId,
    pub purpose: Purpose,
    pub because: Because,
    pub member: NodeName,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    Seals(u64),
    Epoch(LocalEpoch),
}

impl std::fmt::Display for Due {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, purpose, because, member } = self;
        match because {
            Because::Seals(seals) => write!(f, "{member} sealed {seals} times under {purpose} key {key}"),
            Because::Epoch(epoch) => write!(f, "{member} is at epoch {epoch} under {purpose} key {key}"),
        }
    }
}

pub fn due(standing: &Standing, reports: &[Report]) -> Option<Due> {
    let keys = &standing.control.keys;
    Purpose::ALL.into_iter().find_map(|purpose| {
        let key = keys.active(purpose)?;
        reports.iter().find_map(|report| {
            let held = report.answer.as_ref().ok()?.key(key)?;
            let because = match held {
                held if held.epoch > LocalEpoch::WARN_ABOVE => Because::Epoch(held.epoch),
                held if held.seals >= SEALS => Because::Seals(held.seals),
                _ => return None,
            };
            Some(Due { key, purpose, because, member: report.member.name.clone() })
        })
    })
}
