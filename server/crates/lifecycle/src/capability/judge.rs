//! One judgement over all reports. Pure: the same reports are judged alike, whoever asks and in whatever order the
//! answers came.
//!
//! A silent, wrong or nameless answer never counts as a good one: what was not found out is not asked any further,
//! and the check that failed first says why.

use std::time::Duration;

use elastickv_fsm::Writer;
use elastickv_types::{FullNodeId, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose};

use super::retirement;
use super::{Check, Facts, Finding, Gate, JudgedMember, Judgement, Probe, Problem, Report, Verdict};
use crate::ports::Standing;

/// What every member has to be able to read and write before anything is sealed.
pub const NEEDED: [(&str, u32); 4] =
    [("encryption-commands", 1), ("envelopes", 1), ("sidecar", 1), ("wrapped-dek", 1)];

/// Clocks further apart than this are worth a look; much further, and times in entries mean nothing.
const SKEW_WARNS: Duration = Duration::from_millis(500);
const SKEW_BLOCKS: Duration = Duration::from_secs(10);
/// A disk with less than so many reserves free fills soon.
const FEW_RESERVES: u64 = 2;

pub fn judge(gate: Gate, standing: &Standing, reports: &[Report], unix_ms: u64) -> Judgement {
    let mut reports: Vec<_> = reports.iter().collect();
    reports.sort_by(|one, other| one.member.name.cmp(&other.member.name));
    let round = Round {
        gate,
        standing,
        probed: has_wrapped(standing, &reports),
        last_sealed: gate.key().and_then(|key| retirement::last_sealed(&reports, key)),
    };
    let columns: Vec<_> = reports.iter().map(|report| Column::judge(&round, report)).collect();
    let mut findings = vec![membership(standing), quorum(standing, &columns)];
    findings.extend(gate.key().map(|key| key_itself(gate, standing, key)));
    findings.extend(columns.iter().flat_map(|column| column.findings.clone()));
    findings.sort_by_key(|finding| finding.check);
    Judgement {
        gate,
        membership: standing.membership_id,
        unix_ms,
        members: columns.iter().map(|column| column.member(standing)).collect(),
        findings,
        cohort: columns.iter().filter_map(Column::writer).collect(),
    }
}

/// Judges a node that is to become a member, or more of one. How far it has come is nobody's concern yet.
pub fn may_join<'a>(standing: &Standing, report: &'a Report) -> Result<(&'a Facts, LoadToken), Vec<Finding>> {
    let round = Round { gate: Gate::Bootstrap, standing, probed: true, last_sealed: None };
    let column = Column::judge(&round, report);
    let writer = column.writer();
    let counts = |check| !matches!(check, Check::State | Check::Keys | Check::Epochs);
    let blocks = |finding: &Finding| finding.verdict == Verdict::Blocks && counts(finding.check);
    let blockers: Vec<_> = column.findings.into_iter().filter(blocks).collect();
    match (&report.answer, writer) {
        (Ok(facts), Some(writer)) if blockers.is_empty() => Ok((facts, writer.token)),
        _ => Err(blockers),
    }
}

/// A leader without a KEK has nothing to send along, and stands in the way itself.
fn has_wrapped(standing: &Standing, reports: &[&Report]) -> bool {
    let own = reports.iter().find(|report| report.member.id() == standing.me);
    let facts = own.and_then(|report| report.answer.as_ref().ok());
    facts.is_none_or(|facts| facts.encryption && facts.kek.is_some())
}

fn membership(standing: &Standing) -> Finding {
    let problem = standing.changing.then_some(Problem::MembershipChanging);
    of_the_cluster(Check::Membership, problem)
}

/// Of each set of voters a majority has to be able to take part.
fn quorum(standing: &Standing, columns: &[Column<'_>]) -> Finding {
    let fit = |id: &&FullNodeId| columns.iter().any(|column| column.id() == **id && column.takes_part());
    let short = standing.membership.voters.iter().find_map(|voters| {
        let (fit, needed) = (voters.iter().filter(fit).count(), voters.len() / 2 + 1);
        (fit < needed).then_some(Problem::NoMajority { fit, needed, voters: voters.len() })
    });
    of_the_cluster(Check::Quorum, short)
}

/// Before it is closed, a key is not held against being open.
fn key_itself(gate: Gate, standing: &Standing, key: KeyId) -> Finding {
    let problem = retirement::of_the_key(standing, key);
    let closing = matches!(gate, Gate::Close(_));
    let later = |problem: &Problem| matches!(problem, Problem::NotClosed { .. } | Problem::NotInFloor { .. });
    of_the_cluster(Check::Key, problem.filter(|problem| !(closing && later(problem))))
}

fn of_the_cluster(check: Check, problem: Option<Problem>) -> Finding {
    let verdict = if problem.is_some() { Verdict::Blocks } else { Verdict::Passes };
    Finding { check, member: None, verdict, problem }
}

/// What every member is judged by.
struct Round<'a> {
    gate: Gate,
    standing: &'a Standing,
    /// Something was sent along to be unwrapped.
    probed: bool,
    /// The last entry under the key that the gate is about, by whoever knows of the latest.
    last_sealed: Option<LogIndex>,
}

