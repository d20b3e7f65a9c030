//! What became of operations, youngest first.

use schemars::JsonSchema;
use serde::Serialize;

use super::OperationView;
use crate::model::Report;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct HistoryReport {
    pub cluster_name: String,
    pub operations: Vec<OperationView>,
    /// There are older ones.
    pub more: bool,
}

impl Report for HistoryReport {
    const KIND: &'static str = "EncryptionHistory";

    fn table(&self) -> Table {
        if self.operations.is_empty() {
            return Table::new().line(format!("{} has no operations to tell of", self.cluster_name));
        }
        let columns = vec![
            Column::left("WHEN", Keep::Always),
            Column::left("OPERATION", Keep::Always),
            Column::left("RESULT", Keep::Always).may_be_cut(24),
            Column::right("INDEX", Keep::IfRoom(2)),
            Column::left("BY", Keep::IfRoom(3)),
            Column::left("REASON", Keep::IfRoom(4)).may_be_cut(20),
            Column::left("ID", Keep::IfRoom(1)),
        ];
        let grid = Grid { columns, rows: self.operations.iter().map(row).collect() };
        let table = Table::new().grid(grid);
        if self.more {
            table.line(Cell::new(Tone::Dim, "(there are older ones; --limit shows more)"))
        } else {
            table
        }
    }

    fn short(&self) -> String {
        let line = |one: &OperationView| format!("{} {} {}\n", one.operation_id, one.kind, one.state);
        self.operations.iter().map(line).collect()
    }
}

fn row(operation: &OperationView) -> Vec<Cell> {
    let text = |text: &str| if text.is_empty() { Cell::none() } else { Cell::from(text) };
    vec![
        Cell::maybe(operation.ended_at.as_deref().or(operation.since.as_deref()).map(to_the_second)),
        operation.kind.as_str().into(),
        result(operation),
        Cell::maybe(operation.ended_index.or(operation.begun_index)),
        text(&operation.actor),
        text(&operation.reason),
        operation.operation_id.as_str().into(),
    ]
}

/// 2026-11-01T08:14:03.007Z to 2026-11-01 08:14:03.
fn to_the_second(moment: &str) -> String {
    moment.get(..19).unwrap_or(moment).replace('T', " ")
}

fn result(operation: &OperationView) -> Cell {
    match (operation.state, &operation.refusal) {
        ("done", _) if operation.changed == Some(false) => "done before".into(),
        ("done", _) => match operation.key_id {
            Some(key) => Cell::new(Tone::Good, format!("done, key {key}")),
            None => Cell::new(Tone::Good, "done"),
        },
        ("refused", Some(refusal)) => Cell::new(Tone::Warn, format!("refused: {}", refusal.message)),
        ("refused", None) => Cell::new(Tone::Warn, "refused"),
        (other, _) => other.into(),
    }
}
