//! `cluster digest`: whether the replicas hold the same data.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report};
use crate::error::{Blocker, CliError, Code};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DigestReport {
    pub cluster_name: String,
    pub group_id: Decimal,
    /// The data of this index ...
    pub index: Decimal,
    /// ... as seen at this timestamp.
    pub ts: Decimal,
    /// All that answered agree; null when fewer than two answered.
    pub equal: Option<bool>,
    pub members: Vec<DigestRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DigestRow {
    pub member: String,
    pub role: &'static str,
    pub digest: Option<String>,
    pub rows: Option<Decimal>,
    pub keys: Option<Decimal>,
    /// Differs from the leader's.
    pub differs: bool,
    pub error: Option<String>,
}

impl DigestReport {
    /// A difference is worse than a missing answer, and so is told first.
    pub fn problem(&self) -> Option<CliError> {
        self.differences().or_else(|| self.gaps())
    }

    fn differences(&self) -> Option<CliError> {
        let differing: Vec<&DigestRow> = self.members.iter().filter(|row| row.differs).collect();
        if differing.is_empty() {
            return None;
        }
        let names: Vec<&str> = differing.iter().map(|row| row.member.as_str()).collect();
        let text = format!("at index {} {} differ from the leader", self.index, names.join(", "));
        let blocking = names.iter().map(|name| Blocker {
            member: (*name).to_owned(),
            reason: "another digest than the leader's".to_owned(),
        });
        Some(CliError::new(Code::DigestsDiffer, text).blocked_by(blocking.collect()))
    }

    fn gaps(&self) -> Option<CliError> {
        let silent: Vec<Blocker> = self
            .members
            .iter()
            .filter_map(|row| Some(Blocker { member: row.member.clone(), reason: row.error.clone()? }))
            .collect();
        if silent.is_empty() {
            return None;
        }
        let names: Vec<String> =
            silent.iter().map(|one| format!("{} ({})", one.member, one.reason)).collect();
        let text = format!("the others agree, but no digest came from {}", names.join(", "));
        Some(CliError::new(Code::Partial, text).blocked_by(silent))
    }
}

impl Report for DigestReport {
    const KIND: &'static str = "ClusterDigest";

    fn table(&self) -> Table {
        let verdict = match self.equal {
            Some(true) => "all that answered hold the same",
            Some(false) => "REPLICAS DIFFER",
            None => "nothing to compare with",
        };
        let tone = if self.equal == Some(false) { Tone::Bad } else { Tone::Plain };
        let text = format!(
            "Cluster {}   group {}   index {}   {verdict}",
            self.cluster_name, self.group_id, self.index
        );
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("ROLE", Keep::IfRoom(2)),
            Column::left("DIGEST", Keep::Always).may_be_cut(24),
            Column::right("KEYS", Keep::IfRoom(1)),
            Column::right("ROWS", Keep::IfRoom(3)),
        ];
        Table::new()
            .line(Cell::new(tone, text))
            .grid(Grid { columns, rows: self.members.iter().map(cells).collect() })
    }

    fn short(&self) -> String {
        let rows = self
            .members
            .iter()
            .map(|row| format!("{} {}\n", row.member, row.digest.as_deref().unwrap_or("-")));
        rows.collect()
    }
}

fn cells(row: &DigestRow) -> Vec<Cell> {
    let digest = match (&row.digest, &row.error, row.differs) {
        (Some(digest), _, false) => Cell::from(shortened(digest)),
        (Some(digest), _, true) => Cell::new(Tone::Bad, format!("{} DIFFERS", shortened(digest))),
        (None, error, _) => Cell::new(Tone::Warn, error.clone().unwrap_or_default()),
    };
    vec![row.member.as_str().into(), row.role.into(), digest, Cell::maybe(row.keys), Cell::maybe(row.rows)]
}

/// Enough letters to compare by eye; the whole digest is in the other formats.
fn shortened(digest: &str) -> String {
    digest.chars().take(16).collect()
}
