//! Talking to a cluster of which one knows some addresses.

pub mod backup_rpc;
pub mod call;
mod connect;
mod crawl;
mod credentials;
pub mod decide;
mod describe;
pub mod encryption_rpc;
pub mod failure;
pub mod jobs_rpc;
mod pin;
mod resolve;
mod route;
pub mod rpc;
pub mod survey;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock, SystemClock};
use elastickv_sys::random::{SharedRandom, SystemRandom};
use elastickv_types::{PeerAddress, RequestId};

pub use call::{Aim, Answer, Patience, Plan};
pub use crawl::no_leader;
pub use credentials::Credentials;
pub use decide::Intent;
pub use failure::Failure;
pub use pin::Pin;
pub use survey::{GroupFacts, MembershipEntry, NodeFacts, Reply, Seen, Survey};

use crate::error::{CliError, Code, Warning};
use crate::model::{Facts, MemberRow};
use crate::progress::Progress;

/// Where a cluster is, and what to show there.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    pub endpoints: Vec<PeerAddress>,
    pub credentials: Credentials,
    /// The one cluster that may answer.
    pub pin: Option<Pin>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For one call, when the operator said so.
    pub call: Option<Duration>,
    /// For the whole command.
    pub command: Duration,
}

/// One command's dealings with one cluster.
#[derive(Debug)]
pub struct Session {
    endpoints: Vec<PeerAddress>,
    times: Times,
    begun: Cell<Moment>,
    /// Since when the time for the step that is under way runs.
    step_begun: Cell<Moment>,
    clock: SharedClock,
    random: SharedRandom,
    connections: connect::Connections,
    credentials: Credentials,
    pin: Option<Pin>,
    /// An endpoint that answered for another cluster than the pinned one.
    foreign: RefCell<Option<Failure>>,
    op_id: RequestId,
    /// Why this is done, in the operator's words.
    reason: String,
    /// A change was sent and has not been answered.
    in_flight: Cell<bool>,
    /// What to do about an unknown outcome, where it is not to repeat the operation by its id.
    advice: RefCell<Option<String>>,
    facts: RefCell<Facts>,
    /// How to come back to what the servers do by themselves from now on.
    left_behind: RefCell<Option<(Code, String)>>,
    /// Answered last, and so is asked first.
    preferred: RefCell<Option<PeerAddress>>,
    progress: Progress,
}

impl Session {
    pub fn new(reach: Reach, times: Times, op_id: Option<RequestId>, progress: Progress) -> Self {
        let Reach { endpoints, credentials, pin } = reach;
        let clock = SystemClock::shared();
        let random = SystemRandom::shared();
        let op_id = op_id.unwrap_or_else(|| new_op_id(&clock, &random));
        Self {
            endpoints,
            times,
            begun: Cell::new(clock.now()),
            step_begun: Cell::new(clock.now()),
            clock,
            random,
            connections: connect::Connections::new(credentials.dialer.clone()),
            credentials,
            pin,
            foreign: RefCell::new(None),
            op_id,
            reason: String::new(),
            in_flight: Cell::new(false),
            advice: RefCell::new(None),
            facts: RefCell::new(Facts::default()),
            left_behind: RefCell::new(None),
            preferred: RefCell::new(None),
            progress,
        }
    }

    /// Tells the servers why, with every call.
    pub fn with_reason(self, reason: String) -> Self {
        Self { reason, ..self }
    }

    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Marks this command as one that changes something: its operation's id belongs to the result.
    pub fn begin_change(&self) -> RequestId {
        self.facts.borrow_mut().op_id = Some(self.op_id);
        self.op_id
    }

