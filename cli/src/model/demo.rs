//! What a demonstration went through.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Millis, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DemoReport {
    pub stages: Vec<StageView>,
    pub writes: WritesView,
    pub took_ms: Millis,
    /// Where the nodes are kept; null when nothing is left of them.
    pub directory: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct StageView {
    pub stage: &'static str,
    pub ok: bool,
    pub took_ms: Millis,
    /// What came of it, as the nodes and their files show it.
    pub evidence: String,
}

/// What the writer did meanwhile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WritesView {
    pub acknowledged: Decimal,
    /// Read again just after, as they were written.
    pub read: Decimal,
    pub refused: Decimal,
    /// Sent, and no answer: they may be there or not.
    pub unknown: Decimal,
    /// Between two acknowledged writes.
    pub longest_gap_ms: Millis,
}

impl Report for DemoReport {
    const KIND: &'static str = "Demo";

    fn table(&self) -> Table {
        let WritesView { acknowledged, longest_gap_ms, .. } = &self.writes;
        let writes = format!("{acknowledged} writes acknowledged");
        let gap = format!("longest wait between two {longest_gap_ms}");
        let table = Table::new().grid(self.grid()).line(format!(
            "{writes}   {gap}   {} stages in {}",
            self.stages.len(),
            self.took_ms
        ));
        match &self.directory {
            Some(directory) => table.line(format!("kept: {directory}")),
            None => table,
        }
    }

    fn short(&self) -> String {
        let word = |stage: &StageView| if stage.ok { "ok" } else { "FAIL" };
        self.stages.iter().map(|stage| format!("{} {}\n", word(stage), stage.stage)).collect()
    }
}

impl DemoReport {
    fn grid(&self) -> Grid {
        let columns = vec![
            Column::left("STAGE", Keep::Always),
            Column::right("TOOK", Keep::IfRoom(1)),
            Column::left("WHAT CAME OF IT", Keep::Always).may_be_cut(40),
        ];
        let rows = self.stages.iter().map(|stage| {
            let tone = if stage.ok { Tone::Good } else { Tone::Bad };
            vec![
                Cell::new(tone, stage.stage),
                stage.took_ms.to_string().into(),
                stage.evidence.as_str().into(),
            ]
        });
        Grid { columns, rows: rows.collect() }
    }
}
