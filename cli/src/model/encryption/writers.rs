//! `encryption register-writer`: which rows the registry has now.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Decimal, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RegisteredReport {
    pub cluster_name: String,
    /// Null when every row was there already.
    pub applied_index: Option<Decimal>,
    pub rows: Vec<RegisteredRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RegisteredRow {
    pub key_id: u32,
    pub key_hex: String,
    pub node: Option<String>,
    pub full_id_hex: String,
    pub local_epoch: u32,
    pub changed: bool,
}

impl Report for RegisteredReport {
    const KIND: &'static str = "EncryptionWriters";

    fn table(&self) -> Table {
        let columns = vec![
            Column::right("KEY", Keep::Always),
            Column::left("NODE", Keep::Always),
            Column::right("EPOCH", Keep::Always),
            Column::left("FULL ID", Keep::IfRoom(1)),
            Column::left("RESULT", Keep::Always),
        ];
        let row = |row: &RegisteredRow| {
            let result = if row.changed { Cell::new(Tone::Good, "registered") } else { "was there".into() };
            vec![
                row.key_id.to_string().into(),
                Cell::maybe(row.node.as_deref()),
                row.local_epoch.to_string().into(),
                row.full_id_hex.as_str().into(),
                result,
            ]
        };
        Table::new().grid(Grid { columns, rows: self.rows.iter().map(row).collect() })
    }
}