/// What is found of one member, check by check.
struct Column<'a> {
    report: &'a Report,
    findings: Vec<Finding>,
}

/// How a problem counts.
enum Weight {
    Blocks,
    Warns,
}

type Found = Option<(Weight, Problem)>;

fn blocks(problem: Problem) -> Found {
    Some((Weight::Blocks, problem))
}

fn warns(problem: Problem) -> Found {
    Some((Weight::Warns, problem))
}

impl<'a> Column<'a> {
    fn judge(round: &Round<'_>, report: &'a Report) -> Self {
        let Round { gate, standing, probed, .. } = *round;
        let mut column = Self { report, findings: Vec::new() };
        column.found(Check::ShortId, short_id(standing, report.member.id()));
        let facts = match &report.answer {
            Ok(facts) => facts,
            Err(silence) => {
                let problem = Problem::NoAnswer(silence.0.clone());
                let found = if gate.wants_everybody() { blocks(problem) } else { warns(problem) };
                column.found(Check::Reachable, found);
                return column.without_the_rest(Check::Identity);
            }
        };
        column.found(Check::Reachable, None);
        if !column.found(Check::Identity, identity(standing, report, facts)) {
            return column.without_the_rest(Check::Formats);
        }
        column.found(Check::Formats, formats(facts));
        if column.found(Check::Encryption, encryption(facts)) {
            match (&facts.probe, probed) {
                (Probe::NotAsked, false) => column.not_asked(Check::Kek),
                _ => drop(column.found(Check::Kek, kek(facts))),
            }
            column.found(Check::State, state(gate, standing, facts));
            column.found(Check::Keys, keys(gate, standing, facts));
        } else {
            column.not_asked(Check::Kek);
            column.found(Check::State, state(gate, standing, facts));
            column.not_asked(Check::Keys);
        }
        column.found(Check::Epochs, epochs(gate, standing, facts));
        column.found(Check::Clock, clock(report, facts));
        let syncs = facts.syncs_directories;
        column.found(Check::FileSystem, if syncs { None } else { blocks(Problem::UnsupportedFilesystem) });
        column.found(Check::Disk, disk(facts));
        column.about_a_key(round, facts);
        column
    }

    fn about_a_key(&mut self, round: &Round<'_>, facts: &Facts) {
        let found = match round.gate {
            Gate::Close(key) => vec![(Check::SealKey, retirement::seals_under(facts, key))],
            Gate::Retire(key) => retirement::of_a_member(round.standing, facts, key, round.last_sealed),
            Gate::Bootstrap | Gate::EnableStorage | Gate::EnableRaft | Gate::Rotate(_) | Gate::Rewrap => {
                Vec::new()
            }
        };
        for (check, problem) in found {
            self.found(check, problem.and_then(blocks));
        }
    }

    /// Returns whether nothing blocks here.
    fn found(&mut self, check: Check, found: Found) -> bool {
        let (verdict, problem) = match found {
            None => (Verdict::Passes, None),
            Some((Weight::Warns, problem)) => (Verdict::Warns, Some(problem)),
            Some((Weight::Blocks, problem)) => (Verdict::Blocks, Some(problem)),
        };
        let member = Some(self.report.member.name.clone());
        self.findings.push(Finding { check, member, verdict, problem });
        verdict != Verdict::Blocks
    }

    fn not_asked(&mut self, check: Check) {
        let member = Some(self.report.member.name.clone());
        self.findings.push(Finding { check, member, verdict: Verdict::NotAsked, problem: None });
    }

    fn without_the_rest(mut self, from: Check) -> Self {
        Check::ALL.into_iter().filter(|check| *check >= from).for_each(|check| self.not_asked(check));
        self
    }

    fn id(&self) -> FullNodeId {
        self.report.member.id()
    }

    fn passes(&self, check: Check) -> bool {
        let finding = self.findings.iter().find(|finding| finding.check == check);
        finding.is_some_and(|finding| matches!(finding.verdict, Verdict::Passes | Verdict::Warns))
    }

    /// Whether it can hold a key that is handed out now.
    fn takes_part(&self) -> bool {
        self.report.answer.is_ok()
            && [Check::ShortId, Check::Identity, Check::Formats, Check::Encryption, Check::Kek]
                .into_iter()
                .all(|check| self.passes(check))
    }

    /// Under a key that nobody has seen, each load begins at its first epoch.
    fn writer(&self) -> Option<Writer> {
        let facts = self.report.answer.as_ref().ok().filter(|_| self.takes_part())?;
        Some(Writer { node: self.id(), epoch: LocalEpoch::ZERO, token: facts.load? })
    }

