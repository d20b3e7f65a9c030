//! What an export holds: a JSON object a line.
//!
//! ```text
//! first  {"schema":"elastickv.export/v1","kind":"begin","cluster_id":…,"read_ts":"…","start":KEY,"end":KEY}
//! then   {"key":KEY,"value":VALUE}            and "expire_at":"…" where the value is over some day
//! last   {"kind":"end","pairs":"…"}
//! ```
//!
//! Keys and values are strings where they are UTF-8, else {"base64":"…"}. Keys come in order, each once. A file
//! without its last line was cut short; it can be gone on with, since the first line says what was exported.

mod output;
mod progress;
mod source;
mod text;

use serde::{Deserialize, Serialize};

pub use output::{Output, Partial, there_already};
pub use progress::{Progress, Sent};
pub use source::{Batch, Ending, Source};
pub use text::{Number, Text};

use crate::error::{CliError, Code};

pub const SCHEMA: &str = "elastickv.export/v1";

/// What was exported.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    pub schema: String,
    pub kind: BeginKind,
    pub cluster_id: String,
    pub read_ts: Number,
    pub start: Text,
    pub end: Text,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BeginKind {
    #[serde(rename = "begin")]
    Begin,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub key: Text,
    pub value: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_at: Option<Number>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub kind: EndKind,
    pub pairs: Number,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndKind {
    #[serde(rename = "end")]
    End,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Pair(Pair),
    Begin(Begin),
    End(End),
}

impl Line {
    /// None where it is no line of an export.
    pub fn read(bytes: &[u8]) -> Option<Line> {
        let line = serde_json::from_slice(bytes).ok()?;
        match &line {
            Line::Begin(begin) if begin.schema != SCHEMA => None,
            Line::Pair(pair) if pair.key.0.is_empty() => None,
            _ => Some(line),
        }
    }

    /// With its newline.
    pub fn write(&self) -> Result<Vec<u8>, CliError> {
        let mut bytes = serde_json::to_vec(self).map_err(|error| {
            CliError::new(Code::Unexpected, format!("a line can not be written: {error}"))
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

pub fn bad(line: u64, why: &str) -> CliError {
    CliError::new(Code::BadExport, format!("line {line}: {why}"))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the page of the format is read from the source tree")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines that the page of the format shows.
    fn golden() -> Vec<String> {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/formats/export.md");
        let text = std::fs::read_to_string(page).unwrap();
        let shown = text.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        shown.lines().map(|line| line.to_owned() + "\n").collect()
    }

    #[test]
    fn the_lines_of_the_page_are_read_and_written_as_they_stand_there() {
        let lines = golden();
        assert_eq!(lines.len(), 5);
        for line in &lines {
            let read = Line::read(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(String::from_utf8(read.write().unwrap()).unwrap(), *line);
        }
        let Some(Line::Pair(pair)) = Line::read(lines[1].as_bytes()) else { panic!("{}", lines[1]) };
        assert_eq!((pair.key.0, pair.value.0), (vec![0, 0xff], vec![0xde, 0xff]));
    }

    #[test]
    fn what_is_not_a_line_is_refused() {
        for bad in [
            "",
            "{}",
            r#"{"key":"a"}"#,
            r#"{"key":"","value":""}"#,
            r#"{"key":"a","value":"b","more":1}"#,
            r#"{"key":{"base64":"%"},"value":"b"}"#,
            r#"{"key":{"base64":"YQ==","x":1},"value":"b"}"#,
            r#"{"key":"a","value":"b","expire_at":"soon"}"#,
            r#"{"kind":"end","pairs":"-1"}"#,
            r#"{"kind":"begin","pairs":"1"}"#,
            r#"{"schema":"elastickv.export/v2","kind":"begin","cluster_id":"c","read_ts":"1","start":"","end":""}"#,
        ] {
            assert!(Line::read(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_pair_comes_back(key in prop::collection::vec(any::<u8>(), 1..20), value: Vec<u8>, expiry: Option<u64>) {
            let pair = Pair { key: Text(key), value: Text(value), expire_at: expiry.map(Number) };
            let written = Line::Pair(pair.clone()).write().unwrap();
            prop_assert!(written.iter().filter(|byte| **byte == b'\n').count() == 1);
            prop_assert!(Line::read(&written) == Some(Line::Pair(pair)));
        }
    }
}
