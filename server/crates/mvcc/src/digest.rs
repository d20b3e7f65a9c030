//! A hash over what users can see.
//!
//! Replicas hold the same versions but not the same bytes: each seals for itself. Nor do they collect at the same
//! time. So the digest is taken over opened rows, over those committed up to a timestamp, which lets it be
//! compared while writes go on, and of each key over those that a reader from the oldest timestamp on can be
//! shown, which garbage collection leaves alone.

use bytes::Bytes;
use elastickv_engine::{Direction, KeyRange};
use elastickv_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::Result;
use crate::rows::{Rows, hides};
use crate::seal::OpenedRow;
use crate::walk::Row;

/// The hash of a group's rows, with how many rows and distinct keys went into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digest {
    pub hash: [u8; 32],
    pub rows: u64,
    pub keys: u64,
}

impl Rows<'_> {
    pub fn digest(&self, up_to: Timestamp) -> Result<Digest> {
        self.check_retained(up_to)?;
        let mut sum = Sum { hash: Sha256::new(), rows: 0, keys: 0, last: None };
        // The key whose newest version at or below the oldest timestamp was met: the rest of it is garbage.
        let mut settled: Option<Bytes> = None;
        for pair in self.view.range(self.keyspace, KeyRange::ALL, Direction::Forward)? {
            let (raw_key, value) = pair?;
            let row = Row::new(self, raw_key, value)?;
            if row.commit_ts > up_to || settled.as_ref() == Some(&row.head) {
                continue;
            }
            let opened = self.sealer.open(&row.raw_key, row.value.clone())?;
            if row.commit_ts <= self.oldest {
                settled = Some(row.head.clone());
                if hides(&opened, self.oldest) {
                    continue;
                }
            }
            sum.add(&self.decode(&row.raw_key)?.user_key, row, &opened);
        }
        Ok(Digest { hash: sum.hash.finalize().into(), rows: sum.rows, keys: sum.keys })
    }
}

struct Sum {
    hash: Sha256,
    rows: u64,
    keys: u64,
    last: Option<Bytes>,
}

impl Sum {
    fn add(&mut self, user_key: &[u8], row: Row, opened: &OpenedRow) {
        for part in [user_key, &opened.body[..]] {
            self.hash.update((part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
        self.hash.update(row.commit_ts.get().to_be_bytes());
        self.hash.update([u8::from(opened.tombstone)]);
        self.hash.update(opened.expire_at.to_be_bytes());
        self.rows += 1;
        if self.last.as_ref() != Some(&row.head) {
            self.keys += 1;
            self.last = Some(row.head);
        }
    }
}
