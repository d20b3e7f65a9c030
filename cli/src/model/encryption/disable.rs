//! `encryption disable`: there is no way back, but there is a way out.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{CliError, Code};
use crate::model::Report;
use crate::output::Table;

const STEPS: [&str; 6] = [
    "start a new cluster without encryption, under other node names, beside this one",
    "stop what writes here",
    "elastickv-admin --endpoint OLD kv export --file dump.ndjson",
    "elastickv-admin --endpoint NEW kv import --file dump.ndjson",
    "compare: as many keys there as the export told, and a few values by hand",
    "send your clients to the new cluster; destroy the dump and, when nobody needs them, the old disks",
];

/// The way out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DisableReport {
    pub steps: Vec<&'static str>,
}

impl Default for DisableReport {
    fn default() -> Self {
        Self { steps: STEPS.to_vec() }
    }
}

impl DisableReport {
    pub fn problem(&self) -> CliError {
        CliError::new(Code::NoWayBack, "encryption can not be switched off in a cluster that has it")
    }
}

impl Report for DisableReport {
    const KIND: &'static str = "EncryptionDisable";

    fn table(&self) -> Table {
        let intro = "Out of an encrypted cluster leads a dump, which is clear text, into another one:";
        let steps = self.steps.iter().enumerate();
        steps.fold(Table::new().line(intro), |table, (at, step)| table.line(format!("{}. {step}", at + 1)))
    }

    fn short(&self) -> String {
        self.steps.iter().map(|step| format!("{step}\n")).collect()
    }
}
