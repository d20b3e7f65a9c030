//! `doctor`: what is wrong, what that means, and what to type.
//!
//! Pure functions from what members said to findings. What could not be looked at is a warning: a clean bill of a
//! cluster that was half looked at would be worse than none. What nobody named, such as backups, is told and no more.

mod finding;
mod keys;
mod members;
mod work;

use schemars::JsonSchema;
use serde::Serialize;

pub use finding::{Finding, Severity};

use super::{Report, utc};
use crate::error::{Blocker, CliError, Code, Warning};
use crate::output::{Cell, Table, Tone};

pub use keys::{of_encryption, of_gate};
pub use members::of_survey;
pub use work::{of_backup, of_job, of_operation};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// The cluster's name, or the data directory.
    pub patient: String,
    pub taken_at: String,
    pub faults: usize,
    pub warnings: usize,
    pub notes: usize,
    /// What was to be looked at and could not be; a warning stands for each.
    pub not_looked_at: usize,
    /// The worst first.
    pub findings: Vec<Finding>,
    pub examined: Vec<String>,
    pub not_examined: Vec<NotExamined>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NotExamined {
    pub what: String,
    pub because: String,
}

/// What is gathered on the way through all that there is to look at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Examination {
    findings: Vec<Finding>,
    examined: Vec<String>,
    not_examined: Vec<NotExamined>,
    /// How many of them should have been.
    missed: usize,
}

impl Examination {
    /// Something was looked at, and this is what there is to say of it.
    pub fn examined(&mut self, what: &str, found: impl IntoIterator<Item = Finding>) {
        self.examined.push(what.to_owned());
        for finding in found {
            if !self.findings.iter().any(|known| known.is_same(&finding)) {
                self.findings.push(finding);
            }
        }
    }

    /// Something was to be looked at, and could not be.
    pub fn not_examined(&mut self, what: &str, because: impl Into<String>) {
        let because = because.into();
        self.findings.push(Finding::new(
            Code::NotLookedAt,
            what,
            format!("not looked at: {what} ({because})"),
        ));
        self.missed += 1;
        self.not_named(what, because);
    }

    /// Nobody named it, or there is no such thing here: it is told, and lacks nobody.
    pub fn not_named(&mut self, what: &str, because: impl Into<String>) {
        self.not_examined.push(NotExamined { what: what.to_owned(), because: because.into() });
    }

    /// `cli` is how this program is called, for commands that can be pasted.
    pub fn report(mut self, patient: &str, unix_ms: u64, cli: &str) -> DoctorReport {
        self.findings.sort_by(|one, other| {
            (one.severity, &one.subject, &one.code).cmp(&(other.severity, &other.subject, &other.code))
        });
        self.findings.iter_mut().for_each(|finding| finding.call(cli));
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        DoctorReport {
            patient: patient.to_owned(),
            taken_at: utc(unix_ms),
            faults: count(Severity::Fault),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            not_looked_at: self.missed,
            findings: self.findings,
            examined: self.examined,
            not_examined: self.not_examined,
        }
    }
}

