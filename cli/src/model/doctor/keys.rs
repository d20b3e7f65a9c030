//! What is wrong with keys: by what members say of theirs, and by a probe of their wrapping keys.

use super::{Finding, Severity};
use crate::error::{Code, Reason};
use crate::model::encryption::{EncryptionStatusReport, FindingView, JudgementView};

/// Of what a gate looks at, what nothing else would find.
const PROBED: [&str; 4] = ["kek-opens-probe", "file-system", "short-id-unique", "epoch-headroom"];

pub fn of_encryption(report: &EncryptionStatusReport) -> Vec<Finding> {
    let mut found: Vec<Finding> = report.warnings().iter().map(Finding::of).collect();
    let sealed = report.stage.as_deref().is_some_and(|stage| stage != "cleartext");
    // Where nothing is sealed, a node without keys lacks nothing.
    found.retain(|finding| sealed || finding.code != Code::NotCapable.to_string());
    for finding in &mut found {
        make_exact(finding);
    }
    if let Some(error) = report.problem().filter(|error| error.code() == Code::StateDiffers) {
        found.push(Finding::new(error.code(), "cluster", error.message()));
    }
    if report.previous_kek.as_ref().is_some_and(|previous| !previous.may_go) {
        let text = "a wrapping key that was replaced is still needed: leave --kek-previous where it is";
        found.push(Finding::new(Code::PreviousKekNeeded, "cluster", text).with_severity(Severity::Note));
    }
    found.extend(halfway(report));
    found
}

/// Which key has to be rotated stands in the finding.
fn make_exact(finding: &mut Finding) {
    if finding.code == Code::SidecarMissing.to_string() {
        let node = &finding.subject;
        finding.r#try = format!(
            "on {node}, once its server is stopped: {{cli}} encryption resync-sidecar --data-dir DIR"
        );
    }
}

/// Encryption was begun, and does not cover everything.
fn halfway(report: &EncryptionStatusReport) -> Option<Finding> {
    let stage = report.stage.as_deref()?;
    let able = report.members.iter().any(|member| member.capable == Some(true));
    let text = match stage {
        "cleartext" if able => "nodes hold keys, and nothing is sealed yet: values and log are in clear",
        "bootstrapped" => "there are keys, and nothing is sealed under them yet",
        "storage-sealed" => "values are sealed, and the log is in clear: what is written stands in it",
        "raft-sealed" => "the log is sealed, and values are in clear",
        _ => return None,
    };
    let next = report.next.as_deref().unwrap_or_default().replacen("elastickv-admin", "{cli}", 1);
    Some(Finding::new(Code::NotAllSealed, "cluster", text).with_try(next))
}

/// What the gate of the next step found out by asking, of members that answer.
pub fn of_gate(judgement: &JudgementView) -> Vec<Finding> {
    let probed = judgement.findings.iter().filter(|finding| PROBED.contains(&finding.check.as_str()));
    probed.filter_map(of_check).collect()
}

fn of_check(finding: &FindingView) -> Option<Finding> {
    if !matches!(finding.verdict, "blocks" | "warns") {
        return None;
    }
    let reason = finding.reason.as_deref().and_then(Reason::parse);
    let code = reason.map_or(Code::GateWarns, Reason::code);
    let subject = finding.member.clone().unwrap_or_else(|| "cluster".to_owned());
    let said = finding.message.as_deref().or(finding.reason.as_deref()).unwrap_or("no reason given");
    let found = Finding::new(code, &subject, format!("{subject}: {said}"));
    // What only warns here, since a rotation can leave a member behind, may be broken all the same.
    Some(if finding.verdict == "blocks" { found.with_severity(Severity::Fault) } else { found })
}
