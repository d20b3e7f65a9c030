//! What about a cluster deserves a line of its own, and keeps it from being called healthy.

use std::collections::BTreeSet;
use std::time::Duration;

use super::status::{LAGGING, build_text, is_low};
use super::{bytes_text, duration_text};
use crate::client::{NodeFacts, Seen, Survey, no_leader};
use crate::error::{Code, Warning};

/// Everything about the cluster that deserves a line of its own.
pub fn warnings(survey: &Survey) -> Vec<Warning> {
    let mut found = Vec::new();
    if survey.working_leader().is_none() {
        let error = no_leader(survey);
        found.push(Warning::new(error.code(), error.message()));
    }
    if survey.claimants().len() > 1 {
        let names: Vec<&str> = survey.claimants().iter().map(|seen| seen.entry.name.as_str()).collect();
        found.push(Warning::new(Code::TwoLeaders, format!("{} both say they lead", names.join(" and "))));
    }
    if survey.membership_pending {
        found.push(Warning::new(Code::MembershipPending, "a change of the membership is not agreed yet"));
    }
    for seen in &survey.members {
        found
            .extend(member_warnings(survey, seen).into_iter().map(|warning| warning.about(&seen.entry.name)));
    }
    found.extend(mixed_builds(survey));
    found.extend(outsiders(survey));
    found
}

/// Members that are missing in what a command shows, and since when.
pub fn silent_members(survey: &Survey) -> Vec<Warning> {
    let silent = survey.members.iter().filter(|seen| seen.facts().is_none());
    silent.map(|seen| Warning::new(Code::MemberSilent, silence(seen)).about(&seen.entry.name)).collect()
}

fn member_warnings(survey: &Survey, seen: &Seen) -> Vec<Warning> {
    let name = &seen.entry.name;
    let Some(facts) = seen.facts() else {
        return vec![Warning::new(Code::MemberSilent, silence(seen))];
    };
    let mut found = Vec::new();
    for group in facts.groups.iter().filter(|group| !group.fault.is_empty()) {
        let text = format!("{name}: group {} stopped: {}", group.group, group.fault);
        found.push(Warning::new(Code::ReplicaFault, text));
    }
    if !facts.ready {
        found.push(Warning::new(
            Code::MemberNotReady,
            format!("{name} does not serve: {}", why_not_ready(facts)),
        ));
    }
    if let Some(lag) = survey.lag(seen).filter(|lag| *lag > LAGGING) {
        found.push(Warning::new(Code::MemberLagging, format!("{name} is {lag} entries behind")));
    }
    if let Some(disk) = facts.disk.as_ref().filter(|disk| is_low(disk)) {
        let (free, reserve) = (bytes_text(disk.free_bytes.0), bytes_text(disk.reserve_bytes.0));
        let code = if disk.full { Code::StorageFull } else { Code::DiskLow };
        found.push(Warning::new(code, format!("{name} has {free} of disk left, {reserve} are its reserve")));
    }
    found
}

fn silence(seen: &Seen) -> String {
    let name = &seen.entry.name;
    let error = seen.error().unwrap_or_default();
    let contact = seen.entry.last_contact_ms.map(|ms| duration_text(Duration::from_millis(ms)));
    let contact = contact.map(|ago| format!("; the leader heard from it {ago} ago")).unwrap_or_default();
    match &seen.impostor {
        Some(impostor) => format!("{name} can not be trusted: {impostor}"),
        None => format!("{name} does not answer: {error}{contact}"),
    }
}

fn why_not_ready(facts: &NodeFacts) -> String {
    if facts.draining {
        return "drained".to_owned();
    }
    let texts = facts.reasons.iter().map(|reason| {
        if reason.message.is_empty() {
            reason.name.clone()
        } else {
            format!("{} ({})", reason.name, reason.message)
        }
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { "no reason given".to_owned() } else { texts.join(", ") }
}

fn mixed_builds(survey: &Survey) -> Option<Warning> {
    let builds: BTreeSet<String> =
        survey.members.iter().filter_map(Seen::facts).map(|facts| build_text(&facts.build)).collect();
    let several = builds.len() > 1;
    let list: Vec<String> = builds.into_iter().collect();
    several.then(|| {
        Warning::new(Code::MixedBuilds, format!("members run different builds: {}", list.join(", ")))
    })
}

fn outsiders(survey: &Survey) -> Vec<Warning> {
    let strangers = survey.strangers.iter().map(|reply| {
        let name = reply.answer.as_ref().map(|facts| facts.name.clone()).unwrap_or_default();
        Warning::new(Code::Stranger, format!("{name} at {} answers but is no member", reply.address))
            .about(name)
    });
    let silent = survey.silent_endpoints.iter().map(|reply| {
        let error = reply.answer.as_ref().err().map(|failure| failure.brief()).unwrap_or_default();
        Warning::new(Code::EndpointSilent, format!("endpoint {} does not answer: {error}", reply.address))
            .about(reply.address.to_string())
    });
    strangers.chain(silent).collect()
}
