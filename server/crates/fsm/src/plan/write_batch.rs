//! Users' writes: each of a batch is decided on its own, after those before it.
//!
//! In this order: a request that took effect before is answered what it was answered then; one that may have,
//! so long ago that nobody remembers, is refused; a timestamp that is not above the last one has come too late; and
//! what was read has to be as it was, and nothing that is written locked. A write that takes effect is remembered
//! if its request tells its time, and one that does not leaves nothing behind: proposed again, it is judged again.
//!
//! What was read is judged by the versions that there are by now, not by those that are shown: nothing is
//! opened, no clock is asked, and what was collected is older than whatever can still be asked about.

use std::collections::BTreeMap;

use bytes::Bytes;
use elastickv_types::{LogIndex, RequestId, Timestamp};

use super::facts::{Changed, Facts, Fresh, smaller};
use super::rules::{Rule, Rules};
use super::{Action, Answer, Decision, WriteRejection, Written, ceiling, lock};
use crate::command::{ReadSet, Span, UnixMillis, Write, WriteBatch, request_drawn_at};
use crate::perform::PerformError;
use crate::state::{First, GroupState};

/// How far the clock of a client may be ahead of the group's time: a request that claims to be from beyond would
/// be remembered for that much longer, and take the place of others.
const AHEAD_MS: u64 = 2 * 60 * 60 * 1000;

pub fn plan(
    state: &GroupState,
    facts: &dyn Facts,
    rules: Rules,
    at: LogIndex,
    batch: &WriteBatch,
) -> Result<Decision, PerformError> {
    let mut planning = Planning {
        facts,
        rules,
        at,
        last: state.last_commit_ts,
        oldest: state.oldest.max(batch.bounds.oldest),
        horizon: state.horizon,
        actions: ceiling::raised(state, batch.bounds),
        remembered: BTreeMap::new(),
        fresh: None,
        gone: Vec::new(),
    };
    let answers = batch.writes.iter().map(|write| planning.take(write)).collect::<Result<_, _>>()?;
    let Planning { last, mut actions, .. } = planning;
    if last > state.last_commit_ts {
        actions.push(Action::AdvanceTimestamp { to: last });
    }
    Ok(Decision { actions, answer: Answer::Writes(answers) })
}

/// What the writes so far came to.
struct Planning<'a> {
    facts: &'a dyn Facts,
    rules: Rules,
    at: LogIndex,
    last: Timestamp,
    oldest: Timestamp,
    horizon: Option<UnixMillis>,
    actions: Vec<Action>,
    remembered: BTreeMap<RequestId, First>,
    /// The rows of this entry, once somebody asks.
    fresh: Option<Fresh>,
    /// Transactions that this entry has taken back, since their locks had ended.
    gone: Vec<Timestamp>,
}

/// A request, and when it was drawn.
type Timed = (RequestId, UnixMillis);

