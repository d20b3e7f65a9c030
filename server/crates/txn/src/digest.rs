//! A digest of what a replica holds, to be compared with those of others.
//!
//! What is compared must be there on all of them: nothing above the timestamp, and nothing that one has collected
//! and another has not. So the first one says what its oldest timestamp was, and the others leave out what they
//! could have collected under that, and nothing else.

use elastickv_consensus::{GroupHandle, ReadError};
use elastickv_mvcc::{Digest, Pins, RowError, Rows};
use elastickv_types::{LogIndex, Timestamp};

use crate::reads::{Consistency, Read, ReadAt, ReadFailure, Reads};

/// Where another replica took its digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DigestAt {
    pub index: LogIndex,
    pub ts: Timestamp,
    pub oldest: Option<Timestamp>,
}

/// A digest, and where it was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digested {
    pub index: LogIndex,
    pub ts: Timestamp,
    pub oldest: Timestamp,
    pub digest: Digest,
}

pub async fn take(
    group: &GroupHandle,
    reads: &Reads,
    pins: &Pins,
    at: Option<DigestAt>,
) -> Result<Digested, ReadFailure> {
    let first = reads.one(ReadAt::Newest, Consistency::Stale).await?;
    let Some(at) = at else {
        // In a group that nobody writes to, the oldest timestamp passes the last write.
        let (ts, oldest) = (first.last_commit_ts().max(first.oldest()), first.oldest());
        return digest(first, ts, oldest).await;
    };
    // While it waits, nothing is collected here that the others may have.
    let pin = at.oldest.map(|oldest| pins.pin(oldest)).transpose()?;
    group.wait_applied(at.index).await?;
    let read = reads.one(ReadAt::Newest, Consistency::Stale).await?;
    drop(pin);
    let (asked, oldest) = (at.oldest.unwrap_or(read.oldest()), read.oldest());
    if asked < oldest && read.generation() != first.generation() {
        // A snapshot was installed meanwhile, from a member that may have collected more.
        return Err(RowError::ReadTimestampCompacted { asked, oldest }.into());
    }
    Ok(Digested { index: at.index, ..digest(read, at.ts, asked).await? })
}

async fn digest(read: Read, ts: Timestamp, oldest: Timestamp) -> Result<Digested, ReadFailure> {
    let index = read.index();
    let hash = move || Rows { oldest, ..read.rows() }.digest(ts);
    let digest = elastickv_sys::task::blocking(hash)
        .await
        .map_err(|error| ReadError::Stopped(error.to_string()))??;
    Ok(Digested { index, ts, oldest, digest })
}
