//! When a version is over.
//!
//! A version may carry the millisecond from which it is hidden; zero means never. It is compared with the
//! timestamp of a read and with nothing else: no replica's clock decides what its users see, and a read at one
//! timestamp sees the same on every replica, however late it comes.

use std::time::Duration;

use elastickv_types::Timestamp;

/// What a row says that is never over.
pub const NEVER: u64 = 0;

/// When a version that is committed at `commit_ts` and lives that long is over, as its row says it.
///
/// It is over in the millisecond of its commit if it does not live for one. A life beyond what
/// milliseconds can count has no end that a timestamp could reach.
pub fn expire_at(commit_ts: Timestamp, ttl: Duration) -> u64 {
    let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    commit_ts.unix_ms().saturating_add(ttl).max(1)
}

/// Whether a version is over for a reader at that timestamp.
pub fn is_over(expire_at: u64, at: Timestamp) -> bool {
    expire_at != NEVER && at.unix_ms() >= expire_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_over_from_its_millisecond_on() {
        let commit_ts = Timestamp::from_u64((1_000 << 16) | 7);
        let expire_at = expire_at(commit_ts, Duration::from_millis(5));
        assert_eq!(expire_at, 1_005);
        assert!(!is_over(expire_at, Timestamp::from_u64((1_005 << 16) - 1)));
        assert!(is_over(expire_at, Timestamp::from_unix_ms(1_005)));
        assert!(!is_over(NEVER, Timestamp::MAX));
    }

    #[test]
    fn no_life_is_mistaken_for_an_endless_one() {
        assert_eq!(expire_at(Timestamp::ZERO, Duration::ZERO), 1);
        assert!(!is_over(expire_at(Timestamp::from_unix_ms(9), Duration::MAX), Timestamp::MAX));
    }
}
