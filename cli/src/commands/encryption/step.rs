//! The operations on keys and stage: judge, ask, send, wait.
//!
//! The operation's id is drawn here and goes with the request, so a request whose answer was lost is sent again:
//! the servers act once. From the moment they have begun they go on by themselves, whatever becomes of this
//! program; what follows is only watching.

use std::time::Duration;

use bytes::Bytes;
use elastickv_proto::{self as wire, v1};
use elastickv_types::{ClusterId, RequestId};

use super::check::judged;
use super::follow::{follow, look_up};
use super::{best_aim, leader_aim};
use crate::args::encryption::{Purpose, StepArgs};
use crate::client::{Aim, Plan, Session, Survey, encryption_rpc};
use crate::commands::confirm::{Irreversible, confirm};
use crate::error::{CliError, Code, Exit};
use crate::model::Done;
use crate::model::encryption::{JudgementView, OperationReport, OperationView, kind_word};
use crate::ui::Ui;

/// After an answer that was lost.
const PAUSE: Duration = Duration::from_millis(500);

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Bootstrap,
    EnableStorage,
    EnableRaft,
    Rotate(Purpose),
    Rewrap,
    Retire(u32),
}

impl Step {
    fn kind(self) -> v1::OperationKind {
        match self {
            Step::Bootstrap => v1::OperationKind::Bootstrap,
            Step::EnableStorage => v1::OperationKind::EnableStorage,
            Step::EnableRaft => v1::OperationKind::EnableRaft,
            Step::Rotate(_) => v1::OperationKind::Rotate,
            Step::Rewrap => v1::OperationKind::Rewrap,
            Step::Retire(_) => v1::OperationKind::Retire,
        }
    }

    fn purpose(self) -> Option<Purpose> {
        match self {
            Step::Rotate(purpose) => Some(purpose),
            Step::Bootstrap | Step::EnableStorage | Step::EnableRaft | Step::Rewrap | Step::Retire(_) => None,
        }
    }

    pub fn check_request(self) -> v1::CheckRequest {
        let purpose = match self.purpose() {
            None => v1::Purpose::Unspecified,
            Some(Purpose::Storage) => v1::Purpose::Storage,
            Some(Purpose::Raft) => v1::Purpose::Raft,
        };
        let key_id = if let Step::Retire(key) = self { key } else { 0 };
        v1::CheckRequest { gate: self.kind().into(), purpose: purpose.into(), key_id }
    }

    /// The command without the program, as it is typed.
    pub fn command(self) -> String {
        let option = match self {
            Step::Rotate(purpose) => format!(" --purpose {}", purpose.word()),
            Step::Retire(key) => format!(" --key-id {key}"),
            Step::Bootstrap | Step::EnableStorage | Step::EnableRaft | Step::Rewrap => String::new(),
        };
        format!("encryption {}{option}", kind_word(self.kind().into()))
    }

    /// What can not be taken back; nothing for what can be done again and again.
    fn consequences(self) -> &'static [&'static str] {
        match self {
            Step::Bootstrap => &["the cluster gets its data keys; nothing is sealed by that"],
            Step::EnableStorage => &[
                "every value written from now on is sealed; what is there stays clear until it is rewritten",
                "whoever loses the KEK loses the data: keep a copy where no node and no backup is",
                "there is no way back",
            ],
            Step::EnableRaft => &[
                "every entry of the log written from now on is sealed; writes wait for a moment meanwhile",
                "there is no way back",
            ],
            // What becomes of a key is asked about where the key is known.
            Step::Rotate(_) | Step::Rewrap | Step::Retire(_) => &[],
        }
    }

    /// Whether a cluster of this stage has it behind it.
    fn is_reached(self, stage: &v1::EncryptionStage) -> bool {
        match self {
            Step::Bootstrap => stage.bootstrap_index.is_some(),
            Step::EnableStorage => stage.storage_index.is_some(),
            Step::EnableRaft => stage.raft_index.is_some(),
            Step::Rotate(_) | Step::Rewrap | Step::Retire(_) => false,
        }
    }

    /// What comes after it.
    fn next(self) -> Option<&'static str> {
        match self {
            Step::Bootstrap => Some("elastickv-admin encryption enable-storage-envelope"),
            Step::EnableStorage => Some("elastickv-admin encryption enable-raft-envelope"),
            Step::EnableRaft | Step::Rewrap | Step::Retire(_) => Some("elastickv-admin encryption status"),
            Step::Rotate(_) => None,
        }
    }
}

/// One run of a step.
pub struct Run<'a> {
    session: &'a Session,
    step: Step,
    args: &'a StepArgs,
    operation: Bytes,
    /// The command that comes back to this operation.
    again: String,
}