impl Planning<'_> {
    fn take(&mut self, write: Write) -> Result<Result<Written, WriteRejection>, PerformError> {
        let timed = write.request_id.filter(|_| self.rules.hold(Rule::Sessions)).and_then(timed);
        if let Some(First { commit_ts, index }) = timed.and_then(|(request, _)| self.first(&request)) {
            return Ok(Ok(Written { commit_ts, index, repeated: true }));
        }
        if let Err(rejection) = self.judge(&write, timed)? {
            return Ok(Err(rejection));
        }
        if !self.facts.locks().is_empty() && self.rules.hold(Rule::Locks) {
            match lock::met_by(self.facts.locks(), &self.gone, &write.mutations, write.commit_ts) {
                Err(rejection) => return Ok(Err(rejection)),
                Ok(ended) => {
                    self.actions.extend(lock::rolled_back(ended.iter().copied()));
                    self.gone.extend(ended);
                }
            }
        }
        let (commit_ts, index) = (write.commit_ts, self.at);
        self.last = self.last.max(commit_ts);
        if let Some(fresh) = &mut self.fresh {
            fresh.note_all(&write.mutations, commit_ts);
        }
        if !write.mutations.is_empty() {
            self.actions.push(Action::PutRows { commit_ts, mutations: write.mutations });
        }
        if let Some((request, _)) = timed {
            let first = First { commit_ts, index };
            self.remembered.insert(request, first);
            self.actions.push(Action::RememberRequest { request, first });
        }
        Ok(Ok(Written { commit_ts, index, repeated: false }))
    }

    fn first(&self, request: &RequestId) -> Option<First> {
        self.remembered.get(request).copied().or_else(|| self.facts.first(request))
    }

    fn judge(
        &mut self,
        write: &Write,
        timed: Option<Timed>,
    ) -> Result<Result<(), WriteRejection>, PerformError> {
        let commit_ts = write.commit_ts;
        if let Some((_, drawn)) = timed
            && let Err(rejection) = judge_drawn(drawn, self.horizon, commit_ts)
        {
            return Ok(Err(rejection));
        }
        if commit_ts <= self.last && self.rules.hold(Rule::Timestamps) {
            return Ok(Err(WriteRejection::StaleTimestamp { proposed: commit_ts, last: self.last }));
        }
        match &write.reads {
            Some(reads) if self.rules.hold(Rule::ReadSets) => self.judge_reads(reads),
            _ => Ok(Ok(())),
        }
    }

    fn judge_reads(&mut self, reads: &ReadSet) -> Result<Result<(), WriteRejection>, PerformError> {
        let asked = reads.at();
        if asked < self.oldest {
            return Ok(Err(WriteRejection::ReadTimestampCompacted { asked, oldest: self.oldest }));
        }
        let mut changed: Option<Changed> = None;
        for key in reads.keys() {
            if changed.as_ref().is_none_or(|(smallest, _)| key < &smallest[..])
                && let Some(commit_ts) = self.newer(key, asked)?
            {
                changed = Some((Bytes::copy_from_slice(key), commit_ts));
            }
        }
        for span in reads.spans() {
            changed = smaller(changed, self.first_newer(span, asked)?);
        }
        Ok(changed.map_or(Ok(()), |(key, commit_ts)| Err(WriteRejection::Conflict { key, commit_ts })))
    }

    fn newer(&mut self, key: &[u8], than: Timestamp) -> Result<Option<Timestamp>, PerformError> {
        let fresh = self.fresh().newer(key, than);
        // What this entry wrote is newer than all that was there.
        if fresh.is_some() { Ok(fresh) } else { self.facts.newer(key, than) }
    }

    fn first_newer(&mut self, span: Span<'_>, than: Timestamp) -> Result<Option<Changed>, PerformError> {
        let fresh = self.fresh().first_newer(span, than);
        Ok(smaller(fresh, self.facts.first_newer(span, than)?))
    }

    fn fresh(&mut self) -> &Fresh {
        self.fresh.get_or_insert_with(|| {
            let mut fresh = Fresh::default();
            for action in &self.actions {
                if let Action::PutRows { commit_ts, mutations } = action {
                    fresh.note_all(mutations, *commit_ts);
                }
            }
            fresh
        })
    }
}

/// Whether a request of which nothing is remembered can be told from one that was: by when it was drawn.
pub fn judge_drawn(
    drawn: UnixMillis,
    horizon: Option<UnixMillis>,
    at: Timestamp,
) -> Result<(), WriteRejection> {
    if let Some(horizon) = horizon.filter(|horizon| drawn <= *horizon) {
        return Err(WriteRejection::RequestExpired { drawn, horizon });
    }
    let at = UnixMillis::new(at.unix_ms());
    if drawn > at.saturating_add(AHEAD_MS) {
        return Err(WriteRejection::RequestAhead { drawn, at });
    }
    Ok(())
}

fn timed(request: RequestId) -> Option<Timed> {
    request_drawn_at(&request).map(|drawn| (request, drawn))
}
