//! `schema`: what documents look like.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Report;
use crate::args::Format;
use crate::output::{Column, Grid, Keep, Table};

/// One kind's schema. To people it is printed as it is, to be kept in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SchemaReport {
    /// The kind that it is about.
    pub of: String,
    /// A JSON Schema of draft 2020-12.
    pub document: Value,
}

impl Report for SchemaReport {
    const KIND: &'static str = "Schema";

    fn table(&self) -> Table {
        Table::new().line(format!("{:#}", self.document))
    }

    fn verbatim(&self, _: Format) -> Option<Vec<u8>> {
        Some(format!("{:#}\n", self.document).into_bytes())
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SchemasReport {
    pub kinds: Vec<SchemaRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SchemaRow {
    pub kind: &'static str,
    /// What it is of: a whole result, or one line of many.
    pub form: &'static str,
}

impl Report for SchemasReport {
    const KIND: &'static str = "Schemas";

    fn table(&self) -> Table {
        let columns = vec![Column::left("KIND", Keep::Always), Column::left("OF", Keep::IfRoom(1))];
        let rows = self.kinds.iter().map(|row| vec![row.kind.into(), row.form.into()]);
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }

    fn short(&self) -> String {
        self.kinds.iter().map(|row| format!("{}\n", row.kind)).collect()
    }
}
