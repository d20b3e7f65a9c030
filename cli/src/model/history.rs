//! The versions of a key.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Bytes, Decimal, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VersionRow {
    pub commit_ts: Decimal,
    pub committed: String,
    pub deleted: bool,
    /// When the value is over; null when never.
    pub expires: Option<String>,
    /// Null where the key was deleted.
    pub value: Option<Bytes>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct HistoryReport {
    pub key: Bytes,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// The limit ended the list; there are older ones.
    pub more: bool,
}

impl Report for HistoryReport {
    const KIND: &'static str = "KvHistory";

    fn table(&self) -> Table {
        if self.versions.is_empty() {
            return Table::new().line(Cell::new(Tone::Dim, "no versions"));
        }
        let columns = vec![
            Column::left("TIMESTAMP", Keep::Always),
            Column::left("COMMITTED", Keep::IfRoom(1)),
            Column::left("EXPIRES", Keep::IfRoom(2)),
            Column::left("VALUE", Keep::Always).may_be_cut(24),
        ];
        let rows = self.versions.iter().map(row).collect();
        let table = Table::new().grid(Grid { columns, rows });
        match self.more {
            true => table.line(Cell::new(Tone::Dim, "there are older ones; --limit 0 shows all")),
            false => table,
        }
    }

    /// A tab stands between timestamp and value: shown texts never hold one.
    fn short(&self) -> String {
        let lines = self.versions.iter().map(|version| match &version.value {
            Some(value) => format!("{}\t{}\n", version.commit_ts, value.shown()),
            None => format!("{}\n", version.commit_ts),
        });
        lines.collect()
    }
}

fn row(version: &VersionRow) -> Vec<Cell> {
    let value = match &version.value {
        Some(value) => value.shown().into(),
        None => Cell::new(Tone::Dim, "(deleted)"),
    };
    vec![
        version.commit_ts.to_string().into(),
        version.committed.clone().into(),
        Cell::maybe(version.expires.as_ref()),
        value,
    ]
}