impl DoctorReport {
    /// Something does not work now.
    pub fn problem(&self) -> Option<CliError> {
        let faults: Vec<&Finding> =
            self.findings.iter().filter(|finding| finding.severity == Severity::Fault).collect();
        let blocker =
            |finding: &&Finding| Blocker { member: finding.subject.clone(), reason: finding.message.clone() };
        let first = faults.first()?;
        let more = match faults.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let error = CliError::new(Code::PatientIll, format!("{}{more}", first.message));
        Some(error.hint(first.r#try.clone()).blocked_by(faults.iter().map(blocker).collect()))
    }

    /// For `--fail-on warn`: every warning that is no fault already.
    pub fn remarks(&self) -> Vec<Warning> {
        let warnings = self.findings.iter().filter(|finding| finding.severity == Severity::Warning);
        warnings
            .filter_map(|finding| Some(Warning::new(Code::find(&finding.code)?, &finding.message)))
            .collect()
    }

    fn heading(&self) -> Cell {
        let missed = self.not_looked_at;
        let warnings = self.warnings.saturating_sub(missed);
        let counted = [(self.faults, "fault"), (warnings, "warning"), (self.notes, "note")];
        let texts = counted.iter().filter(|(count, _)| *count > 0);
        let texts: Vec<String> = texts
            .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        let clock = self.taken_at.get(11..19).unwrap_or(&self.taken_at);
        let tone = match (self.faults, self.warnings) {
            (0, 0) => Tone::Good,
            (0, _) => Tone::Warn,
            _ => Tone::Bad,
        };
        let found = match (texts.is_empty(), missed) {
            (true, 0) => "nothing is wrong".to_owned(),
            (true, missed) => format!("nothing found; {missed} not looked at"),
            (false, 0) => texts.join(", "),
            (false, missed) => format!("{}; {missed} not looked at", texts.join(", ")),
        };
        Cell::new(tone, format!("{}   {found}   {clock}Z", self.patient))
    }
}

impl Report for DoctorReport {
    const KIND: &'static str = "Doctor";

    fn table(&self) -> Table {
        let mut table = Table::new().line(self.heading());
        for finding in &self.findings {
            table = finding.lines().into_iter().fold(table, Table::line);
        }
        table = table.line(Cell::new(Tone::Dim, format!("Looked at: {}", self.examined.join(", "))));
        let is_found = |what: &str| {
            self.findings
                .iter()
                .any(|found| found.subject == what && found.code == Code::NotLookedAt.to_string())
        };
        for left in self.not_examined.iter().filter(|left| !is_found(&left.what)) {
            let text = format!("Not looked at: {} ({})", left.what, left.because);
            table = table.line(Cell::new(Tone::Warn, text));
        }
        table
    }

    fn short(&self) -> String {
        let line = |finding: &Finding| {
            format!("{} {} {} {}\n", finding.severity.word(), finding.code, finding.subject, finding.message)
        };
        self.findings.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(codes: &[Code]) -> DoctorReport {
        let mut examination = Examination::default();
        let findings = codes.iter().map(|code| Finding::of(&Warning::new(*code, "why").about("n1")));
        examination.examined("everything", findings);
        examination.report("demo", 0, "elastickv-admin")
    }

    #[test]
    fn the_worst_comes_first_and_nothing_comes_twice() {
        let report = report(&[Code::MixedBuilds, Code::LogStillClear, Code::ReplicaFault, Code::MixedBuilds]);
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["EK-1218", "EK-1220", "EK-1609"]);
        assert_eq!((report.faults, report.warnings, report.notes), (1, 1, 1));
        assert_eq!(report.remarks().len(), 1);
    }

    #[test]
    fn what_could_not_be_looked_at_is_no_clean_bill() {
        let report = |missed: bool| {
            let mut examination = Examination::default();
            examination.examined("members", []);
            examination.not_named("backups", "name them with --backup DIR");
            if missed {
                examination.not_examined("jobs", "the leader moved");
            }
            examination.report("demo", 0, "elastickv-admin")
        };
        let (whole, half) = (report(false), report(true));
        assert_eq!((whole.short().as_str(), whole.remarks().len()), ("", 0));
        assert!(whole.heading().text.contains("nothing is wrong"));
        assert_eq!((half.warnings, half.remarks().len(), half.not_examined.len()), (1, 1, 2));
        assert!(half.short().starts_with("warning EK-2018 jobs "), "{}", half.short());
        assert!(half.heading().text.contains("nothing found; 1 not looked at"));
        assert_eq!(half.heading().tone, Tone::Warn);
    }

    #[test]
    fn only_a_fault_is_a_problem() {
        assert!(report(&[Code::MixedBuilds]).problem().is_none());
        let problem = report(&[Code::ReplicaFault, Code::KeyNotOpen]).problem().unwrap();
        assert_eq!((problem.code(), problem.exit().code()), (Code::PatientIll, 9));
        assert_eq!(problem.blocking().len(), 2);
    }
}
