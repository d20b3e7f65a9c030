//! `cluster wait`: what was waited for, and how it stands.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Millis, Report};
use crate::output::Table;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WaitReport {
    pub conditions: Vec<String>,
    pub waited_ms: Millis,
    pub met: bool,
    /// What is still missing, in words; empty when all is met.
    pub missing: Vec<String>,
}

impl Report for WaitReport {
    const KIND: &'static str = "ClusterWait";

    fn table(&self) -> Table {
        let conditions = self.conditions.join(", ");
        if self.met {
            return Table::new().line(format!("{conditions}: holds after {}", self.waited_ms));
        }
        let heading = format!("{conditions}: not after {}", self.waited_ms);
        self.missing
            .iter()
            .fold(Table::new().line(heading), |table, missing| table.line(format!("  {missing}")))
    }

    fn short(&self) -> String {
        format!("{}\n", if self.met { "met" } else { "not met" })
    }
}
