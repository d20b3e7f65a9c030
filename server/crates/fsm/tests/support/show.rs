//! How the scripts show states and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use elastickv_fsm::*;
use elastickv_mvcc::{LockKey, OpenedRow, RowKey};
use elastickv_types::*;

/// A timestamp as the scripts say it.
pub fn stamp(at: Timestamp) -> String {
    match at.get() & 0xffff {
        0 => at.unix_ms().to_string(),
        count => format!("{}.{count}", at.unix_ms()),
    }
}

pub fn rows(rows: &[(RowKey, OpenedRow)]) -> String {
    let mut out = String::new();
    for (key, row) in rows {
        let (name, at) = (String::from_utf8_lossy(&key.user_key), stamp(key.commit_ts));
        let what =
            if row.tombstone { "deleted".to_owned() } else { String::from_utf8_lossy(&row.body).into() };
        let end = if row.expire_at == 0 { String::new() } else { format!(" until {}", row.expire_at) };
        writeln!(out, "{name} at {at}: {what}{end}").unwrap();
    }
    out
}

pub fn locks(locks: &[(LockKey, OpenedRow)]) -> String {
    let mut out = String::new();
    for (key, row) in locks {
        let (name, start) = (String::from_utf8_lossy(&key.user_key), stamp(key.start_ts));
        let what =
            if row.tombstone { "deleted".to_owned() } else { String::from_utf8_lossy(&row.body).into() };
        writeln!(out, "{name} by {start} until {}: {what}", key.expires_at).unwrap();
    }
    out
}

pub fn state(state: &GroupState, tables: &Tables) -> String {
    let requests = tables.sessions.len();
    let mut out = String::new();
    let GroupState { last_commit_ts, ceiling, oldest, horizon, .. } = state;
    if *last_commit_ts.max(ceiling).max(oldest) > Timestamp::ZERO {
        let stamps = [last_commit_ts, ceiling, oldest].map(|at| stamp(*at));
        writeln!(out, "last commit {}, ceiling {}, oldest {}", stamps[0], stamps[1], stamps[2]).unwrap();
    }
    if requests > 0 {
        let horizon = horizon.map_or("none".to_owned(), |horizon| horizon.to_string());
        writeln!(out, "{requests} requests are remembered, horizon {horizon}").unwrap();
    }
    let over = tables.locks.all_over().count();
    if !tables.locks.is_empty() || over > 0 {
        let horizon = state.over_horizon.map_or("none".to_owned(), stamp);
        let locks = tables.locks.len();
        writeln!(out, "{locks} locks, {over} transactions are remembered, horizon {horizon}").unwrap();
    }
    let raft = &state.raft;
    let cutover = raft.cutover.map_or("none".to_owned(), |at| at.to_string());
    let pairs = |of: &BTreeMap<KeyId, LogIndex>| {
        let pairs = of.iter().map(|(key, at)| format!(" {key}@{at}")).collect::<String>();
        if pairs.is_empty() { " none".to_owned() } else { pairs }
    };
    let (floor, sealed) = (pairs(&raft.floor), pairs(&raft.last_sealed));
    writeln!(out, "raft cutover {cutover}, floor{floor}, last sealed{sealed}").unwrap();
    if let Some(control) = &state.control {
        show_control(control, &mut out);
    }
    out
}

