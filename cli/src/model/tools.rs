//! Reports of the commands that need no cluster.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::args::Format;
use crate::error::Code;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VersionReport {
    pub version: &'static str,
    pub build_sha: &'static str,
    pub formats: BTreeMap<&'static str, u32>,
}

impl Report for VersionReport {
    const KIND: &'static str = "Version";

    fn table(&self) -> Table {
        let formats: Vec<String> =
            self.formats.iter().map(|(name, version)| format!("{name} v{version}")).collect();
        Table::new()
            .line(format!("elastickv-admin {}", self.version))
            .line(format!("build    {}", self.build_sha))
            .line(format!("formats  {}", formats.join(", ")))
    }

    fn short(&self) -> String {
        format!("{} {}\n", self.version, self.build_sha)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ExplainReport {
    pub codes: Vec<CodeView>,
    #[serde(skip)]
    pub list: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CodeView {
    pub code: String,
    pub name: &'static str,
    pub exit_code: u8,
    pub title: &'static str,
    pub state: &'static str,
    pub r#try: String,
    pub story: &'static str,
}

impl ExplainReport {
    pub fn one(code: Code, cli: &str) -> Self {
        Self { codes: vec![view(code, cli)], list: false }
    }

    pub fn all(cli: &str) -> Self {
        Self { codes: Code::ALL.iter().map(|code| view(*code, cli)).collect(), list: true }
    }
}

fn view(code: Code, cli: &str) -> CodeView {
    let entry = code.entry();
    CodeView {
        code: code.to_string(),
        name: entry.name,
        exit_code: entry.exit.code(),
        title: entry.title,
        state: entry.state,
        r#try: entry.hint.replace("{cli}", cli),
        story: entry.story,
    }
}

impl Report for ExplainReport {
    const KIND: &'static str = "Explanation";

    fn table(&self) -> Table {
        if self.list { list(&self.codes) } else { self.codes.iter().fold(Table::new(), story) }
    }
}

fn list(codes: &[CodeView]) -> Table {
    let columns = vec![
        Column::left("CODE", Keep::Always),
        Column::left("NAME", Keep::IfRoom(2)),
        Column::right("EXIT", Keep::IfRoom(1)),
        Column::left("MEANING", Keep::Always),
    ];
    let rows = codes.iter().map(|code| {
        vec![
            code.code.as_str().into(),
            code.name.into(),
            code.exit_code.to_string().into(),
            code.title.into(),
        ]
    });
    Table::new().grid(Grid { columns, rows: rows.collect() })
}

fn story(table: Table, code: &CodeView) -> Table {
    table
        .line(Cell::new(Tone::Heading, format!("{} {}: {}", code.code, code.name, code.title)))
        .line("")
        .line(code.story)
        .line("")
        .line(format!("Data: {}.", code.state))
        .line(format!("Exit status: {}.", code.exit_code))
        .line(format!("Try: {}", code.r#try))
}

/// A script for a shell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CompletionsReport {
    pub shell: String,
    pub script: String,
}

impl Report for CompletionsReport {
    const KIND: &'static str = "Completions";

    fn table(&self) -> Table {
        Table::new()
    }

    fn verbatim(&self, _format: Format) -> Option<Vec<u8>> {
        Some(self.script.clone().into_bytes())
    }
}

/// Files that were written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PagesReport {
    pub files: Vec<String>,
}

impl Report for PagesReport {
    const KIND: &'static str = "Pages";

    fn table(&self) -> Table {
        Table::new().line(format!("{} files written", self.files.len()))
    }

    fn short(&self) -> String {
        self.files.iter().map(|file| file.clone() + "\n").collect()
    }
}
