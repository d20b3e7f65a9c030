//! What a gate found: a row a check, a column a member.

use std::collections::BTreeMap;

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::kind_word;
use crate::error::{Blocker, CliError, Code, Warning};
use crate::model::{Decimal, Millis, Report, utc};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// The judgement of one gate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct JudgementView {
    pub gate: String,
    pub passed: bool,
    pub taken_at: String,
    pub membership_index: Decimal,
    pub checks: Vec<CheckView>,
    pub members: Vec<JudgedMemberView>,
    pub findings: Vec<FindingView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CheckView {
    pub name: String,
    pub title: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct JudgedMemberView {
    pub name: String,
    pub address: String,
    /// "leader", "voter" or "learner".
    pub role: &'static str,
    pub answered: bool,
    pub took_ms: Option<Millis>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct FindingView {
    pub check: String,
    /// Null for what concerns the cluster as a whole.
    pub member: Option<String>,
    /// "passes", "warns", "blocks", "not-asked" or "unknown".
    pub verdict: &'static str,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub facts: BTreeMap<String, String>,
}

impl From<&v1::Judgement> for JudgementView {
    fn from(told: &v1::Judgement) -> Self {
        let check = |told: &v1::Check| CheckView { name: told.name.clone(), title: told.title.clone() };
        Self {
            gate: kind_word(told.gate),
            passed: told.passed,
            taken_at: utc(told.unix_ms),
            membership_index: Decimal(told.membership_index),
            checks: told.checks.iter().map(check).collect(),
            members: told.members.iter().map(member).collect(),
            findings: told.findings.iter().map(finding).collect(),
        }
    }
}

fn member(told: &v1::JudgedMember) -> JudgedMemberView {
    JudgedMemberView {
        name: told.name.clone(),
        address: told.address.clone(),
        role: match (told.leader, told.voter) {
            (true, _) => "leader",
            (false, true) => "voter",
            (false, false) => "learner",
        },
        answered: told.answered,
        took_ms: told.answered.then_some(Millis(told.took_ms)),
    }
}

fn finding(told: &v1::Finding) -> FindingView {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    FindingView {
        check: told.check.clone(),
        member: text(&told.member),
        verdict: match told.verdict() {
            v1::Verdict::Passes => "passes",
            v1::Verdict::Warns => "warns",
            v1::Verdict::Blocks => "blocks",
            v1::Verdict::NotAsked => "not-asked",
            v1::Verdict::Unspecified => "unknown",
        },
        reason: text(&told.reason),
        message: text(&told.message),
        facts: told.metadata.clone().into_iter().collect(),
    }
}

impl FindingView {
    fn blocks(&self) -> bool {
        self.verdict == "blocks"
    }

    fn warns(&self) -> bool {
        self.verdict == "warns"
    }

    fn said(&self) -> &str {
        self.message.as_deref().or(self.reason.as_deref()).unwrap_or("no reason given")
    }
}

impl JudgementView {
    /// A gate is passed only by its own word and without a blocker.
    pub fn lets_through(&self) -> bool {
        self.passed && !self.findings.iter().any(FindingView::blocks)
    }

    fn title<'a>(&'a self, check: &'a str) -> &'a str {
        let known = self.checks.iter().find(|known| known.name == check);
        known.map_or(check, |known| known.title.as_str())
    }

    fn place<'a>(&self, finding: &'a FindingView) -> &'a str {
        finding.member.as_deref().unwrap_or("the cluster")
    }

    fn blockers(&self) -> Vec<Blocker> {
        let blocking = self.findings.iter().filter(|finding| finding.blocks());
        let blocker = |finding: &FindingView| Blocker {
            member: finding.member.clone().unwrap_or_default(),
            reason: format!("{}: {}", self.title(&finding.check), finding.said()),
        };
        blocking.map(blocker).collect()
    }

    /// What the operator should know of a gate that lets through.
    pub fn warnings(&self) -> Vec<Warning> {
        let warning = |finding: &FindingView| {
            let (place, title) = (self.place(finding), self.title(&finding.check));
            Warning::new(Code::GateWarns, format!("{place}: {title}: {}", finding.said()))
        };
        self.findings.iter().filter(|finding| finding.warns()).map(warning).collect()
    }

    /// Why the gate lets nothing through.
    pub fn refusal(&self) -> Option<CliError> {
        if self.lets_through() {
            return None;
        }
        let blockers = self.blockers();
        let told: Vec<String> = self.blocked_places().iter().map(|place| self.told_of(place)).collect();
        let told = if told.is_empty() { "no reason given".to_owned() } else { told.join("; ") };
        let told = if self.leaves_closed() { format!("{told}; the key stays closed") } else { told };
        let error = CliError::new(Code::GateRefused, format!("the gate of {} refuses: {told}", self.gate));
        Some(error.hint(self.way_out()).blocked_by(blockers))
    }

    /// Whether the key that is to go is closed already: then that stays so.
    fn leaves_closed(&self) -> bool {
        let open = |finding: &FindingView| finding.blocks() && finding.check == "key-closed";
        self.gate == "retire-dek" && !self.findings.iter().any(open)
    }

    /// All that blocks in one place.
    fn told_of(&self, place: &str) -> String {
        let of_place = self.findings.iter().filter(|one| one.blocks() && self.place(one) == place);
        let texts: Vec<String> =
            of_place.map(|one| format!("{}: {}", self.title(&one.check), one.said())).collect();
        format!("{place} ({})", texts.join(", "))
    }

    /// Where something blocks, each once, in the order of the findings.
    fn blocked_places(&self) -> Vec<&str> {
        let mut places = Vec::new();
        for place in self.findings.iter().filter(|one| one.blocks()).map(|one| self.place(one)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    fn way_out(&self) -> String {
        format!("mend what the rows name, then: {{cli}} encryption {}", self.command())
    }

    /// The command that judges this gate again.
    fn command(&self) -> String {
        match self.gate.as_str() {
            "enable-storage-envelope" => "check storage-envelope".to_owned(),
            "enable-raft-envelope" => "check raft-envelope".to_owned(),
            "rotate-dek" => "check rotate-dek --purpose storage|raft".to_owned(),
            "retire-dek" | "close-dek" => "retire-dek --key-id ID --prepare".to_owned(),
            other => format!("check {other}"),
        }
    }

    /// The matrix, what is wrong in words, and the verdict.
    pub fn shown(&self, table: Table) -> Table {
        let table = table.grid(self.matrix());
        let odd = self.findings.iter().filter(|finding| finding.blocks() || finding.warns());
        odd.fold(table, |table, finding| table.line(self.line(finding))).line(self.verdict())
    }

    fn matrix(&self) -> Grid {
        let mut columns = vec![Column::left("CHECK", Keep::Always)];
        let of_cluster = self.findings.iter().any(|finding| finding.member.is_none());
        columns.extend(of_cluster.then(|| Column::left("cluster", Keep::Always)));
        columns.extend(self.members.iter().map(|member| Column::left(heading(member), Keep::Always)));
        let row = |check: &CheckView| {
            let place = of_cluster.then_some(None).into_iter();
            let places = place.chain(self.members.iter().map(|member| Some(member.name.as_str())));
            let cells = places.map(|place| self.cell(&check.name, place));
            std::iter::once(Cell::from(check.title.as_str())).chain(cells).collect()
        };
        Grid { columns, rows: self.checks.iter().map(row).collect() }
    }

    /// What was found at a member, or of the cluster as a whole. Empty where the check is made elsewhere only; where it
    /// should have been made and nothing is known of it, that is no pass.
    fn cell(&self, check: &str, place: Option<&str>) -> Cell {
        let finding =
            self.findings.iter().find(|finding| finding.check == check && finding.member.as_deref() == place);
        let elsewhere = |finding: &FindingView| finding.member.is_some() != place.is_some();
        let mut all = self.findings.iter().filter(|finding| finding.check == check).peekable();
        if finding.is_none() && all.peek().is_some() && all.all(elsewhere) {
            return "".into();
        }
        match finding.map(|finding| finding.verdict) {
            Some("passes") => Cell::new(Tone::Good, "ok"),
            Some("warns") => Cell::new(Tone::Warn, "WARN"),
            Some("blocks") => Cell::new(Tone::Bad, "FAIL"),
            Some("not-asked") => Cell::none(),
            Some(_) | None => Cell::new(Tone::Bad, "?"),
        }
    }

    fn line(&self, finding: &FindingView) -> Cell {
        let (word, tone) = if finding.blocks() { ("FAIL", Tone::Bad) } else { ("WARN", Tone::Warn) };
        let (place, title) = (self.place(finding), self.title(&finding.check));
        Cell::new(tone, format!("{word} {place}: {title}: {}", finding.said()))
    }

    fn verdict(&self) -> Cell {
        if self.lets_through() {
            let text = format!("PASSED: nothing blocks {}. Nothing was proposed.", self.gate);
            return Cell::new(Tone::Good, text);
        }
        let failures = self.findings.iter().filter(|finding| finding.blocks()).count();
        let failures = if failures == 1 { "1 failure".to_owned() } else { format!("{failures} failures") };
        let left = if self.leaves_closed() { "The key stays closed." } else { "Nothing changed." };
        let text = format!("REFUSED: {failures} on {}. {left}", self.blocked_places().join(", "));
        Cell::new(Tone::Bad, text)
    }

    /// A line a blocker or warning, for scripts.
    pub fn short(&self) -> String {
        let odd = self.findings.iter().filter(|finding| finding.blocks() || finding.warns());
        let lines = odd.map(|finding| {
            let member = finding.member.as_deref().unwrap_or("-");
            format!("{} {member} {}\n", finding.verdict, finding.check)
        });
        let verdict = if self.lets_through() { "passed\n" } else { "refused\n" };
        lines.chain([verdict.to_owned()]).collect()
    }
}

/// n2* leads, n4(L) is a learner.
fn heading(member: &JudgedMemberView) -> String {
    let mark = match member.role {
        "leader" => "*",
        "learner" => "(L)",
        _ => "",
    };
    format!("{}{mark}", member.name)
}

/// `encryption check`, and what `--dry-run` prints.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CheckReport {
    pub cluster_name: String,
    #[serde(flatten)]
    pub judgement: JudgementView,
}

impl Report for CheckReport {
    const KIND: &'static str = "EncryptionCheck";

    fn table(&self) -> Table {
        self.judgement.shown(Table::new())
    }

    fn short(&self) -> String {
        self.judgement.short()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(member: &str, verdict: v1::Verdict, message: &str) -> v1::Finding {
        v1::Finding {
            check: "kek".to_owned(),
            member: member.to_owned(),
            verdict: verdict.into(),
            message: message.to_owned(),
            ..v1::Finding::default()
        }
    }

    fn judged(passed: bool, findings: Vec<v1::Finding>) -> JudgementView {
        let checks = vec![v1::Check { name: "kek".to_owned(), title: "KEK opens the probe".to_owned() }];
        let gate = v1::OperationKind::EnableStorage.into();
        JudgementView::from(&v1::Judgement { gate, passed, checks, findings, ..v1::Judgement::default() })
    }

    #[test]
    fn every_blocker_is_named_at_once() {
        let blocks = v1::Verdict::Blocks;
        let refusal = judged(
            false,
            vec![
                finding("n1", v1::Verdict::Passes, ""),
                finding("n4", blocks, "it does not open"),
                finding("n5", blocks, "no answer"),
                finding("n4", blocks, "off"),
            ],
        )
        .refusal()
        .unwrap();
        assert_eq!((refusal.code(), refusal.exit().code()), (Code::GateRefused, 3));
        let members: Vec<&str> = refusal.blocking().iter().map(|one| one.member.as_str()).collect();
        assert_eq!(members, ["n4", "n5", "n4"]);
        assert!(
            refusal.message().contains(
                "n4 (KEK opens the probe: it does not open, KEK opens the probe: off); n5 (KEK opens"
            ),
            "{}",
            refusal.message()
        );
    }

    #[test]
    fn what_blocks_is_never_taken_for_a_pass_and_a_refusal_needs_no_reason() {
        assert!(judged(true, vec![finding("n1", v1::Verdict::Blocks, "x")]).refusal().is_some());
        assert!(judged(false, Vec::new()).refusal().is_some());
        assert!(judged(true, vec![finding("n1", v1::Verdict::Passes, "")]).refusal().is_none());
    }

    #[test]
    fn a_warning_lets_through_and_is_told() {
        let view = judged(true, vec![finding("n3", v1::Verdict::Warns, "2 behind")]);
        assert!(view.refusal().is_none());
        assert_eq!(view.warnings(), [Warning::new(Code::GateWarns, "n3: KEK opens the probe: 2 behind")]);
        assert_eq!(view.short(), "warns n3 kek\npassed\n");
    }
}
