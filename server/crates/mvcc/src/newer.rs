//! Whether a key has changed since it was read.
//!
//! Any version counts, also one that hides its key: who read that there was a value has to be told that there is
//! none. Nothing is opened for it; when a version was committed stands in its key.

use bytes::Bytes;
use elastickv_engine::{Direction, KeyspaceName, View};
use elastickv_types::Timestamp;

use crate::Result;
use crate::rows::Rows;
use crate::seal::ClearRows;
use crate::walk::Walk;

/// When the newest version of a key was committed, if that was later than a timestamp.
pub fn newer(
    view: &dyn View,
    keyspace: &KeyspaceName,
    user_key: &[u8],
    than: Timestamp,
) -> Result<Option<Timestamp>> {
    let rows = rows(view, keyspace);
    let Some((raw_key, _)) = rows.newest(user_key, Timestamp::MAX)? else { return Ok(None) };
    let newest = rows.decode(&raw_key)?.commit_ts;
    Ok((newest > than).then_some(newest))
}

/// The first key from `start` on and below `end` that has such a version. An empty `end` means no end.
pub fn first_newer(
    view: &dyn View,
    keyspace: &KeyspaceName,
    (start, end): (&[u8], &[u8]),
    than: Timestamp,
) -> Result<Option<(Bytes, Timestamp)>> {
    let rows = rows(view, keyspace);
    let mut walk = Walk::new(&rows, start, end, Timestamp::MAX, Direction::Forward)?;
    while let Some(stop) = walk.next()? {
        let Some((raw_key, _)) = stop.newest else { continue };
        let newest = rows.decode(&raw_key)?.commit_ts;
        if newest > than {
            return Ok(Some((stop.user_key, newest)));
        }
    }
    Ok(None)
}

/// Rows of which none is opened. What a caller asks for was never collected: it is above what he could read.
fn rows<'a>(view: &'a dyn View, keyspace: &'a KeyspaceName) -> Rows<'a> {
    Rows { view, keyspace, sealer: &ClearRows, oldest: Timestamp::ZERO }
}
