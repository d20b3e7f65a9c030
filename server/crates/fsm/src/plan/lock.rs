//! Transactions in two steps.
//!
//! The first locks keys: no other write changes them until the second, so it is enough to see here that nothing
//! changed them since the transaction began. Readers do not look at locks: what they read is there or not by its
//! commit timestamp, which is drawn like that of any other write when the transaction is committed.
//!
//! All keys of a transaction change by one entry. Whoever meets a lock that has ended takes the whole
//! transaction back, and its second step finds it over.

use elastickv_types::{LogIndex, Timestamp};

use super::facts::Facts;
use super::rules::{Rule, Rules};
use super::{Action, Answer, Decision, LockRejection, Resolution, WriteRejection, Written};
use crate::command::{Mutations, PreWrite, Resolve, UnixMillis};
use crate::perform::PerformError;
use crate::state::{First, GroupState, Lock, Locks, Over};

pub fn plan_prewrite(
    state: &GroupState,
    facts: &dyn Facts,
    rules: Rules,
    command: PreWrite,
) -> Result<Decision, PerformError> {
    let ended = match judge_prewrite(state, facts, rules, &command)? {
        Ok(ended) => ended,
        Err(rejections) => return Ok(told(Answer::PreWritten(Err(rejections)))),
    };
    let mut actions = rolled_back(ended);
    let PreWrite { start_ts, expires_at, mutations, .. } = command;
    if !mutations.is_empty() {
        actions.push(Action::PutLocks { lock: Lock { start_ts, expires_at }, mutations });
    }
    Ok(Decision { actions, answer: Answer::PreWritten(Ok(())) })
}

/// Tells which other transactions have to go for it; else what is in the way, of each key.
fn judge_prewrite(
    state: &GroupState,
    facts: &dyn Facts,
    rules: Rules,
    command: &PreWrite,
) -> Result<Result<Vec<Timestamp>, Vec<LockRejection>>, PerformError> {
    let PreWrite { at, start_ts, ref mutations, .. } = *command;
    let locks = facts.locks();
    if let Err(rejection) = may_lock(state, locks, start_ts, at) {
        return Ok(Err(vec![rejection]));
    }
    let (mut ended, mut rejections) = (Vec::new(), Vec::<LockRejection>::new());
    for mutation in mutations.iter() {
        let key = mutation.key();
        let met = match rules.hold(Rule::Locks) {
            true => met(locks, &ended, key, at, Some(start_ts)),
            false => Met::Nothing,
        };
        match met {
            Met::Locked(rejection) => {
                rejections.push(rejection.into());
                continue;
            }
            Met::Ended(other) => ended.push(other),
            Met::Nothing => {}
        }
        if let Some(commit_ts) = facts.newer(key, start_ts)? {
            rejections.push(WriteRejection::Conflict { key: mutations.part(key), commit_ts }.into());
        }
    }
    if !rejections.is_empty() {
        return Ok(Err(rejections));
    }
    let keys = locks.len() + mutations.iter().count();
    let bytes = locks.key_bytes() + mutations.iter().map(|mutation| mutation.key().len()).sum::<usize>();
    if keys > Locks::MOST || bytes > Locks::MOST_KEY_BYTES {
        return Ok(Err(vec![LockRejection::TooManyLocks]));
    }
    Ok(Ok(ended))
}

fn may_lock(
    state: &GroupState,
    locks: &Locks,
    start_ts: Timestamp,
    at: Timestamp,
) -> Result<(), LockRejection> {
    may_go_on(state, locks, start_ts, at)?;
    if let Some(over) = locks.over(start_ts) {
        return Err(is_over(start_ts, over));
    }
    if start_ts < state.oldest {
        let compacted = WriteRejection::ReadTimestampCompacted { asked: start_ts, oldest: state.oldest };
        return Err(compacted.into());
    }
    Ok(())
}

/// Whether a step of a transaction can be taken, as far as its timestamp tells.
fn may_go_on(
    state: &GroupState,
    locks: &Locks,
    start_ts: Timestamp,
    at: Timestamp,
) -> Result<(), LockRejection> {
    if start_ts >= at {
        return Err(LockRejection::StartsAhead { start_ts, at });
    }
    let known = locks.is_under_way(start_ts) || locks.over(start_ts).is_some();
    match state.over_horizon {
        Some(horizon) if start_ts <= horizon && !known => Err(LockRejection::Expired { start_ts, horizon }),
        _ => Ok(()),
    }
}

fn is_over(start_ts: Timestamp, over: Over) -> LockRejection {
    let committed = match over {
        Over::RolledBack => None,
        Over::Committed(first) => Some(first.commit_ts),
    };
    LockRejection::Over { start_ts, committed }
}

