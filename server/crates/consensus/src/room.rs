//! Whether the log is sure to take an entry.
//!
//! An entry that finds no room on the disk waits in the log, and whatever is asked of the log after it waits
//! as well. That would be more than the entry: a follower answers a heartbeat only once everything it
//! accepted before is on its disk. So while the disk is full, entries for which the log has no room left are
//! refused before they are accepted, and the leader goes on leading. Some room is left to entries that no
//! user asks for, without which there would be no new leader either.

use elastickv_log::{Log, Room};

use crate::entry;

/// What users' entries leave.
const SPARED: u64 = 16 << 10;
/// What an entry takes in the log beside its payload, at most.
const ENTRY_BYTES: u64 = 128;

/// Whether entries with these payloads would find room.
pub fn is_sure_of<'p>(log: &Log, payloads: impl Iterator<Item = &'p [u8]>) -> bool {
    let Room::Full { left } = log.room() else { return true };
    let (mut needed, mut users) = (0_u64, false);
    for payload in payloads {
        needed += payload.len() as u64 + ENTRY_BYTES;
        users |= entry::is_users(payload);
    }
    let spared = if users { SPARED } else { 0 };
    needed == 0 || log.stats().queued_bytes.saturating_add(needed).saturating_add(spared) <= left
}

/// Whether a user's entry of this length would find room.
pub fn is_sure_of_users(log: &Log, bytes: usize) -> bool {
    let Room::Full { left } = log.room() else { return true };
    log.stats().queued_bytes.saturating_add(bytes as u64 + ENTRY_BYTES + SPARED) <= left
}
