//! Between the messages about encryption and the types they stand for.

use bytes::Bytes;
use elastickv_fsm::{
    Control, Fingerprint, GroupState, Job, JobPhase, KeyRow, KeyState, OperationKind, Outcome, Record,
    Rejection, Running, Stage,
};
use elastickv_lifecycle::{
    Check, Counted, Disk, Facts, Finding, Gate, HeldKey, Judgement, MemberPart, Probe, Progress, Report,
    Verdict, Verified, Waiting,
};
use elastickv_mvcc::rewrite::Amount;
use elastickv_proto::v1;
use elastickv_proto::v1::kek_probe_result::Outcome as ProbeOutcome;
use elastickv_types::{
    ByteRate, ClusterId, FullNodeId, GroupId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, OperationId,
    Purpose, StoreId,
};

pub fn purpose(purpose: Purpose) -> v1::Purpose {
    match purpose {
        Purpose::Storage => v1::Purpose::Storage,
        Purpose::Raft => v1::Purpose::Raft,
    }
}

pub fn purpose_from_wire(raw: i32) -> Option<Purpose> {
    match v1::Purpose::try_from(raw).ok()? {
        v1::Purpose::Unspecified => None,
        v1::Purpose::Storage => Some(Purpose::Storage),
        v1::Purpose::Raft => Some(Purpose::Raft),
    }
}

pub fn kek(label: &KekLabel) -> v1::Kek {
    v1::Kek { provider: label.provider.clone(), key: label.key.clone(), version: label.version.clone() }
}

pub fn kind(kind: OperationKind) -> v1::OperationKind {
    match kind {
        OperationKind::Bootstrap => v1::OperationKind::Bootstrap,
        OperationKind::EnableStorage => v1::OperationKind::EnableStorage,
        OperationKind::EnableRaft => v1::OperationKind::EnableRaft,
        OperationKind::Rotate => v1::OperationKind::Rotate,
        OperationKind::Rewrap => v1::OperationKind::Rewrap,
        OperationKind::Close => v1::OperationKind::Close,
        OperationKind::Retire => v1::OperationKind::Retire,
    }
}

/// `None` for what has no gate of this build.
pub fn gate_from_wire(request: &v1::CheckRequest) -> Option<Gate> {
    match request.gate() {
        v1::OperationKind::Bootstrap => Some(Gate::Bootstrap),
        v1::OperationKind::EnableStorage => Some(Gate::EnableStorage),
        v1::OperationKind::EnableRaft => Some(Gate::EnableRaft),
        v1::OperationKind::Rotate => Some(Gate::Rotate(purpose_from_wire(request.purpose)?)),
        v1::OperationKind::Rewrap => Some(Gate::Rewrap),
        v1::OperationKind::Retire => Some(Gate::Retire(KeyId::from_u32(request.key_id)?)),
        v1::OperationKind::Close => Some(Gate::Close(KeyId::from_u32(request.key_id)?)),
        v1::OperationKind::Unspecified => None,
    }
}

fn kind_of_gate(gate: Gate) -> v1::OperationKind {
    match gate {
        Gate::Bootstrap => v1::OperationKind::Bootstrap,
        Gate::EnableStorage => v1::OperationKind::EnableStorage,
        Gate::EnableRaft => v1::OperationKind::EnableRaft,
        Gate::Rotate(_) => v1::OperationKind::Rotate,
        Gate::Rewrap => v1::OperationKind::Rewrap,
        Gate::Close(_) => v1::OperationKind::Close,
        Gate::Retire(_) => v1::OperationKind::Retire,
    }
}

pub fn stage(stage: Stage) -> v1::EncryptionStage {
    use v1::encryption_stage::Name;
    let name = match stage {
        Stage::Cleartext => Name::Cleartext,
        Stage::Bootstrapped { .. } => Name::Bootstrapped,
        Stage::StorageSealed { .. } => Name::StorageSealed,
        Stage::RaftSealed { .. } => Name::RaftSealed,
        Stage::FullySealed { .. } => Name::FullySealed,
    };
    v1::EncryptionStage {
        name: name.into(),
        bootstrap_index: stage.bootstrap().map(LogIndex::get),
        storage_index: stage.storage().map(LogIndex::get),
        raft_index: stage.raft().map(LogIndex::get),
    }
}

