//! Judging the conditions of a write.
//!
//! The leader reads their keys at a timestamp. Where all hold, the keys join what the write has read, so that
//! applying it sees to it that they hold still: it has to know nothing of conditions.

use elastickv_fsm::ReadSet;
use elastickv_mvcc::Rows;
use elastickv_types::Timestamp;

use crate::reads::ReadFailure;
use crate::write::{Condition, WriteError};

pub fn judge(
    rows: &Rows<'_>,
    at: Timestamp,
    conditions: &[Condition],
    reads: Option<&ReadSet>,
) -> Result<ReadSet, WriteError> {
    let beginning = WriteError::Damaged("nothing can be read at timestamp zero".to_owned());
    let mut reads = match reads {
        Some(reads) => reads.extend(),
        None => ReadSet::builder(at).ok_or(beginning)?,
    };
    for Condition { key, expected } in conditions {
        let found = rows.get(key, at).map_err(ReadFailure::from)?.map(|found| found.commit_ts);
        if !expected.holds(found) {
            return Err(WriteError::ConditionFailed { key: key.clone(), found });
        }
        reads.key(key).map_err(|error| WriteError::Damaged(error.to_string()))?;
    }
    Ok(reads.build())
}