    fn member(&self, standing: &Standing) -> JudgedMember {
        let facts = self.report.answer.as_ref().ok();
        JudgedMember {
            name: self.report.member.name.clone(),
            id: self.id(),
            address: self.report.member.address.clone(),
            voter: standing.membership.is_voter(self.id()),
            leader: self.id() == standing.me,
            answered: facts.is_some(),
            took: self.report.took,
            build: facts.map(|facts| facts.build.clone()),
            sidecar: facts.is_some_and(|facts| facts.sidecar),
            encryption: facts.is_some_and(|facts| facts.encryption),
        }
    }
}

fn short_id(standing: &Standing, id: FullNodeId) -> Found {
    let members = standing.membership.members.keys();
    let mut known = members.chain(&standing.admitted);
    let twin = known.find(|other| **other != id && other.short() == id.short());
    twin.and_then(|twin| blocks(Problem::NodeIdCollision { with: *twin }))
}

fn identity(standing: &Standing, report: &Report, facts: &Facts) -> Found {
    if facts.name != report.member.name {
        return blocks(Problem::WrongNode { found: facts.name.clone() });
    }
    if facts.store != report.member.store_id {
        return blocks(Problem::WrongStore { found: facts.store });
    }
    if facts.cluster != Some(standing.cluster) {
        return blocks(Problem::WrongCluster);
    }
    None
}

fn formats(facts: &Facts) -> Found {
    NEEDED.into_iter().find_map(|(format, needs)| {
        let has = facts.formats.get(format).copied().unwrap_or(0);
        (has < needs)
            .then(|| blocks(Problem::FormatTooOld { build: facts.build.clone(), format, has, needs }))?
    })
}

fn encryption(facts: &Facts) -> Found {
    match (facts.encryption, &facts.kek) {
        (false, _) => blocks(Problem::EncryptionNotEnabled),
        (true, None) => blocks(Problem::NoKek),
        (true, Some(_)) => None,
    }
}

fn kek(facts: &Facts) -> Found {
    match &facts.probe {
        Probe::Opened => None,
        Probe::OpenedByPrevious => warns(Problem::KekIsPrevious),
        // Not asked is not answered.
        Probe::Mismatch | Probe::NotAsked => blocks(Problem::KekMismatch),
        Probe::Unavailable(text) => blocks(Problem::KekUnavailable(text.clone())),
        Probe::NoKek => blocks(Problem::NoKek),
    }
}

fn state(gate: Gate, standing: &Standing, facts: &Facts) -> Found {
    let (own, theirs) = (standing.control.control_index, facts.control_index);
    if own == theirs {
        let same = facts.fingerprint == standing.control.fingerprint();
        return if same { None } else { blocks(Problem::StateDiffers { at: own.unwrap_or_default() }) };
    }
    let problem = match own {
        Some(wanted) if theirs < own => Problem::StateBehind { applied: facts.applied, wanted },
        _ => Problem::StateAhead,
    };
    if gate.wants_everybody() { blocks(problem) } else { warns(problem) }
}

fn keys(gate: Gate, standing: &Standing, facts: &Facts) -> Found {
    let active = Purpose::ALL
        .into_iter()
        .filter_map(|purpose| standing.control.keys.active(purpose).map(|key| (key, purpose)));
    let mut closed = active.filter(|(key, _)| !facts.has_open(*key));
    let (key, purpose) = closed.next()?;
    let problem = Problem::KeyNotOpen { key, purpose };
    if gate.wants_open_keys() { blocks(problem) } else { warns(problem) }
}

fn epochs(gate: Gate, standing: &Standing, facts: &Facts) -> Found {
    let sealing = facts
        .keys
        .iter()
        .filter(|held| standing.control.keys.get(held.key).is_some_and(|row| row.state.seals()));
    let worst = sealing.max_by_key(|held| held.epoch)?;
    match worst.epoch {
        LocalEpoch::EXHAUSTED if gate.wants_everybody() => {
            blocks(Problem::LocalEpochExhausted { key: worst.key })
        }
        LocalEpoch::EXHAUSTED => warns(Problem::LocalEpochExhausted { key: worst.key }),
        epoch if epoch > LocalEpoch::WARN_ABOVE => {
            warns(Problem::LocalEpochNearEnd { key: worst.key, epoch })
        }
        _ => None,
    }
}

/// What the way of the question may have taken does not count.
fn clock(report: &Report, facts: &Facts) -> Found {
    let apart = Duration::from_millis(facts.unix_ms.abs_diff(report.asked_ms));
    let skew = apart.saturating_sub(report.took / 2);
    let problem = Problem::ClockSkew { ms: u64::try_from(skew.as_millis()).unwrap_or(u64::MAX) };
    match skew {
        skew if skew > SKEW_BLOCKS => blocks(problem),
        skew if skew > SKEW_WARNS => warns(problem),
        _ => None,
    }
}

fn disk(facts: &Facts) -> Found {
    let (free, reserve) = (facts.disk.free, facts.disk.reserve);
    match free {
        free if free < reserve => blocks(Problem::DiskFull { free, reserve }),
        free if free < reserve.saturating_mul(FEW_RESERVES) => warns(Problem::DiskLow { free, reserve }),
        _ => None,
    }
}