/// What a member told, if it told everything. What is missing is not taken for something good.
pub fn facts_from_wire(told: v1::CapabilityResponse) -> Option<Facts> {
    let facts = told.facts?;
    let build = facts.build?;
    let disk = facts.disk?;
    let control = facts.groups.iter().find(|group| group.group_id == GroupId::CONTROL.get())?;
    let probe = match told.probe {
        None => Probe::NotAsked,
        Some(probe) => probe_from_wire(&probe),
    };
    Some(Facts {
        name: facts.node_name.parse().ok()?,
        store: StoreId::from_slice(&facts.store_id)?,
        cluster: ClusterId::from_slice(&facts.cluster_id),
        build: build.sha,
        formats: build.formats.into_iter().collect(),
        encryption: facts.encryption_enabled,
        kek: facts.kek.map(|kek| KekLabel { provider: kek.provider, key: kek.key, version: kek.version }),
        probe,
        applied: LogIndex::new(control.applied_index),
        control_index: facts.control_index.map(LogIndex::new),
        fingerprint: Fingerprint::new(facts.fingerprint.as_ref().try_into().ok()?),
        load: Some(told.load_token).filter(|token| *token != 0).map(LoadToken::new),
        keys: facts.keys.iter().map(held_from_wire).collect::<Option<_>>()?,
        unix_ms: facts.unix_ms,
        disk: Disk { free: disk.free_bytes, reserve: disk.reserve_bytes },
        syncs_directories: facts.syncs_directories,
        first_log: LogIndex::new(control.first_log_index),
        snapshot: Some(control.snapshot_index).filter(|index| *index != 0).map(LogIndex::new),
        sidecar: facts.sidecar_present,
        rewrite: facts.rewrite.and_then(part_from_wire),
        counted: control.counted.as_ref().and_then(counted_from_wire),
        older_reads: control.older_reads,
        building: control.building_snapshot_index.map(LogIndex::new),
        last_sealed: control.last_sealed.iter().map(key_index_from_wire).collect::<Option<_>>()?,
        leftovers: control.leftovers.clone(),
    })
}

fn counted_from_wire(told: &v1::Count) -> Option<Counted> {
    let keys = told.keys.iter().map(|one| Some((KeyId::from_u32(one.key_id)?, one.rows)));
    let (begun, malformed) = (LogIndex::new(told.begun_index), told.malformed_rows);
    Some(Counted { begun, keys: keys.collect::<Option<_>>()?, malformed })
}

fn key_index_from_wire(told: &v1::KeyIndex) -> Option<(KeyId, LogIndex)> {
    Some((KeyId::from_u32(told.key_id)?, LogIndex::new(told.index)))
}

fn probe_from_wire(probe: &v1::KekProbeResult) -> Probe {
    match probe.outcome() {
        ProbeOutcome::Unspecified | ProbeOutcome::Mismatch => Probe::Mismatch,
        ProbeOutcome::Opened => Probe::Opened,
        ProbeOutcome::OpenedByPrevious => Probe::OpenedByPrevious,
        ProbeOutcome::Unavailable => {
            Probe::Unavailable(probe.reason.as_ref().map(|reason| reason.message.clone()).unwrap_or_default())
        }
        ProbeOutcome::NoKek => Probe::NoKek,
    }
}

fn held_from_wire(key: &v1::MemberKey) -> Option<HeldKey> {
    Some(HeldKey {
        key: KeyId::from_u32(key.key_id)?,
        purpose: purpose_from_wire(key.purpose)?,
        open: key.open,
        epoch: LocalEpoch::from_wire(key.local_epoch).ok()?,
        seals: key.seals,
        seal_key: key.seal_key,
    })
}

// --- jobs

pub fn part(part: &MemberPart) -> v1::JobPart {
    v1::JobPart {
        job_id: Bytes::copy_from_slice(part.job.as_bytes()),
        activity: part.activity.clone(),
        done: part.done,
        log_sealed: part.log_sealed,
        total_rows: part.total.rows,
        total_bytes: part.total.bytes,
        rows: part.finished.rows,
        bytes: part.finished.bytes,
        unopened_rows: part.unopened,
        counted_rows: part.counted,
        speed: part.speed,
        waiting: part.waiting.clone().map(|(name, message, since_ms)| v1::Waiting {
            name,
            message,
            since_ms,
            ..v1::Waiting::default()
        }),
        under_key_id: part.under.map_or(0, KeyId::get),
    }
}

fn part_from_wire(told: v1::JobPart) -> Option<MemberPart> {
    let amount = |rows, bytes| Amount { rows, bytes };
    Some(MemberPart {
        job: OperationId::from_slice(&told.job_id)?,
        activity: told.activity,
        done: told.done,
        log_sealed: told.log_sealed,
        under: KeyId::from_u32(told.under_key_id),
        total: amount(told.total_rows, told.total_bytes),
        finished: amount(told.rows, told.bytes),
        unopened: told.unopened_rows,
        counted: told.counted_rows,
        speed: told.speed,
        waiting: told.waiting.map(|waiting| (waiting.name, waiting.message, waiting.since_ms)),
    })
}

