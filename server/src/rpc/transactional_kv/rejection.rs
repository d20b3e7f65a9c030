//! Why a step of a transaction took no effect, as callers are told.

use elastickv_fsm::{LockRejection, WriteRejection};
use elastickv_proto::KeyError;
use tonic::Code;

use super::super::status::Refusal;

/// The name of a reason, and whether the same transaction, begun anew, may go well: nothing of it took effect.
fn named(rejection: &LockRejection) -> (&'static str, bool) {
    match rejection {
        LockRejection::Write(WriteRejection::KeyLocked { .. }) => ("KeyLocked", true),
        LockRejection::Write(WriteRejection::Conflict { .. }) => ("Conflict", true),
        LockRejection::Write(WriteRejection::ReadTimestampCompacted { .. }) => {
            ("ReadTimestampCompacted", true)
        }
        // Of writes that are stamped anew, and of requests, which have ids; no step is rejected so.
        LockRejection::Write(
            WriteRejection::StaleTimestamp { .. }
            | WriteRejection::RequestExpired { .. }
            | WriteRejection::RequestAhead { .. },
        ) => ("Busy", true),
        LockRejection::TooManyLocks => ("TooManyLocks", true),
        LockRejection::Over { committed: None, .. } => ("TransactionRolledBack", true),
        LockRejection::Over { committed: Some(_), .. } => ("TransactionCommitted", false),
        LockRejection::Expired { .. } => ("TransactionExpired", false),
        LockRejection::StartsAhead { .. } => ("StartsAhead", false),
        LockRejection::NotUnderWay { .. } => ("NotUnderWay", false),
        LockRejection::NotLocked { .. } => ("NotLocked", false),
    }
}

pub fn key_error(rejection: &LockRejection) -> KeyError {
    let (reason, retryable) = named(rejection);
    let told = KeyError {
        message: rejection.to_string(),
        retryable,
        reason: reason.to_owned(),
        ..KeyError::default()
    };
    match rejection {
        LockRejection::Write(WriteRejection::KeyLocked { key, expires_at, .. }) => {
            KeyError { key: key.clone(), until_ms: expires_at.get(), ..told }
        }
        LockRejection::Write(WriteRejection::Conflict { key, commit_ts }) => {
            KeyError { key: key.clone(), commit_ts: commit_ts.get(), ..told }
        }
        LockRejection::NotLocked { key } => KeyError { key: key.clone(), ..told },
        LockRejection::Over { committed, .. } => {
            KeyError { commit_ts: committed.map_or(0, |at| at.get()), ..told }
        }
        LockRejection::Write(_)
        | LockRejection::Expired { .. }
        | LockRejection::StartsAhead { .. }
        | LockRejection::NotUnderWay { .. }
        | LockRejection::TooManyLocks => told,
    }
}

/// For an answer that has no place for it.
pub fn refusal(rejections: &[LockRejection]) -> Refusal {
    let Some(rejection) = rejections.first() else {
        return Refusal::new(Code::Aborted, "OutcomeUnknown", "no reason is given");
    };
    let (reason, _) = named(rejection);
    let refusal = Refusal::new(Code::FailedPrecondition, reason, rejection);
    match rejection {
        LockRejection::Over { committed: Some(at), .. } => refusal.with("commit_ts", at),
        _ => refusal,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use elastickv_fsm::UnixMillis;
    use elastickv_types::Timestamp;

    use super::*;

    const KEY: Bytes = Bytes::from_static(b"a secret");

    #[test]
    fn keys_are_named_in_their_own_field_and_in_no_text() {
        let (start_ts, expires_at) = (Timestamp::from_u64(7), UnixMillis::new(9));
        let locked = LockRejection::Write(WriteRejection::KeyLocked { key: KEY, start_ts, expires_at });
        let changed = LockRejection::Write(WriteRejection::Conflict { key: KEY, commit_ts: start_ts });
        let told = [locked, changed, LockRejection::NotLocked { key: KEY }].map(|one| key_error(&one));
        for error in &told {
            assert_eq!(error.key, KEY);
            assert!(!error.message.contains("secret"), "{}", error.message);
        }
        let facts = told.map(|error| (error.reason, error.retryable, error.commit_ts, error.until_ms));
        let wanted = [("KeyLocked", true, 0, 9), ("Conflict", true, 7, 0), ("NotLocked", false, 0, 0)];
        assert_eq!(facts, wanted.map(|(reason, can, ts, until)| (reason.to_owned(), can, ts, until)));
    }

    #[test]
    fn what_took_effect_is_not_to_be_tried_again() {
        let start_ts = Timestamp::from_u64(7);
        let over = |committed| key_error(&LockRejection::Over { start_ts, committed });
        assert!(!over(Some(start_ts)).retryable && over(None).retryable);
        let forgotten = LockRejection::Expired { start_ts, horizon: start_ts };
        assert!(!key_error(&forgotten).retryable, "it may have taken effect");
    }
}