    pub fn unix_ms(&self) -> u64 {
        self.clock.unix_ms()
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    pub fn remaining(&self) -> Duration {
        self.times.command.saturating_sub(self.clock.now().since(self.step_begun.get()))
    }

    /// Gives the command its whole time again.
    pub fn begin_again(&self) {
        self.begun.set(self.clock.now());
        self.begin_step();
    }

    /// Gives the next of many steps the whole time that one may take.
    pub fn begin_step(&self) {
        self.step_begun.set(self.clock.now());
    }

    /// Forgets what was found out, to look again.
    pub fn begin_look(&self) {
        *self.facts.borrow_mut() = Facts::default();
        self.begin_step();
    }

    /// An id for one of many writes of this command.
    pub fn new_request_id(&self) -> RequestId {
        new_op_id(&self.clock, &self.random)
    }

    /// Says what to do when the outcome of the writes that follow is unknown.
    pub fn advise(&self, advice: impl Into<String>) {
        *self.advice.borrow_mut() = Some(advice.into());
    }

    pub fn elapsed(&self) -> Duration {
        self.clock.now().since(self.begun.get())
    }

    pub fn allowed(&self) -> Duration {
        self.times.command
    }

    pub fn warn(&self, warning: Warning) {
        let mut facts = self.facts.borrow_mut();
        if !facts.warnings.contains(&warning) {
            facts.warnings.push(warning);
        }
    }

    pub fn learn_cluster(&self, cluster_id: String) {
        self.facts.borrow_mut().cluster_id = Some(cluster_id);
    }

    pub fn learn_members(&self, members: Vec<MemberRow>) {
        self.facts.borrow_mut().members = members;
    }

    /// Knows again what a survey told.
    pub fn learn(&self, survey: &Survey) {
        self.learn_cluster(survey.cluster_id.clone());
        self.learn_members(survey.members.iter().map(|seen| crawl::row(survey, seen)).collect());
    }

    /// The text without the token that this program shows.
    pub fn without_secrets(&self, text: &str) -> String {
        self.credentials.leave_out(text)
    }

    pub fn facts(&self) -> Facts {
        self.facts.borrow().clone()
    }

    fn prefer(&self, address: &PeerAddress) {
        *self.preferred.borrow_mut() = Some(address.clone());
    }

    fn preferred(&self) -> Option<PeerAddress> {
        self.preferred.borrow().clone()
    }

    /// The error of a command that was told to stop by a signal.
    pub fn interrupted(&self, code: Code) -> CliError {
        if self.in_flight.get() {
            return self.unknown_outcome("interrupted after the change was sent".to_owned());
        }
        if let Some((code, again)) = self.left_behind.borrow().as_ref() {
            return CliError::new(*code, "interrupted; the servers go on by themselves").hint(again);
        }
        CliError::new(code, code.entry().title)
    }

    /// From now on the servers go on by themselves: who is interrupted only looks away, which is told under this code.
    /// `again` is the command that comes back.
    pub fn leave_behind(&self, code: Code, again: &str) {
        *self.left_behind.borrow_mut() = Some((code, again.to_owned()));
    }

    fn unknown_outcome(&self, message: String) -> CliError {
        let error = CliError::new(Code::OutcomeUnknown, message);
        if let Some(advice) = &*self.advice.borrow() {
            return error.hint(advice.clone());
        }
        self.begin_change();
        error.hint(format!("repeat the command with --op-id {}", self.op_id))
    }
}

/// A UUIDv7: sorts by time, so that ids in logs and histories stand in the order of the operations.
fn new_op_id(clock: &SharedClock, random: &SharedRandom) -> RequestId {
    let mut noise = [0; 10];
    random.fill(&mut noise);
    let id = uuid::Builder::from_unix_timestamp_millis(clock.unix_ms(), &noise).into_uuid();
    RequestId::from_bytes(*id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    fn session() -> Session {
        let times = Times { call: None, command: Duration::from_secs(1) };
        let reach = Reach { endpoints: vec!["a:1".parse().unwrap()], ..Reach::default() };
        Session::new(reach, times, None, Progress::silent())
    }

    #[test]
    fn operation_ids_are_of_version_seven() {
        let id = uuid::Uuid::from_bytes(*session().begin_change().as_bytes());
        assert_eq!(id.get_version_num(), 7);
    }

    #[test]
    fn an_interruption_tells_whether_anything_was_under_way() {
        let session = session();
        assert_eq!(session.interrupted(Code::Interrupted).code(), Code::Interrupted);
        session.in_flight.set(true);
        let error = session.interrupted(Code::Interrupted);
        assert_eq!(error.code(), Code::OutcomeUnknown);
        let op_id = session.facts().op_id.unwrap().to_string();
        assert!(error.hint_text("x").contains(&op_id));
    }

    #[test]
    fn who_is_interrupted_while_the_servers_work_only_looks_away() {
        let session = session();
        for code in [Code::OperationGoesOn, Code::JobGoesOn] {
            session.leave_behind(code, "come back");
            let error = session.interrupted(Code::Interrupted);
            assert_eq!((error.code(), error.exit().code()), (code, 8));
            assert_eq!(error.hint_text("x"), "come back");
        }
    }
}