pub fn count(verified: &Verified) -> v1::Count {
    let of_key = |(key, amount): (&KeyId, &Amount)| v1::KeyCount { key_id: key.get(), rows: amount.rows };
    v1::Count {
        begun_index: verified.begun.get(),
        clear_rows: verified.tally.clear.rows,
        keys: verified.tally.keys.iter().map(of_key).collect(),
        malformed_rows: verified.tally.malformed,
        rows: verified.rows,
        took_ms: u64::try_from(verified.took.as_millis()).unwrap_or(u64::MAX),
    }
}

/// A job, and what its members told.
pub fn job(job: &Job, reports: &[Report]) -> v1::Job {
    let member = |report: &Report| {
        let (silence, told) = match &report.answer {
            Ok(facts) => {
                (String::new(), facts.rewrite.as_ref().filter(|told| told.job == job.id()).map(part))
            }
            Err(silence) => (silence.to_string(), None),
        };
        v1::JobMember { name: report.member.name.to_string(), silence, part: told }
    };
    let state = match job.phase {
        JobPhase::Running => v1::JobState::Running,
        JobPhase::Paused => v1::JobState::Paused,
        JobPhase::Cancelled => v1::JobState::Cancelled,
        JobPhase::Finished { .. } => v1::JobState::Finished,
    };
    v1::Job {
        job_id: Bytes::copy_from_slice(job.id().as_bytes()),
        state: state.into(),
        actor: job.origin.actor.to_string(),
        reason: job.origin.reason.to_string(),
        begun_index: job.begun.get(),
        begun_ms: job.origin.at.get(),
        changed_index: job.changed.get(),
        rate: job.rate.map_or(0, ByteRate::get),
        log_sealed: matches!(job.phase, JobPhase::Finished { log_sealed: true, .. }),
        under_key_id: job.phase.under().map_or(0, KeyId::get),
        members: reports.iter().map(member).collect(),
    }
}

// --- judgements

pub fn judgement(judgement: &Judgement) -> v1::Judgement {
    let member = |member: &elastickv_lifecycle::JudgedMember| v1::JudgedMember {
        name: member.name.to_string(),
        address: member.address.to_string(),
        voter: member.voter,
        leader: member.leader,
        full_node_id: member.id.get(),
        answered: member.answered,
        took_ms: u64::try_from(member.took.as_millis()).unwrap_or(u64::MAX),
    };
    let check = |check: Check| v1::Check { name: check.name().to_owned(), title: check.title().to_owned() };
    v1::Judgement {
        gate: kind_of_gate(judgement.gate).into(),
        passed: judgement.passed(),
        members: judgement.members.iter().map(member).collect(),
        checks: checks_of(judgement).into_iter().map(check).collect(),
        findings: judgement.findings.iter().map(finding).collect(),
        membership_index: judgement.membership.map_or(0, |id| id.index.get()),
        unix_ms: judgement.unix_ms,
    }
}

/// Those of every gate, and those about a key that were made.
fn checks_of(judgement: &Judgement) -> Vec<Check> {
    let made = |check: &Check| judgement.findings.iter().any(|finding| finding.check == *check);
    let of_a_key = Check::OF_A_KEY.into_iter().filter(made);
    let mut checks: Vec<Check> = Check::ALL.into_iter().chain(of_a_key).collect();
    checks.sort();
    checks
}

fn finding(finding: &Finding) -> v1::Finding {
    let verdict = match finding.verdict {
        Verdict::Passes => v1::Verdict::Passes,
        Verdict::NotAsked => v1::Verdict::NotAsked,
        Verdict::Warns => v1::Verdict::Warns,
        Verdict::Blocks => v1::Verdict::Blocks,
    };
    let problem = finding.problem.as_ref();
    v1::Finding {
        check: finding.check.name().to_owned(),
        member: finding.member.as_ref().map(ToString::to_string).unwrap_or_default(),
        verdict: verdict.into(),
        reason: problem.map(|problem| problem.name().to_owned()).unwrap_or_default(),
        message: problem.map(ToString::to_string).unwrap_or_default(),
        metadata: Default::default(),
    }
}

// --- operations

pub fn waiting(waiting: &Waiting) -> v1::Waiting {
    v1::Waiting {
        member: waiting.member.as_ref().map(ToString::to_string).unwrap_or_default(),
        group_id: waiting.group.map_or(0, GroupId::get),
        name: waiting.name.to_owned(),
        message: waiting.text.clone(),
        since_ms: waiting.since_ms,
    }
}

