//! What commands did that go over many keys.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Bytes, Decimal, Report};
use crate::args::Format;
use crate::output::Table;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ExportReport {
    /// Null for standard output.
    pub file: Option<String>,
    /// The moment that all pairs are of.
    pub read_ts: Decimal,
    /// In the whole file.
    pub pairs: Decimal,
    /// Pairs that were in the file before.
    pub resumed_behind: Decimal,
}

impl Report for ExportReport {
    const KIND: &'static str = "KvExport";

    fn table(&self) -> Table {
        let file = self.file.as_deref().unwrap_or("standard output");
        let before = resumed(self.resumed_behind);
        let text = format!("{} pairs in {file}{before}   timestamp {}", self.pairs, self.read_ts);
        Table::new().line(text)
    }

    fn short(&self) -> String {
        format!("{}\n", self.pairs)
    }

    /// What went to standard output stands there alone.
    fn verbatim(&self, _format: Format) -> Option<Vec<u8>> {
        self.file.is_none().then(Vec::new)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ImportReport {
    /// Null for standard input.
    pub file: Option<String>,
    /// All pairs of the file up to where it was read.
    pub pairs: Decimal,
    /// Of those, left out because their time was over.
    pub over: Decimal,
    /// Pairs that an earlier import of the file had written.
    pub resumed_behind: Decimal,
    /// Null when nothing was written.
    pub last_commit_ts: Option<Decimal>,
}

impl Report for ImportReport {
    const KIND: &'static str = "KvImport";

    fn table(&self) -> Table {
        let file = self.file.as_deref().unwrap_or("standard input");
        let over = match self.over.0 {
            0 => String::new(),
            over => format!("   {over} left out, their time is over"),
        };
        Table::new().line(format!("{} pairs of {file}{}{over}", self.pairs, resumed(self.resumed_behind)))
    }

    fn short(&self) -> String {
        format!("{}\n", self.pairs)
    }
}

fn resumed(behind: Decimal) -> String {
    if behind.0 == 0 { String::new() } else { format!("   {behind} of them before") }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DeleteRangeReport {
    pub start: Bytes,
    /// Exclusive; empty means no end.
    pub end: Bytes,
    pub deleted: Decimal,
    /// Some pages were deleted without an answer, and how many keys they had is not known.
    pub at_least: bool,
    /// Of the last deletion; null when there was none.
    pub commit_ts: Option<Decimal>,
}

impl Report for DeleteRangeReport {
    const KIND: &'static str = "KvDeleteRange";

    fn table(&self) -> Table {
        let ts = self.commit_ts.map(|ts| format!("   timestamp {ts}")).unwrap_or_default();
        let least = if self.at_least { "at least " } else { "" };
        Table::new().line(format!("{least}{} keys deleted{ts}", self.deleted))
    }

    fn short(&self) -> String {
        format!("{}\n", self.deleted)
    }
}
