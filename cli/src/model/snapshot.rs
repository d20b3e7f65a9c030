//! `cluster snapshot`: what each member wrote and dropped.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report, bytes_text};
use crate::error::{Blocker, CliError, Code};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SnapshotReport {
    pub cluster_name: String,
    pub group_id: Decimal,
    pub purged: bool,
    pub members: Vec<SnapshotRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SnapshotRow {
    pub member: String,
    pub index: Option<Decimal>,
    pub bytes: Option<Decimal>,
    pub first_log_index: Option<Decimal>,
    pub error: Option<String>,
}

impl SnapshotReport {
    pub fn problem(&self) -> Option<CliError> {
        let failed: Vec<Blocker> = self
            .members
            .iter()
            .filter_map(|row| Some(Blocker { member: row.member.clone(), reason: row.error.clone()? }))
            .collect();
        if failed.is_empty() {
            return None;
        }
        let names: Vec<String> =
            failed.iter().map(|one| format!("{} ({})", one.member, one.reason)).collect();
        let text = format!(
            "{} of {} members wrote no snapshot: {}",
            failed.len(),
            self.members.len(),
            names.join(", ")
        );
        Some(CliError::new(Code::Partial, text).blocked_by(failed))
    }
}

impl Report for SnapshotReport {
    const KIND: &'static str = "ClusterSnapshot";

    fn table(&self) -> Table {
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::right("SNAPSHOT", Keep::Always),
            Column::right("SIZE", Keep::IfRoom(2)),
            Column::right("LOG FROM", Keep::IfRoom(1)),
            Column::left("RESULT", Keep::Always).may_be_cut(18),
        ];
        let rows = self.members.iter().map(|row| {
            let result = match &row.error {
                Some(error) => Cell::new(Tone::Bad, error.as_str()),
                None if self.purged => "written and purged".into(),
                None => "written".into(),
            };
            vec![
                row.member.as_str().into(),
                Cell::maybe(row.index),
                Cell::maybe(row.bytes.map(|bytes| bytes_text(bytes.0))),
                Cell::maybe(row.first_log_index),
                result,
            ]
        });
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }
}