pub fn plan_resolve(
    state: &GroupState,
    facts: &dyn Facts,
    rules: Rules,
    at: LogIndex,
    command: &Resolve,
) -> Decision {
    let (start_ts, locks) = (command.start_ts, facts.locks());
    let judged = may_go_on(state, locks, start_ts, command.at).and_then(|()| {
        let over = locks.over(start_ts);
        match command.commit {
            true => commit(state, locks, rules, over, command),
            false => roll_back(locks, over, start_ts),
        }
    });
    let (over, answer) = match judged {
        Err(rejection) => return told(Answer::Resolved(Err(rejection))),
        Ok(Judged::Known(resolution)) => return told(Answer::Resolved(Ok(resolution))),
        Ok(Judged::RollBack { changed }) => (Over::RolledBack, Resolution::RolledBack { changed }),
        Ok(Judged::Commit) => {
            let (commit_ts, index) = (command.at, at);
            let written = Written { commit_ts, index, repeated: false };
            (Over::Committed(First { commit_ts, index }), Resolution::Committed(written))
        }
    };
    let mut actions = vec![Action::EndTransaction { start_ts, over }];
    if command.commit {
        actions.push(Action::AdvanceTimestamp { to: command.at });
    }
    Decision { actions, answer: Answer::Resolved(Ok(answer)) }
}

enum Judged {
    /// It ended before, in this way.
    Known(Resolution),
    RollBack {
        changed: bool,
    },
    Commit,
}

fn commit(
    state: &GroupState,
    locks: &Locks,
    rules: Rules,
    over: Option<Over>,
    command: &Resolve,
) -> Result<Judged, LockRejection> {
    match over {
        Some(Over::Committed(First { commit_ts, index })) => {
            return Ok(Judged::Known(Resolution::Committed(Written { commit_ts, index, repeated: true })));
        }
        Some(over @ Over::RolledBack) => return Err(is_over(command.start_ts, over)),
        None => {}
    }
    if command.at <= state.last_commit_ts {
        let (proposed, last) = (command.at, state.last_commit_ts);
        return Err(WriteRejection::StaleTimestamp { proposed, last }.into());
    }
    let locked = |key: &&[u8]| locks.on(key).is_some_and(|lock| lock.start_ts == command.start_ts);
    if let Some(key) = command.keys.iter().find(|key| !locked(key))
        && rules.hold(Rule::Locks)
    {
        return Err(LockRejection::NotLocked { key: command.keys.part(key) });
    }
    if !locks.is_under_way(command.start_ts) {
        return Err(LockRejection::NotUnderWay { start_ts: command.start_ts });
    }
    Ok(Judged::Commit)
}

/// One of which nothing is known is taken back as well: what comes of it later finds it over.
fn roll_back(locks: &Locks, over: Option<Over>, start_ts: Timestamp) -> Result<Judged, LockRejection> {
    match over {
        Some(Over::RolledBack) => Ok(Judged::Known(Resolution::RolledBack { changed: false })),
        Some(over @ Over::Committed(_)) => Err(is_over(start_ts, over)),
        None => Ok(Judged::RollBack { changed: locks.is_under_way(start_ts) }),
    }
}

/// What a write finds on a key.
pub(super) enum Met {
    Nothing,
    /// The lock of a transaction that has to go.
    Ended(Timestamp),
    Locked(WriteRejection),
}

/// Looks at the lock on a key, as of a timestamp, beside transactions that go already.
pub(super) fn met(
    locks: &Locks,
    ended: &[Timestamp],
    key: &[u8],
    at: Timestamp,
    own: Option<Timestamp>,
) -> Met {
    match locks.on(key) {
        None => Met::Nothing,
        Some(lock) if Some(lock.start_ts) == own || ended.contains(&lock.start_ts) => Met::Nothing,
        Some(lock) if lock.expires_at <= UnixMillis::new(at.unix_ms()) => Met::Ended(lock.start_ts),
        Some(Lock { start_ts, expires_at }) => {
            let key = bytes::Bytes::copy_from_slice(key);
            Met::Locked(WriteRejection::KeyLocked { key, start_ts, expires_at })
        }
    }
}

/// Tells which transactions have to go for these mutations.
pub(super) fn met_by(
    locks: &Locks,
    gone: &[Timestamp],
    mutations: &Mutations,
    at: Timestamp,
) -> Result<Vec<Timestamp>, WriteRejection> {
    let mut ended = gone.to_vec();
    for mutation in mutations.iter() {
        match met(locks, &ended, mutation.key(), at, None) {
            Met::Nothing => {}
            Met::Ended(other) => ended.push(other),
            Met::Locked(rejection) => return Err(rejection),
        }
    }
    Ok(ended.split_off(gone.len()))
}

pub(super) fn rolled_back(ended: impl IntoIterator<Item = Timestamp>) -> Vec<Action> {
    let over = Over::RolledBack;
    ended.into_iter().map(|start_ts| Action::EndTransaction { start_ts, over }).collect()
}

fn told(answer: Answer) -> Decision {
    Decision { actions: Vec::new(), answer }
}
