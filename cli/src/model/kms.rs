//! `kms …`: wrapping keys.

use std::time::Duration;

use elastickv_types::KekLabel;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::Report;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// Who wrapped a key, as it is written.
pub fn kek_label(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "provider": { "type": "string" },
            "key": { "type": "string" },
            "version": { "type": "string" },
        },
        "required": ["provider", "key", "version"],
    })
}

/// The same where it may not be known.
pub fn perhaps_kek_label(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [kek_label(generator), { "type": "null" }] })
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KekMadeReport {
    pub file: String,
    /// How a server is told of it.
    pub uri: String,
    /// Tells this key from another at the same place, and nothing of the key.
    pub version: String,
}

impl Report for KekMadeReport {
    const KIND: &'static str = "KekMade";

    fn table(&self) -> Table {
        Table::new().line(format!("{}   a new wrapping key, version {}", self.file, self.version)).line(
            Cell::new(
                Tone::Warn,
                "Keep a copy elsewhere: without this key, everything sealed under it is lost.",
            ),
        )
    }

    fn short(&self) -> String {
        format!("{}\n", self.uri)
    }
}

/// What trying a wrapping key found.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct KekCheckReport {
    pub uri: String,
    #[schemars(schema_with = "kek_label")]
    pub kek: KekLabel,
    pub open_ms: f64,
    pub wrap_ms: f64,
    pub unwrap_ms: f64,
    /// Unwrapping was refused for another cluster, another key and another purpose.
    pub context_bound: bool,
}

/// To the microsecond: a key in a file takes only some of them.
pub fn precise_ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl Report for KekCheckReport {
    const KIND: &'static str = "KekCheck";

    fn table(&self) -> Table {
        let columns = vec![Column::left("CHECK", Keep::Always), Column::left("RESULT", Keep::Always)];
        let took = |ms: f64| Cell::new(Tone::Good, format!("ok, {ms} ms"));
        let bound = match self.context_bound {
            true => Cell::new(Tone::Good, "refused, as it must be"),
            false => Cell::new(Tone::Bad, "UNWRAPPED"),
        };
        let row = |check: &str, result| vec![check.into(), result];
        let rows = vec![
            row("opened", took(self.open_ms)),
            row("wrapped a new key", took(self.wrap_ms)),
            row("unwrapped it again", took(self.unwrap_ms)),
            row("in another context", bound),
        ];
        let KekLabel { provider, key, version } = &self.kek;
        Table::new()
            .line(format!("{}   {provider} {key} version {version}", self.uri))
            .grid(Grid { columns, rows })
    }

    fn short(&self) -> String {
        let KekLabel { provider, key, version } = &self.kek;
        format!("{provider} {key} {version} {} {}\n", self.wrap_ms, self.unwrap_ms)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KekSchemesReport {
    pub schemes: Vec<KekScheme>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KekScheme {
    pub scheme: &'static str,
    pub example: &'static str,
    pub what: &'static str,
}

impl Default for KekSchemesReport {
    fn default() -> Self {
        let scheme = |scheme, example, what| KekScheme { scheme, example, what };
        Self {
            schemes: vec![
                scheme("file", "file:/etc/elastickv/kek", "32 bytes in a file of mode 0600 or 0400"),
                scheme("env", "env:TRIAL_KEK", "hex or Base64 in a variable; for trials only"),
            ],
        }
    }
}

impl Report for KekSchemesReport {
    const KIND: &'static str = "KekSchemes";

    fn table(&self) -> Table {
        let columns = vec![
            Column::left("SCHEME", Keep::Always),
            Column::left("EXAMPLE", Keep::IfRoom(1)),
            Column::left("WHAT", Keep::Always),
        ];
        let rows =
            self.schemes.iter().map(|row| vec![row.scheme.into(), row.example.into(), row.what.into()]);
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }
}
