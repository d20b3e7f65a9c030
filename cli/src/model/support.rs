//! `support-bundle`: what is in it, and what is not.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report, bytes_text};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SupportReport {
    pub file: String,
    pub bytes: Decimal,
    /// Beside the manifest.
    pub files: Vec<BundledFile>,
    pub left_out: Vec<LeftOut>,
    /// Members that gave no answer, or "cluster" where nobody did.
    pub silent: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BundledFile {
    pub name: String,
    pub bytes: Decimal,
    pub sha256: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    pub what: String,
    pub because: String,
}

impl SupportReport {
    pub fn new(path: &Path, bytes: usize, files: Vec<BundledFile>, left_out: Vec<LeftOut>) -> Self {
        Self {
            file: path.display().to_string(),
            bytes: Decimal(bytes as u64),
            files,
            left_out,
            silent: Vec::new(),
        }
    }

    /// It lacks what these would have told.
    pub fn without(self, silent: Vec<String>) -> Self {
        Self { silent, ..self }
    }
}

impl Report for SupportReport {
    const KIND: &'static str = "SupportBundle";

    fn table(&self) -> Table {
        let head = format!("{}   {} files, {}", self.file, self.files.len(), bytes_text(self.bytes.0));
        let columns = vec![Column::left("LEFT OUT", Keep::Always), Column::left("BECAUSE", Keep::Always)];
        let row = |one: &LeftOut| vec![one.what.as_str().into(), one.because.as_str().into()];
        Table::new()
            .line(Cell::new(if self.silent.is_empty() { Tone::Good } else { Tone::Warn }, head))
            .grid(Grid { columns, rows: self.left_out.iter().map(row).collect() })
            .line("Look through it before you send it.")
    }

    fn short(&self) -> String {
        format!("{}\n", self.file)
    }
}
