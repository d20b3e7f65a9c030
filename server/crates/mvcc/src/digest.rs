//! A hash over what users can see.
//!
//! Replicas hold the same versions but not the same bytes: each seals for itself. So the digest is
//! taken over opened rows, and over those committed up to a timestamp, which lets it be compared
//! while writes go on.

use elastickv_engine::{Direction, KeyRange, KeyspaceName, View};
use elastickv_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::rowkey::RowKey;
use crate::seal::Sealer;
use crate::{Result, RowError};

/// The hash of a group's rows, with how many rows and distinct keys went into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digest {
    pub hash: [u8; 32],
    pub rows: u64,
    pub keys: u64,
}

pub fn digest(
    view: &dyn View,
    keyspace: &KeyspaceName,
    sealer: &dyn Sealer,
    up_to: Timestamp,
) -> Result<Digest> {
    let mut hash = Sha256::new();
    let (mut rows, mut keys) = (0, 0);
    let mut last_key = None;
    for pair in view.range(keyspace, KeyRange::ALL, Direction::Forward)? {
        let (raw_key, value) = pair?;
        let key = RowKey::decode(&raw_key)
            .map_err(|reason| RowError::Key { keyspace: keyspace.to_string(), reason })?;
        if key.commit_ts > up_to {
            continue;
        }
        let row = sealer.open(&raw_key, value)?;
        for part in [&key.user_key[..], &row.body[..]] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(key.commit_ts.get().to_be_bytes());
        hash.update([u8::from(row.tombstone)]);
        hash.update(row.expire_at.to_be_bytes());
        rows += 1;
        if last_key.as_ref() != Some(&key.user_key) {
            keys += 1;
            last_key = Some(key.user_key);
        }
    }
    Ok(Digest { hash: hash.finalize().into(), rows, keys })
}
