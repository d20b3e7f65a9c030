//! What is wrong with members: those that are silent, behind, short of room, of another clock, with old certificates.

use std::time::Duration;

use super::{Finding, Severity};
use crate::client::{Reply, Seen, Survey};
use crate::error::Code;
use crate::model::{duration_text, status_warnings};

/// Clocks further apart than this are worth a look: the gates of operations on keys say the same.
const APART: u64 = 500;
/// Further apart, those gates refuse.
const FAR_APART: u64 = 10_000;
/// A certificate that ends sooner should have a successor.
const ENDS_SOON: Duration = Duration::from_secs(14 * 86_400);

pub fn of_survey(survey: &Survey, now_ms: u64) -> Vec<Finding> {
    let mut found: Vec<Finding> = status_warnings(survey).iter().map(Finding::of).collect();
    for finding in &mut found {
        soften_what_is_meant(survey, finding);
    }
    found.extend(clocks(survey));
    found.extend(survey.members.iter().filter_map(|seen| certificate(seen, now_ms)));
    found.extend(spare_voters(survey));
    found
}

/// A member that was drained does what it was told.
fn soften_what_is_meant(survey: &Survey, finding: &mut Finding) {
    let facts = survey.member(&finding.subject).and_then(Seen::facts);
    if finding.code == Code::MemberNotReady.to_string() && facts.is_some_and(|facts| facts.draining) {
        finding.severity = Severity::Note;
        finding.r#try =
            format!("{{cli}} cluster undrain {}   # when its maintenance is over", finding.subject);
    }
}

/// How far a member's clock is from this machine's, and how well that can be told.
fn offset(reply: &Reply) -> Option<(i128, u64)> {
    let facts = reply.answer.as_ref().ok().filter(|facts| facts.unix_ms > 0)?;
    let took = u64::try_from(reply.took.as_millis()).ok()?;
    let asked_about = i128::from(reply.received_ms) - i128::from(took / 2);
    Some((i128::from(facts.unix_ms) - asked_about, took / 2 + 1))
}

/// Members are compared with each other: the clock of this machine does not matter.
fn clocks(survey: &Survey) -> Vec<Finding> {
    let told: Vec<(&Seen, i128, u64)> = survey
        .members
        .iter()
        .filter(|seen| seen.facts().is_some())
        .filter_map(|seen| offset(seen.reply.as_ref()?).map(|(by, unsure)| (seen, by, unsure)))
        .collect();
    let mut offsets: Vec<i128> = told.iter().map(|(_, by, _)| *by).collect();
    offsets.sort_unstable();
    let Some(middle) = offsets.get(offsets.len() / 2).copied() else { return Vec::new() };
    let apart = |(seen, by, unsure): (&Seen, i128, u64)| {
        let distance = u64::try_from((by - middle).unsigned_abs()).unwrap_or(u64::MAX).saturating_sub(unsure);
        (distance > APART).then(|| clock_finding(seen, distance, by > middle))
    };
    told.into_iter().filter_map(apart).collect()
}

fn clock_finding(seen: &Seen, distance: u64, ahead: bool) -> Finding {
    let name = &seen.entry.name;
    let way = if ahead { "ahead of" } else { "behind" };
    let text =
        format!("{name}'s clock is {} {way} the others", duration_text(Duration::from_millis(distance)));
    let severity = if distance > FAR_APART { Severity::Fault } else { Severity::Warning };
    Finding::new(Code::ClocksApart, name, text).with_severity(severity)
}

fn certificate(seen: &Seen, now_ms: u64) -> Option<Finding> {
    let name = &seen.entry.name;
    let ends = seen.facts()?.certificate_ends_ms?;
    let left = Duration::from_millis(ends.saturating_sub(now_ms));
    if left > ENDS_SOON {
        return None;
    }
    let (text, severity) = match left.is_zero() {
        true => (format!("{name}'s certificate has expired"), Severity::Fault),
        false => (format!("{name}'s certificate expires in {}", duration_text(left)), Severity::Warning),
    };
    let issue = format!("{{cli}} certs node {name} --help   # make one, and put it in place by renaming");
    Some(Finding::new(Code::CertificateEnds, name, text).with_severity(severity).with_try(issue))
}

/// One more that goes, and nothing can be committed.
fn spare_voters(survey: &Survey) -> Option<Finding> {
    let (answering, voters) = (survey.voters_answering(), survey.voters());
    survey.working_leader()?;
    if answering > voters / 2 + 1 {
        return None;
    }
    let text = match voters {
        1 => "there is one voter: nothing replaces it".to_owned(),
        _ => format!("{answering} of {voters} voters answer: when one more goes, nothing can be written"),
    };
    let severity = if voters == answering { Severity::Note } else { Severity::Warning };
    Some(Finding::new(Code::NoSpareVoter, "cluster", text).with_severity(severity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::GroupRole;
    use crate::client::survey::tests::{entry, facts, reply};

    const NOW: u64 = 1_800_000_000_000;

    /// Three members, of which the last one differs as told.
    fn survey(change: impl FnOnce(&mut crate::client::NodeFacts)) -> Survey {
        let members = [entry("n1", true), entry("n2", true), entry("n3", true)];
        let mut told = [("n1", GroupRole::Leader), ("n2", GroupRole::Follower), ("n3", GroupRole::Follower)]
            .map(|(name, role)| facts(name, role, &members));
        told.iter_mut().for_each(|facts| facts.unix_ms = NOW);
        change(&mut told[2]);
        let replies = told.into_iter().enumerate().map(|(at, facts)| {
            let mut reply = reply(&format!("10.0.0.1{}:50051", at + 1), true, Ok(facts));
            // The operator's own clock is an hour late.
            reply.received_ms = NOW - 3_600_000;
            reply
        });
        Survey::of(replies.collect())
    }

    fn found(survey: &Survey) -> Vec<(Severity, String, String)> {
        let findings = of_survey(survey, NOW).into_iter();
        findings.map(|finding| (finding.severity, finding.code, finding.subject)).collect()
    }

    fn one(severity: Severity, code: Code, subject: &str) -> Vec<(Severity, String, String)> {
        vec![(severity, code.to_string(), subject.to_owned())]
    }

    #[test]
    fn a_clock_is_compared_with_those_of_the_other_members() {
        assert!(found(&survey(|_| {})).is_empty());
        assert!(found(&survey(|n3| n3.unix_ms += 400)).is_empty());
        assert_eq!(found(&survey(|n3| n3.unix_ms += 2000)), one(Severity::Warning, Code::ClocksApart, "n3"));
        assert_eq!(found(&survey(|n3| n3.unix_ms -= 60_000)), one(Severity::Fault, Code::ClocksApart, "n3"));
    }

    #[test]
    fn a_certificate_that_ends_soon_is_found() {
        let ends = |at| survey(move |n3| n3.certificate_ends_ms = Some(at));
        assert!(found(&ends(NOW + 15 * 86_400_000)).is_empty());
        assert_eq!(found(&ends(NOW + 86_400_000)), one(Severity::Warning, Code::CertificateEnds, "n3"));
        assert_eq!(found(&ends(NOW - 1)), one(Severity::Fault, Code::CertificateEnds, "n3"));
    }

    #[test]
    fn what_an_operator_did_is_no_warning() {
        let drained = survey(|n3| (n3.draining, n3.ready) = (true, false));
        assert_eq!(found(&drained), one(Severity::Note, Code::MemberNotReady, "n3"));
    }
}