pub async fn run(
    session: &Session,
    ui: &Ui,
    step: Step,
    args: &StepArgs,
) -> Result<Done<OperationReport>, CliError> {
    let run = Run::new(session, step, args, session.begin_change());
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, args.change.expect.expect_cluster.as_deref())?;
    let begun = match run.known(&survey).await? {
        Some(known) => known,
        None => {
            if let Some(refused) = run.agreed(ui, &survey).await? {
                return Ok(run.report(&survey, refused));
            }
            run.begin(&survey).await?
        }
    };
    run.end(&survey, begun).await
}

impl<'a> Run<'a> {
    pub fn new(session: &'a Session, step: Step, args: &'a StepArgs, id: RequestId) -> Self {
        let again = format!("{{cli}} {} --op-id {id}   # waits on, and begins nothing anew", step.command());
        Self { session, step, args, operation: Bytes::copy_from_slice(id.as_bytes()), again }
    }

    /// Begins it, and watches until it is over.
    pub async fn perform(&self, survey: &Survey) -> Result<v1::Operation, CliError> {
        let begun = self.begin(survey).await?;
        Ok(self.follow(begun).await)
    }

    pub async fn follow(&self, begun: v1::Operation) -> v1::Operation {
        self.session.leave_behind(Code::OperationGoesOn, &self.again);
        if self.args.no_wait { begun } else { follow(self.session, begun).await }
    }

    /// An operation whose id the operator gave may be under way, or over, already.
    pub async fn known(&self, survey: &Survey) -> Result<Option<v1::Operation>, CliError> {
        if self.args.change.op_id.is_none() {
            return Ok(None);
        }
        match look_up(self.session, best_aim(survey), &self.operation).await? {
            Some(other) if other.kind != i32::from(self.step.kind()) => {
                let text = format!("the operation of this id is {}", kind_word(other.kind));
                Err(CliError::new(Code::OperationIdSpent, text))
            }
            found => Ok(found),
        }
    }

    /// For what can not be undone: the gate, then the question. What is done already is not asked about.
    async fn agreed(&self, ui: &Ui, survey: &Survey) -> Result<Option<OperationView>, CliError> {
        if self.step.consequences().is_empty() || self.is_reached(survey).await? {
            return Ok(None);
        }
        let judgement = judged(self.session, survey, &self.step.check_request()).await?;
        judgement.warnings().into_iter().for_each(|warning| self.session.warn(warning));
        if !judgement.lets_through() {
            let kind = kind_word(self.step.kind().into());
            return Ok(Some(OperationView::stopped_by(judgement, &self.operation, kind)));
        }
        let question = Irreversible {
            consequences: consequences(self.step, &judgement),
            cluster_name: &survey.cluster_name,
            yes: self.args.yes,
            expected: self.args.change.expect.expect_cluster.as_deref(),
            command: self.step.command(),
        };
        confirm(self.session, ui, &question).await?;
        Ok(None)
    }

    async fn is_reached(&self, survey: &Survey) -> Result<bool, CliError> {
        self.session.progress().say("asking how far the cluster is");
        let plan = Plan::read(leader_aim(self.session, survey)?);
        let request = v1::EncryptionStatusRequest {};
        let told = self.session.call(plan, &request, encryption_rpc::status).await?.message;
        let stage = told.facts.and_then(|facts| facts.stage);
        Ok(stage.is_some_and(|stage| self.step.is_reached(&stage)))
    }

    /// Sends the request until there is an answer.
    async fn begin(&self, survey: &Survey) -> Result<v1::Operation, CliError> {
        let cluster: Bytes = survey
            .cluster_id
            .parse()
            .map_or_else(|_| Bytes::new(), |id: ClusterId| Bytes::copy_from_slice(id.as_bytes()));
        let mut aim = leader_aim(self.session, survey)?;
        loop {
            self.session.progress().say(format!("{}: asking the leader", kind_word(self.step.kind().into())));
            let lost = match self.send(aim, &cluster).await {
                Err(error) if error.exit() == Exit::OutcomeUnknown => error,
                Err(error) => return Err(error),
                Ok(Some(begun)) => return Ok(begun),
                Ok(None) => return self.unnamed(survey).await,
            };
            self.session.progress().say("the answer was lost; asking again with the same operation id");
            if !self.session.sleep(PAUSE).await {
                return Err(lost);
            }
            let survey = self.session.survey_with_leader().await.map_err(|_| lost)?;
            aim = leader_aim(self.session, &survey)?;
        }
    }

    /// The answer names no operation: it has to be looked up.
    async fn unnamed(&self, survey: &Survey) -> Result<v1::Operation, CliError> {
        let found = look_up(self.session, best_aim(survey), &self.operation).await?;
        found.ok_or_else(|| {
            CliError::new(Code::Unexpected, "the leader knows nothing of the operation it began")
        })
    }

