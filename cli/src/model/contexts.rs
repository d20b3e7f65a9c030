//! `context …`: what the file says, what counts, and what was changed.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::contexts::{ContextName, Entry, Setting, Settings};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextsReport {
    pub file: String,
    pub contexts: Vec<ContextRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextRow {
    pub name: String,
    /// It counts where none is named.
    pub current: bool,
    pub endpoints: Vec<String>,
    pub cluster_id: Option<String>,
    pub encrypted: bool,
    pub protected: bool,
}

impl ContextRow {
    pub fn of(name: &ContextName, entry: &Entry, current: bool) -> Self {
        Self {
            name: name.to_string(),
            current,
            endpoints: entry.endpoints.iter().map(ToString::to_string).collect(),
            cluster_id: entry.cluster_id.map(|id| id.to_string()),
            encrypted: entry.tls_ca.is_some(),
            protected: entry.protected,
        }
    }
}

impl Report for ContextsReport {
    const KIND: &'static str = "Contexts";

    fn table(&self) -> Table {
        if self.contexts.is_empty() {
            return Table::new().line(format!("There are no contexts in {}", self.file));
        }
        let columns = vec![
            Column::left("NAME", Keep::Always),
            Column::left("ENDPOINTS", Keep::IfRoom(1)),
            Column::left("TLS", Keep::IfRoom(3)),
            Column::left("PROTECTED", Keep::IfRoom(2)),
            Column::left("CLUSTER ID", Keep::IfRoom(4)),
        ];
        Table::new().grid(Grid { columns, rows: self.contexts.iter().map(cells).collect() })
    }

    fn short(&self) -> String {
        self.contexts.iter().map(|row| format!("{}\n", row.name)).collect()
    }
}

fn cells(row: &ContextRow) -> Vec<Cell> {
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let mark = if row.current { "*" } else { "" };
    vec![
        format!("{}{mark}", row.name).into(),
        row.endpoints.join(",").into(),
        yes(row.encrypted).into(),
        yes(row.protected).into(),
        row.cluster_id.as_deref().unwrap_or("-").into(),
    ]
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextReport {
    /// Null where no context counts.
    pub name: Option<String>,
    pub file: Option<String>,
    pub resolved: bool,
    pub settings: Vec<SettingView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SettingView {
    pub name: &'static str,
    pub value: Option<String>,
    /// Of the command line, the environment, the context, or a default.
    pub source: String,
}

impl SettingView {
    pub fn all(settings: &Settings) -> Vec<Self> {
        let all = &settings.endpoints.value;
        let endpoints: Vec<String> = all.iter().map(ToString::to_string).collect();
        let path = |setting: &Setting<Option<std::path::PathBuf>>| {
            setting.value.as_ref().map(|path| path.display().to_string())
        };
        let row =
            |name, value, source: &crate::contexts::Source| Self { name, value, source: source.to_string() };
        let text = |value: &Option<String>| value.clone();
        let protected = settings.protected.value.to_string();
        let rate = settings.rewrite_rate.value.map(|rate| rate.to_string());
        vec![
            row(
                "context",
                settings.context.value.as_ref().map(ToString::to_string),
                &settings.context.source,
            ),
            row("endpoints", Some(endpoints.join(",")), &settings.endpoints.source),
            row("tls-ca", path(&settings.tls_ca), &settings.tls_ca.source),
            row("tls-cert", path(&settings.tls_cert), &settings.tls_cert.source),
            row("tls-key", path(&settings.tls_key), &settings.tls_key.source),
            row("tls-server-name", text(&settings.tls_server_name.value), &settings.tls_server_name.source),
            row("token-file", path(&settings.token_file), &settings.token_file.source),
            row(
                "cluster-id",
                settings.cluster_id.value.map(|id| id.to_string()),
                &settings.cluster_id.source,
            ),
            row("protected", Some(protected), &settings.protected.source),
            row("rewrite-rate", rate, &settings.rewrite_rate.source),
        ]
    }
}

impl Report for ContextReport {
    const KIND: &'static str = "Context";

    fn table(&self) -> Table {
        let mut columns = vec![Column::left("SETTING", Keep::Always), Column::left("VALUE", Keep::Always)];
        if self.resolved {
            columns.push(Column::left("FROM", Keep::Always));
        }
        let row = |view: &SettingView| {
            let value = view.value.as_deref().map_or(Cell::new(Tone::Dim, "-"), Cell::from);
            let mut cells: Vec<Cell> = vec![view.name.into(), value];
            if self.resolved {
                cells.push(view.source.as_str().into());
            }
            cells
        };
        Table::new().grid(Grid { columns, rows: self.settings.iter().map(row).collect() })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContextStep {
    Added,
    Replaced,
    Chosen,
    Removed,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextChangeReport {
    pub step: ContextStep,
    pub name: String,
    pub file: String,
    /// Of a context that was written down: the id that is pinned.
    pub cluster_id: Option<String>,
}

impl ContextChangeReport {
    pub fn of(step: ContextStep, name: &ContextName, file: &Path) -> Self {
        Self { step, name: name.to_string(), file: file.display().to_string(), cluster_id: None }
    }
}

impl Report for ContextChangeReport {
    const KIND: &'static str = "ContextChange";

    fn table(&self) -> Table {
        let name = &self.name;
        let pinned =
            self.cluster_id.as_ref().map(|id| format!(", and pinned to cluster {id}")).unwrap_or_default();
        let text = match self.step {
            ContextStep::Added => format!("context {name} was added{pinned}"),
            ContextStep::Replaced => format!("context {name} was written over{pinned}"),
            ContextStep::Chosen => format!("context {name} counts from now on, where none is named"),
            ContextStep::Removed => format!("context {name} was removed"),
        };
        Table::new().line(text)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextTestReport {
    pub context: Option<String>,
    pub cluster_name: String,
    pub cluster_id: String,
    /// The id is the one that the context pins; false where it pins none.
    pub pinned: bool,
    pub encrypted: bool,
    pub leader: Option<String>,
    pub answering: usize,
    pub members: usize,
}

impl Report for ContextTestReport {
    const KIND: &'static str = "ContextTest";

    fn table(&self) -> Table {
        let pinned = if self.pinned { "as it is pinned" } else { "which is not pinned" };
        let leader = self.leader.as_deref().unwrap_or("nobody");
        let encrypted = if self.encrypted { "encrypted" } else { "in clear" };
        Table::new()
            .line(format!("cluster   {} ({}), {pinned}", self.cluster_name, self.cluster_id))
            .line(format!("members   {} of {} answer, {leader} leads", self.answering, self.members))
            .line(format!("spoken    {encrypted}"))
    }
}
