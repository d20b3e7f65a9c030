//! `certs …`: certificates and tokens that were made.

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::output::{Cell, Table, Tone};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    Authority,
    Node,
    Client,
    Token,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CredentialReport {
    pub kind: Credential,
    pub name: String,
    pub files: Vec<String>,
    /// Of a certificate.
    pub valid_until: Option<String>,
    /// The list of the access file that lets it in.
    pub access_list: Option<&'static str>,
    /// The item of that list, in YAML; the roles are to be chosen.
    pub access_entry: Option<String>,
}

impl Report for CredentialReport {
    const KIND: &'static str = "Credential";

    fn table(&self) -> Table {
        let what = match self.kind {
            Credential::Authority => "an authority",
            Credential::Node => "a node's certificate and its key",
            Credential::Client => "a client's certificate and its key",
            Credential::Token => "a token",
        };
        let until =
            self.valid_until.as_ref().map(|until| format!(", valid until {until}")).unwrap_or_default();
        let mut table = Table::new().line(format!("{}   {what}{until}", self.files.join(", ")));
        if self.kind == Credential::Authority {
            let text = "Keep its key away from the nodes: whoever has it can be anybody.";
            table = table.line(Cell::new(Tone::Warn, text));
        }
        if let (Some(list), Some(entry)) = (self.access_list, &self.access_entry) {
            table = table.line("What lets it in, with the roles that it is to have, under this key of the servers' access file:");
            table = table.line(format!("{list}:"));
            table = entry.lines().fold(table, |table, line| table.line(format!("  {line}")));
        }
        table
    }

    fn short(&self) -> String {
        self.files.iter().map(|file| format!("{file}\n")).collect()
    }
}
