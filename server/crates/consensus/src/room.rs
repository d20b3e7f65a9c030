//! Whether the log is sure to take an entry.
//!
//! An entry that finds no room on the disk waits in the log, and whatever is asked of the log after it waits
//! as well. That would be more than the entry: a follower answers a heartbeat only once everything it
//! accepted before is on its disk. So while the disk is full, entries for which the log has no room left are
//! refused before they are accepted, and the leader goes on leading.

use elastickv_log::{Log, Room};

/// What is left for entries that no user asks for: a new leader's first one, memberships.
const SPARED: u64 = 16 << 10;
/// What an entry takes in the log beside its payload, at most.
const ENTRY_BYTES: u64 = 128;

/// Whether entries with payloads of these lengths would find room.
pub fn is_sure_of(log: &Log, payloads: impl Iterator<Item = usize>) -> bool {
    let Room::Full { left } = log.room() else { return true };
    let needed = payloads.map(|bytes| bytes as u64 + ENTRY_BYTES).sum::<u64>();
    log.stats().queued_bytes.saturating_add(needed).saturating_add(SPARED) <= left
}
