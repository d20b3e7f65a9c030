//! Keys and values in reports. None of these types shows a key or a value in its `Debug` form.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Decimal, Millis, Report, bytes_text};
use crate::args::Format;
use crate::notation::Notation;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// A key or a value, and the notation in which the operator wants to see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes {
    pub bytes: Vec<u8>,
    pub notation: Notation,
}

impl Bytes {
    pub fn new(bytes: impl Into<Vec<u8>>, notation: Notation) -> Self {
        Self { bytes: bytes.into(), notation }
    }

    pub fn shown(&self) -> String {
        self.notation.show(&self.bytes)
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.bytes.len())
    }
}

/// `text` when the bytes are UTF-8, and always `base64`: a program takes the one that suits it.
impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A key or a value; text is null where the bytes are no UTF-8",
            "properties": {
                "text": { "type": ["string", "null"] },
                "base64": { "type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$" },
            },
            "required": ["text", "base64"],
        })
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Bytes", 2)?;
        fields.serialize_field("text", &std::str::from_utf8(&self.bytes).ok())?;
        fields.serialize_field("base64", &STANDARD.encode(&self.bytes))?;
        fields.end()
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct GetReport {
    pub key: Bytes,
    pub exists: bool,
    pub value: Option<Bytes>,
    pub read_at_index: Decimal,
    pub commit_ts: Option<Decimal>,
    /// The moment that the answer shows.
    pub read_ts: Option<Decimal>,
    /// When the value is over; null when never.
    pub expires: Option<String>,
    /// The answer may be old.
    pub stale: bool,
    #[serde(skip)]
    pub raw: bool,
}

impl Report for GetReport {
    const KIND: &'static str = "KvGet";

    fn table(&self) -> Table {
        let columns = vec![
            Column::left("KEY", Keep::Always),
            Column::left("VALUE", Keep::Always),
            Column::right("INDEX", Keep::Wide),
            Column::right("COMMITTED", Keep::Wide),
            Column::left("EXPIRES", Keep::Wide),
        ];
        let row = vec![
            self.key.shown().into(),
            self.value.as_ref().map_or_else(Cell::none, |value| value.shown().into()),
            self.read_at_index.to_string().into(),
            Cell::maybe(self.commit_ts),
            Cell::maybe(self.expires.as_ref()),
        ];
        Table::new().grid(Grid { columns, rows: vec![row] })
    }

    fn short(&self) -> String {
        self.value.as_ref().map(|value| value.shown() + "\n").unwrap_or_default()
    }

    /// The value itself, but for `-o wide`: a column heading is in nobody's interest here.
    fn verbatim(&self, format: Format) -> Option<Vec<u8>> {
        match &self.value {
            Some(value) if self.raw => Some(value.bytes.clone()),
            _ if format == Format::Wide => None,
            _ => Some(self.short().into_bytes()),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PutReport {
    pub key: Bytes,
    pub value_bytes: Decimal,
    pub commit_index: Decimal,
    pub commit_ts: Option<Decimal>,
    pub ttl_ms: Option<Millis>,
    /// It was done when the operation was sent before, and not now.
    pub already_applied: bool,
}

impl Report for PutReport {
    const KIND: &'static str = "KvPut";

    fn table(&self) -> Table {
        let size = bytes_text(self.value_bytes.0);
        let text = format!("{}: {size} written{}", self.key.shown(), at(self.commit_index, self.commit_ts));
        Table::new().line(text + before(self.already_applied))
    }

    fn short(&self) -> String {
        format!("{}\n", self.commit_index)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DeleteReport {
    pub key: Bytes,
    pub commit_index: Decimal,
    pub commit_ts: Option<Decimal>,
    pub already_applied: bool,
}

impl Report for DeleteReport {
    const KIND: &'static str = "KvDelete";

    fn table(&self) -> Table {
        let text = format!("{}: deleted{}", self.key.shown(), at(self.commit_index, self.commit_ts));
        Table::new().line(text + before(self.already_applied))
    }

    fn short(&self) -> String {
        format!("{}\n", self.commit_index)
    }
}

fn at(index: Decimal, ts: Option<Decimal>) -> String {
    let ts = ts.map(|ts| format!("   timestamp {ts}")).unwrap_or_default();
    format!(" at index {index}{ts}")
}

fn before(already_applied: bool) -> &'static str {
    if already_applied { "   (when it was sent before)" } else { "" }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Pair {
    pub key: Bytes,
    /// Null with `--keys-only`.
    pub value: Option<Bytes>,
}

impl Pair {
    /// Its name as a line of its own.
    pub const KIND: &'static str = "KvPair";
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ScanReport {
    /// Empty when the pairs were written while they arrived (`-o ndjson`).
    pub pairs: Vec<Pair>,
    pub count: Decimal,
    /// The limit ended the scan; there are more pairs.
    pub more: bool,
    /// The moment that all pages show; null when the server did not say.
    pub read_ts: Option<Decimal>,
    pub stale: bool,
    #[serde(skip)]
    pub keys_only: bool,
}

impl Report for ScanReport {
    const KIND: &'static str = "KvScan";

    fn table(&self) -> Table {
        if self.pairs.is_empty() {
            return Table::new().line(Cell::new(Tone::Dim, "no keys"));
        }
        let mut columns = vec![Column::left("KEY", Keep::Always)];
        if !self.keys_only {
            columns.push(Column::left("VALUE", Keep::Always).may_be_cut(24));
        }
        let rows = self.pairs.iter().map(|pair| {
            let value = pair.value.as_ref().map(|value| value.shown().into());
            std::iter::once(pair.key.shown().into()).chain(value).collect()
        });
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }

    /// A tab stands between key and value: shown texts never hold one.
    fn short(&self) -> String {
        let lines = self.pairs.iter().map(|pair| match &pair.value {
            Some(value) => format!("{}\t{}\n", pair.key.shown(), value.shown()),
            None => pair.key.shown() + "\n",
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &[u8], value: &[u8]) -> Pair {
        Pair { key: Bytes::new(key, Notation::Text), value: Some(Bytes::new(value, Notation::Text)) }
    }

    #[test]
    fn neither_key_nor_value_is_seen_in_debug_output() {
        let text = format!("{:?}", pair(b"secret-key", b"secret-value"));
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn bytes_that_are_no_text_have_only_base64() {
        let text = serde_json::to_string(&pair(b"a", &[0xff, 0])).unwrap();
        assert_eq!(text, r#"{"key":{"text":"a","base64":"YQ=="},"value":{"text":null,"base64":"/wA="}}"#);
    }
}