    async fn send(&self, aim: Aim, cluster: &Bytes) -> Result<Option<v1::Operation>, CliError> {
        let (session, plan) = (self.session, Plan::write(aim));
        let operation_id = self.operation.clone();
        let reason = self.args.change.expect.reason.clone();
        let expected_cluster_id = cluster.clone();
        let (detach, limit_ms) = (true, 0);
        Ok(match self.step {
            Step::Bootstrap => {
                let request = wire::BootstrapEncryptionRequest {
                    operation_id,
                    reason,
                    expected_cluster_id,
                    detach,
                    limit_ms,
                    ..Default::default()
                };
                session.call(plan, &request, encryption_rpc::bootstrap_encryption).await?.message.operation
            }
            Step::EnableStorage => {
                let request = wire::EnableStorageEnvelopeRequest {
                    operation_id,
                    reason,
                    expected_cluster_id,
                    detach,
                    limit_ms,
                    ..Default::default()
                };
                session.call(plan, &request, encryption_rpc::enable_storage_envelope).await?.message.operation
            }
            Step::EnableRaft => {
                let request = wire::EnableRaftEnvelopeRequest {
                    operation_id,
                    reason,
                    expected_cluster_id,
                    detach,
                    limit_ms,
                    ..Default::default()
                };
                session.call(plan, &request, encryption_rpc::enable_raft_envelope).await?.message.operation
            }
            Step::Rotate(purpose) => {
                let purpose = match purpose {
                    Purpose::Storage => wire::DekPurpose::Storage,
                    Purpose::Raft => wire::DekPurpose::Raft,
                };
                let request = wire::RotateDekRequest {
                    purpose: purpose.into(),
                    operation_id,
                    reason,
                    expected_cluster_id,
                    detach,
                    limit_ms,
                    ..Default::default()
                };
                session.call(plan, &request, encryption_rpc::rotate_dek).await?.message.operation
            }
            Step::Rewrap => {
                let request =
                    v1::RewrapRequest { operation_id, reason, expected_cluster_id, detach, limit_ms };
                session.call(plan, &request, encryption_rpc::rewrap).await?.message.operation
            }
            Step::Retire(key_id) => {
                let request =
                    v1::RetireRequest { operation_id, reason, expected_cluster_id, detach, limit_ms, key_id };
                session.call(plan, &request, encryption_rpc::retire).await?.message.operation
            }
        })
    }

    /// It has begun, and goes on by itself.
    async fn end(&self, survey: &Survey, begun: v1::Operation) -> Result<Done<OperationReport>, CliError> {
        let last = self.follow(begun).await;
        Ok(self.report(survey, OperationView::from(&last)))
    }

    pub fn report(&self, survey: &Survey, operation: OperationView) -> Done<OperationReport> {
        if let Some(judgement) = operation.judgement.as_ref().filter(|judgement| judgement.lets_through()) {
            judgement.warnings().into_iter().for_each(|warning| self.session.warn(warning));
        }
        operation.warnings().into_iter().for_each(|warning| self.session.warn(warning));
        let problem = operation.problem(&self.again);
        let changed = operation.changed == Some(true);
        let next = self.step.next().filter(|_| operation.state == "done").map(str::to_owned);
        let report = OperationReport { cluster_name: survey.cluster_name.clone(), operation, next };
        Done::changed(report, changed).with_problem(problem)
    }
}

/// What the operator should have read before typing the cluster's name.
fn consequences(step: Step, judgement: &JudgementView) -> Vec<String> {
    let names: Vec<&str> = judgement.members.iter().map(|member| member.name.as_str()).collect();
    let mut lines: Vec<String> = step.consequences().iter().map(ToString::to_string).collect();
    lines.push(format!("members that pass every check: {}", names.join(", ")));
    lines.extend(judgement.warnings().into_iter().map(|warning| format!("remark: {}", warning.message)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 6] = [
        Step::Bootstrap,
        Step::EnableStorage,
        Step::EnableRaft,
        Step::Rotate(Purpose::Storage),
        Step::Rotate(Purpose::Raft),
        Step::Rewrap,
    ];

    #[test]
    fn what_is_advised_to_be_typed_is_understood() {
        use clap::Parser;
        for step in STEPS {
            let line = format!("elastickv-admin {} --dry-run", step.command());
            let cli = crate::args::Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.command.path(), step.command().split(" --").next().unwrap(), "{step:?}");
        }
        for next in STEPS.iter().filter_map(|step| step.next()) {
            assert!(crate::args::Cli::try_parse_from(next.split(' ')).is_ok(), "{next}");
        }
    }

    #[test]
    fn a_stage_that_is_reached_is_not_asked_about_again() {
        let stage = v1::EncryptionStage {
            bootstrap_index: Some(2),
            storage_index: Some(5),
            raft_index: None,
            ..Default::default()
        };
        let reached: Vec<Step> = STEPS.into_iter().filter(|step| step.is_reached(&stage)).collect();
        assert_eq!(reached, [Step::Bootstrap, Step::EnableStorage]);
    }

    #[test]
    fn only_what_can_be_done_again_is_done_without_asking() {
        let unasked: Vec<Step> = STEPS.into_iter().filter(|step| step.consequences().is_empty()).collect();
        assert_eq!(unasked, [Step::Rotate(Purpose::Storage), Step::Rotate(Purpose::Raft), Step::Rewrap]);
    }
}
