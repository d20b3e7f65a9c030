//! Looking through the snapshot of a group: what is sealed under which key, and what is not.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use elastickv_crypto::{EnvelopeHeader, Storage};
use elastickv_fsm::{SnapshotHead, SnapshotReader, SnapshotSection};
use elastickv_mvcc::{RowError, RowHeader, RowState};
use elastickv_sys::files::Files;
use elastickv_types::{GroupId, KeyId};

use super::BackupError;
use crate::{Pace, Strides};

/// What a group's snapshot holds.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub rows: u64,
    pub locks: u64,
    pub clear: u64,
    pub sealed: BTreeMap<KeyId, Sealed>,
}

/// What is sealed under one key.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub rows: u64,
    /// One of them: its key in the store and its value.
    pub sample: (Bytes, Bytes),
}

impl Tally {
    pub fn sealed_rows(&self) -> u64 {
        self.sealed.values().map(|sealed| sealed.rows).sum()
    }

    fn take(&mut self, key: Bytes, value: Bytes) -> Result<(), RowError> {
        let (header, body) = RowHeader::split(value.clone())?;
        match header.state {
            RowState::Clear => self.clear += 1,
            RowState::Sealed => {
                let id = EnvelopeHeader::<Storage>::parse(&body)?.key();
                let sealed = self.sealed.entry(id).or_insert_with(|| {
                    let copy = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
                    Sealed { rows: 0, sample: (copy(&key), copy(&value)) }
                });
                sealed.rows += 1;
            }
        }
        Ok(())
    }
}

/// Reads a snapshot to its end; every section, order and count is checked on the way.
pub fn examine(
    files: &dyn Files,
    path: &Path,
    group: GroupId,
    pace: &mut Pace,
    strides: &Strides,
) -> Result<(SnapshotHead, Tally), BackupError> {
    let mut reader = SnapshotReader::open(files, path, group)?;
    let mut tally = Tally::default();
    let mut before = 0;
    while let Some(section) = reader.next_section()? {
        match section {
            SnapshotSection::Requests(_) | SnapshotSection::Over(_) => {}
            SnapshotSection::Locks(locks) => {
                for (key, value) in locks {
                    tally.locks += 1;
                    tally.take(key, value)?;
                }
            }
            SnapshotSection::Rows(rows) => {
                for (key, value) in rows {
                    tally.rows += 1;
                    tally.take(key, value)?;
                }
            }
        }
        let read = reader.offset() - before;
        before = reader.offset();
        strides.add(read);
        pace.take(read);
    }
    Ok((reader.head().clone(), tally))
}