pub fn answer(answer: &Answer) -> String {
    let done = |done: &Done| {
        let how = if done.changed { "done" } else { "done before" };
        let key = done.key.map_or(String::new(), |key| format!(", key {key}"));
        format!("{how}, first at {}{key}", done.first)
    };
    let rejected = |rejection: &Rejection| format!("REJECTED [{}] {rejection}", rejection.code());
    match answer {
        Answer::Nothing => "nothing".to_owned(),
        Answer::Misfit(misfit) => format!("MISFIT {misfit}"),
        Answer::Writes(writes) => {
            let each = writes.iter().map(|write| match write {
                Ok(written) if written.repeated => {
                    format!("written before, at {} by {}", stamp(written.commit_ts), written.index)
                }
                Ok(written) => format!("written at {}", stamp(written.commit_ts)),
                Err(rejection) => write_rejection(rejection),
            });
            each.collect::<Vec<_>>().join("\n   ")
        }
        Answer::PreWritten(Ok(())) => "locked".to_owned(),
        Answer::PreWritten(Err(rejections)) => {
            rejections.iter().map(lock_rejection).collect::<Vec<_>>().join("\n   ")
        }
        Answer::Resolved(Err(rejection)) => lock_rejection(rejection),
        Answer::Resolved(Ok(Resolution::Committed(at))) => {
            let how = if at.repeated { "committed before" } else { "committed" };
            format!("{how}, at {} by {}", stamp(at.commit_ts), at.index)
        }
        Answer::Resolved(Ok(Resolution::RolledBack { changed })) => {
            (if *changed { "rolled back" } else { "rolled back, though nothing was locked" }).to_owned()
        }
        Answer::Ceiling(bounds) => {
            format!("ceiling {}, oldest {}", stamp(bounds.ceiling), stamp(bounds.oldest))
        }
        Answer::Registered(Ok(registered)) if registered.changed => "registered".to_owned(),
        Answer::Registered(Ok(_)) => "registered before".to_owned(),
        Answer::Registered(Err(rejection)) => rejected(rejection),
        Answer::Done(Ok(found)) => done(found),
        Answer::Done(Err(rejection)) => rejected(rejection),
    }
}

fn lock_rejection(rejection: &LockRejection) -> String {
    match rejection {
        LockRejection::Write(rejection) => write_rejection(rejection),
        rejection => format!("REJECTED {rejection}"),
    }
}

fn write_rejection(rejection: &WriteRejection) -> String {
    match rejection {
        WriteRejection::Conflict { key, commit_ts } => {
            format!("REJECTED {} changed at {}", String::from_utf8_lossy(key), stamp(*commit_ts))
        }
        WriteRejection::KeyLocked { key, start_ts, expires_at } => {
            let key = String::from_utf8_lossy(key);
            format!("REJECTED {key} is locked by {} until {expires_at}", stamp(*start_ts))
        }
        rejection => format!("REJECTED {rejection}"),
    }
}

fn show_control(control: &Control, out: &mut String) {
    let index = |index: Option<LogIndex>| index.map_or("none".to_owned(), |index| index.to_string());
    writeln!(out, "{:?}", control.stage).unwrap();
    let (control_index, keyring) = (index(control.control_index), index(control.keyring_version));
    writeln!(out, "control index {control_index}, keyring version {keyring}").unwrap();
    for (key, row) in control.keys.iter() {
        let kek = row.wrapping.as_ref().map_or("gone", |wrapping| wrapping.kek().key.as_str());
        writeln!(
            out,
            "key {key} {} {:?}, created at {}, wrapping {kek}",
            row.purpose, row.state, row.created
        )
        .unwrap();
    }
    for (key, row) in control.writers.iter() {
        writeln!(out, "writer of {key}: {} epoch {}", row.node, row.epoch).unwrap();
    }
    if let Some(running) = &control.running {
        let steps: BTreeSet<_> = running.steps.iter().map(|(tag, _)| format!("{:?}", tag.tag)).collect();
        writeln!(out, "under way since {}: {}, steps {steps:?}", running.begun, running.kind).unwrap();
    }
    if let Some(job) = &control.job {
        let Job { begun, rate, phase, changed, .. } = job;
        let rate = rate.map_or("no limit".to_owned(), |rate| rate.to_string());
        writeln!(out, "job {} since {begun}: {phase:?} since {changed}, at {rate}", job.id()).unwrap();
    }
    for (at, record) in control.history.iter() {
        let outcome = match &record.outcome {
            Ok(done) => answer(&Answer::Done(Ok(*done))),
            Err(rejection) => format!("refused [{}] {rejection}", rejection.code()),
        };
        writeln!(
            out,
            "history at {at}: {}, {} by {}: {outcome}",
            record.operation, record.kind, record.actor
        )
        .unwrap();
    }
}
