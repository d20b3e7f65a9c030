//! Asking every member, all at once, each with a deadline of its own. Nothing is remembered from one time to the
//! next.

use std::time::Duration;

use elastickv_consensus::Member;
use elastickv_sys::clock::SharedClock;
use futures_util::future::join_all;

use super::Report;
use crate::ports::{Fleet, Question, Silence};

/// A member has this long, its KEK's provider included.
pub const PATIENCE: Duration = Duration::from_secs(3);

pub async fn ask_all(
    fleet: &dyn Fleet,
    clock: &SharedClock,
    members: impl IntoIterator<Item = &Member>,
    question: &Question,
) -> Vec<Report> {
    join_all(members.into_iter().map(|member| ask(fleet, clock, member, question))).await
}

pub async fn ask(fleet: &dyn Fleet, clock: &SharedClock, member: &Member, question: &Question) -> Report {
    let (began, began_ms) = (clock.now(), clock.unix_ms());
    let answer = match tokio::time::timeout(PATIENCE, fleet.ask(member, question)).await {
        Ok(answer) => answer,
        Err(_) => Err(Silence(format!("nothing within {PATIENCE:?}"))),
    };
    let took = clock.now().since(began);
    let asked_ms = began_ms.saturating_add(u64::try_from(took.as_millis() / 2).unwrap_or(u64::MAX));
    Report { member: member.clone(), asked_ms, took, answer }
}
