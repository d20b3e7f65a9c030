//! `cluster log-level`: what each member logs.

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::silence::partial;
use super::{Report, utc};
use crate::error::{Blocker, CliError};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// What a member says of its log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct LogView {
    /// Empty of a build that does not tell.
    pub level: String,
    /// What it was started with.
    pub configured: String,
    /// When it goes back to that by itself.
    pub until: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LogLevelReport {
    pub cluster_name: String,
    pub members: Vec<LogLevelRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct LogLevelRow {
    pub name: String,
    /// Null without an answer.
    pub log: Option<LogView>,
    /// What it was before this command; null when nothing was asked for.
    pub before: Option<String>,
    pub error: Option<String>,
    /// The level is another one, or ends at another time.
    #[serde(skip)]
    pub differs: bool,
}

impl LogLevelRow {
    pub fn changed(name: &str, before: Option<LogView>, now: Option<LogView>) -> Self {
        let differs = before.is_some() && before != now;
        Self {
            name: name.to_owned(),
            log: now,
            before: before.map(|before| before.level),
            error: None,
            differs,
        }
    }
}

impl From<v1::LogLevel> for LogView {
    fn from(told: v1::LogLevel) -> Self {
        let until = Some(told.until_ms).filter(|at| *at > 0).map(utc);
        Self { level: told.level, configured: told.configured, until }
    }
}

impl LogLevelReport {
    pub fn changed(&self) -> bool {
        self.members.iter().any(|row| row.differs)
    }

    /// Some members did not answer.
    pub fn problem(&self) -> Option<CliError> {
        let silent = self
            .members
            .iter()
            .filter_map(|row| Some(Blocker { member: row.name.clone(), reason: row.error.clone()? }));
        partial(self.members.len(), silent)
    }
}

impl Report for LogLevelReport {
    const KIND: &'static str = "ClusterLogLevel";

    fn table(&self) -> Table {
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("LEVEL", Keep::Always),
            Column::left("UNTIL", Keep::Always),
            Column::left("STARTED WITH", Keep::IfRoom(1)),
            Column::left("BEFORE", Keep::IfRoom(2)),
        ];
        Table::new().grid(Grid { columns, rows: self.members.iter().map(row).collect() })
    }
}

fn row(row: &LogLevelRow) -> Vec<Cell> {
    let Some(log) = &row.log else {
        let error = row.error.as_deref().unwrap_or("no answer");
        return vec![
            row.name.as_str().into(),
            Cell::new(Tone::Bad, error),
            Cell::none(),
            Cell::none(),
            Cell::none(),
        ];
    };
    let tone = if log.level == log.configured { Tone::Plain } else { Tone::Warn };
    let until = log.until.as_deref().map(|at| at.get(11..19).unwrap_or(at).to_owned() + "Z");
    let text = |text: &str| if text.is_empty() { Cell::none() } else { text.into() };
    vec![
        row.name.as_str().into(),
        Cell::new(tone, if log.level.is_empty() { "-" } else { &log.level }),
        Cell::maybe(until),
        text(&log.configured),
        Cell::maybe(row.before.as_deref()),
    ]
}