pub fn running(running: &Running, progress: &Progress, state: &GroupState) -> v1::Operation {
    let shown = Some(progress).filter(|shown| shown.operation == Some(running.origin.operation));
    v1::Operation {
        operation_id: Bytes::copy_from_slice(running.origin.operation.as_bytes()),
        kind: kind(running.kind).into(),
        state: v1::OperationState::Running.into(),
        actor: running.origin.actor.to_string(),
        reason: running.origin.reason.to_string(),
        since_ms: running.since.get(),
        deadline_ms: running.deadline.get(),
        begun_index: running.begun.get(),
        phase: shown.map(|shown| shown.phase.to_owned()).unwrap_or_default(),
        waiting: shown.map(|shown| shown.waiting.iter().map(waiting).collect()).unwrap_or_default(),
        judgement: shown.and_then(|shown| shown.judgement.as_deref()).map(judgement),
        cutovers: cutovers(running.kind, state),
        ..v1::Operation::default()
    }
}

/// An operation that is over. What its gate found is known to the leader that asked.
pub fn over(at: LogIndex, record: &Record, found: Option<&Judgement>, state: &GroupState) -> v1::Operation {
    let (state_of, done, refusal) = outcome(&record.outcome, found);
    v1::Operation {
        operation_id: Bytes::copy_from_slice(record.operation.as_bytes()),
        kind: kind(record.kind).into(),
        state: state_of.into(),
        actor: record.actor.to_string(),
        reason: record.reason.to_string(),
        judgement: found.map(judgement),
        ended_index: at.get(),
        ended_ms: record.at.get(),
        done,
        refusal,
        cutovers: cutovers(record.kind, state),
        ..v1::Operation::default()
    }
}

fn outcome(
    outcome: &Outcome,
    found: Option<&Judgement>,
) -> (v1::OperationState, Option<v1::Done>, Option<v1::Refusal>) {
    match outcome {
        Ok(done) => {
            let done = v1::Done {
                changed: done.changed,
                first_index: done.first.get(),
                key_id: done.key.map(KeyId::get),
            };
            (v1::OperationState::Done, Some(done), None)
        }
        Err(rejection) => {
            let gate = found.is_some_and(|found| !found.passed());
            (v1::OperationState::Refused, None, Some(refusal(rejection, gate)))
        }
    }
}

fn refusal(rejection: &Rejection, gate: bool) -> v1::Refusal {
    let reason = if gate { "GateRefused" } else { rejection.name() };
    v1::Refusal {
        code: rejection.code(),
        reason: reason.to_owned(),
        message: rejection.to_string(),
        metadata: Default::default(),
    }
}

fn cutovers(kind: OperationKind, state: &GroupState) -> Vec<v1::Cutover> {
    match kind {
        OperationKind::EnableRaft => {
            let index = state.raft.cutover.map(LogIndex::get);
            vec![v1::Cutover { group_id: GroupId::CONTROL.get(), index }]
        }
        OperationKind::Bootstrap
        | OperationKind::EnableStorage
        | OperationKind::Rotate
        | OperationKind::Rewrap
        | OperationKind::Close
        | OperationKind::Retire => Vec::new(),
    }
}

// --- keys

/// A key as the cluster has it. Names are those of present members.
pub fn key_state(state: KeyState) -> v1::KeyState {
    match state {
        KeyState::Installed => v1::KeyState::Installed,
        KeyState::Active => v1::KeyState::Active,
        KeyState::Retiring => v1::KeyState::Retiring,
        KeyState::Closed { .. } => v1::KeyState::Closed,
        KeyState::Retired { .. } => v1::KeyState::Retired,
    }
}

pub fn key(
    group: GroupId,
    state: &GroupState,
    control: &Control,
    id: KeyId,
    row: &KeyRow,
    name_of: impl Fn(FullNodeId) -> String,
) -> v1::EncryptionKey {
    let (closed, retired) = match row.state {
        KeyState::Installed | KeyState::Active | KeyState::Retiring => (None, None),
        KeyState::Closed { at } => (Some(at.get()), None),
        KeyState::Retired { closed, at } => (Some(closed.get()), Some(at.get())),
    };
    let writers = control.writers.iter().filter(|(of, _)| *of == id).map(|(_, writer)| v1::Writer {
        full_node_id: writer.node.get(),
        node_name: name_of(writer.node),
        local_epoch: u32::from(writer.epoch.get()),
    });
    let last = state.raft.last_sealed.get(&id);
    let floor = state.raft.floor.get(&id);
    v1::EncryptionKey {
        key_id: id.get(),
        purpose: purpose(row.purpose).into(),
        state: key_state(row.state).into(),
        created_index: row.created.get(),
        created_ms: row.created_at.get(),
        closed_index: closed,
        retired_index: retired,
        kek: row.wrapping.as_ref().map(|wrapping| kek(wrapping.kek())),
        commitment: Bytes::copy_from_slice(row.commitment.as_bytes()),
        writers: writers.collect(),
        last_sealed: last
            .map(|index| v1::LastSealed { group_id: group.get(), index: index.get() })
            .into_iter()
            .collect(),
        floors: floor.map(|_| group.get()).into_iter().collect(),
    }
}
