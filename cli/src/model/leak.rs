//! What the search for planted bytes came upon.

use std::path::Path;

use elastickv_offline::leak::{Finding, Found};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report, bytes_text};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LeakReport {
    pub directory: String,
    pub files: Decimal,
    pub bytes: Decimal,
    /// Canaries that were looked for.
    pub canaries: Decimal,
    /// Those that were found at least once.
    pub canaries_found: Decimal,
    /// How often any was found; the first of them are listed.
    pub findings_total: Decimal,
    pub findings: Vec<LeakFinding>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LeakFinding {
    pub file: String,
    pub offset: Decimal,
    /// Its line in the file of canaries.
    pub canary_line: u64,
    pub spelling: &'static str,
}

impl LeakReport {
    pub fn of(dir: &Path, found: &Found) -> Self {
        let count = |count: usize| Decimal(count as u64);
        Self {
            directory: dir.display().to_string(),
            files: count(found.files),
            bytes: Decimal(found.bytes),
            canaries: count(found.sought),
            canaries_found: count(found.canaries.len()),
            findings_total: Decimal(found.hits),
            findings: found.findings.iter().map(LeakFinding::of).collect(),
        }
    }
}

impl LeakFinding {
    fn of(finding: &Finding) -> Self {
        Self {
            file: finding.file.display().to_string(),
            offset: Decimal(finding.offset),
            canary_line: finding.canary as u64,
            spelling: finding.spelling.as_str(),
        }
    }
}

impl Report for LeakReport {
    const KIND: &'static str = "LeakScan";

    fn table(&self) -> Table {
        let Self { files, canaries, canaries_found, findings_total, .. } = self;
        let searched = format!("{files} files, {}", bytes_text(self.bytes.0));
        let head = match findings_total.0 {
            0 => Cell::new(Tone::Good, format!("none of {canaries} canaries in {searched}")),
            _ => Cell::new(Tone::Bad, format!("{canaries_found} of {canaries} canaries in {searched}")),
        };
        let table = Table::new().line(head);
        if self.findings.is_empty() { table } else { more(table.grid(grid(&self.findings)), self) }
    }

    fn short(&self) -> String {
        self.findings.iter().map(|found| format!("{} {}\n", found.file, found.offset)).collect()
    }
}

fn grid(findings: &[LeakFinding]) -> Grid {
    let columns = vec![
        Column::left("FILE", Keep::Always),
        Column::right("OFFSET", Keep::Always),
        Column::right("LINE", Keep::IfRoom(1)),
        Column::left("SPELLING", Keep::IfRoom(2)),
    ];
    let rows = findings.iter().map(|found| {
        vec![
            found.file.as_str().into(),
            found.offset.to_string().into(),
            found.canary_line.to_string().into(),
            found.spelling.into(),
        ]
    });
    Grid { columns, rows: rows.collect() }
}

fn more(table: Table, report: &LeakReport) -> Table {
    match report.findings_total.0 - report.findings.len() as u64 {
        0 => table,
        more => table.line(format!("and {more} more")),
    }
}
