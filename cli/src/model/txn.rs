//! What a transaction did, a row for each line of its script.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Bytes, Decimal, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TxnVerb {
    Get,
    Check,
    Put,
    Delete,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TxnRow {
    /// Of the script, counted from one.
    pub line: usize,
    pub verb: TxnVerb,
    pub key: Bytes,
    /// What a get found; null when that was nothing.
    pub value: Option<Bytes>,
    /// When the value was committed; null for one that the transaction itself writes.
    pub commit_ts: Option<Decimal>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TxnReport {
    pub rows: Vec<TxnRow>,
    /// The moment at which it read.
    pub start_ts: Decimal,
    /// Null when it has only read.
    pub commit_ts: Option<Decimal>,
    pub commit_index: Option<Decimal>,
    /// It took effect when the operation was sent before, and not now; what was read is of now.
    pub already_applied: bool,
    /// How often it was done again because of others.
    pub retries: u32,
}

impl TxnReport {
    pub fn writes(&self) -> bool {
        self.rows.iter().any(|row| matches!(row.verb, TxnVerb::Put | TxnVerb::Delete))
    }

    fn ending(&self) -> String {
        let before = if self.already_applied { "   (when it was sent before)" } else { "" };
        match (self.commit_ts.filter(|_| self.writes()), self.commit_index) {
            (Some(ts), Some(index)) => format!("committed at index {index}   timestamp {ts}{before}"),
            _ => format!("read at timestamp {}", self.start_ts),
        }
    }
}

impl TxnVerb {
    fn text(self) -> &'static str {
        match self {
            TxnVerb::Get => "get",
            TxnVerb::Check => "check",
            TxnVerb::Put => "put",
            TxnVerb::Delete => "delete",
        }
    }
}

impl Report for TxnReport {
    const KIND: &'static str = "KvTxn";

    fn table(&self) -> Table {
        let columns = vec![
            Column::right("LINE", Keep::IfRoom(2)),
            Column::left("VERB", Keep::Always),
            Column::left("KEY", Keep::Always),
            Column::left("RESULT", Keep::Always).may_be_cut(16),
            Column::left("COMMITTED", Keep::IfRoom(1)),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                row.line.to_string().into(),
                row.verb.text().into(),
                row.key.shown().into(),
                result(row),
                Cell::maybe(row.commit_ts),
            ]
        });
        Table::new().grid(Grid { columns, rows: rows.collect() }).line(self.ending())
    }

    /// What the gets found, key and value parted by a tab: shown texts never hold one.
    fn short(&self) -> String {
        let gets = self.rows.iter().filter(|row| row.verb == TxnVerb::Get);
        let lines = gets.map(|row| match &row.value {
            Some(value) => format!("{}\t{}\n", row.key.shown(), value.shown()),
            None => format!("{}\n", row.key.shown()),
        });
        lines.collect()
    }
}

fn result(row: &TxnRow) -> Cell {
    match (row.verb, &row.value) {
        (TxnVerb::Get, Some(value)) => value.shown().into(),
        (TxnVerb::Get, None) => Cell::new(Tone::Dim, "(absent)"),
        (TxnVerb::Check, _) => Cell::new(Tone::Dim, "(holds)"),
        (TxnVerb::Put, _) => Cell::new(Tone::Dim, "(written)"),
        (TxnVerb::Delete, _) => Cell::new(Tone::Dim, "(deleted)"),
    }
}
