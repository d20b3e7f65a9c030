//! The table of data keys.

use elastickv_proto::v1;
use elastickv_types::FullNodeId;
use schemars::JsonSchema;
use serde::Serialize;

use super::key_hex;
use super::words::{KekView, purpose_word, state_word};
use crate::model::{Decimal, Report, utc};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KeyView {
    pub key_id: u32,
    pub key_hex: String,
    pub purpose: String,
    pub state: String,
    pub created_at: String,
    pub created_index: Decimal,
    pub closed_index: Option<Decimal>,
    pub retired_index: Option<Decimal>,
    /// Null for a retired key, which has no wrapping any more.
    pub kek: Option<KekView>,
    pub commitment: String,
    pub writers: Vec<WriterView>,
    pub last_sealed: Vec<LastSealedView>,
    /// Groups that take no entry under this key any more.
    pub floors: Vec<Decimal>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WriterView {
    /// Null for a node that is a member no more.
    pub node: Option<String>,
    pub full_id_hex: String,
    pub local_epoch: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LastSealedView {
    pub group_id: Decimal,
    pub index: Decimal,
}

impl From<&v1::EncryptionKey> for KeyView {
    fn from(told: &v1::EncryptionKey) -> Self {
        Self {
            key_id: told.key_id,
            key_hex: key_hex(told.key_id),
            purpose: purpose_word(told.purpose),
            state: state_word(told.state),
            created_at: utc(told.created_ms),
            created_index: Decimal(told.created_index),
            closed_index: told.closed_index.map(Decimal),
            retired_index: told.retired_index.map(Decimal),
            kek: told.kek.as_ref().map(KekView::from),
            commitment: hex::encode(&told.commitment),
            writers: told.writers.iter().map(writer).collect(),
            last_sealed: told.last_sealed.iter().map(last_sealed).collect(),
            floors: told.floors.iter().copied().map(Decimal).collect(),
        }
    }
}

fn writer(told: &v1::Writer) -> WriterView {
    WriterView {
        node: Some(told.node_name.clone()).filter(|name| !name.is_empty()),
        full_id_hex: full_id_text(told.full_node_id),
        local_epoch: told.local_epoch,
    }
}

pub fn full_id_text(raw: u64) -> String {
    FullNodeId::from_u64(raw).map_or_else(|| raw.to_string(), |id| id.to_string())
}

fn last_sealed(told: &v1::LastSealed) -> LastSealedView {
    LastSealedView { group_id: Decimal(told.group_id), index: Decimal(told.index) }
}

impl KeyView {
    pub fn state_cell(&self) -> Cell {
        let tone = match self.state.as_str() {
            "active" => Tone::Good,
            "retired" => Tone::Dim,
            _ => Tone::Plain,
        };
        Cell::new(tone, self.state.as_str())
    }

    /// To the minute; the rest is in the other formats.
    pub fn created_cell(&self) -> Cell {
        self.created_at.get(..16).unwrap_or(&self.created_at).replace('T', " ").into()
    }

    pub fn kek_cell(&self) -> Cell {
        Cell::maybe(self.kek.as_ref())
    }
}

/// `encryption keys list`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KeysReport {
    pub cluster_name: String,
    /// As of this entry of the control group.
    pub applied_index: Decimal,
    pub keys: Vec<KeyView>,
}

impl Report for KeysReport {
    const KIND: &'static str = "EncryptionKeys";

    fn table(&self) -> Table {
        if self.keys.is_empty() {
            return Table::new().line(format!("{} has no data keys", self.cluster_name));
        }
        let columns = vec![
            Column::right("KEY", Keep::Always),
            Column::left("HEX", Keep::IfRoom(3)),
            Column::left("PURPOSE", Keep::Always),
            Column::left("STATE", Keep::Always),
            Column::left("CREATED", Keep::IfRoom(1)),
            Column::right("INDEX", Keep::IfRoom(4)),
            Column::right("WRITERS", Keep::IfRoom(2)),
            Column::left("KEK", Keep::IfRoom(5)),
        ];
        let row = |key: &KeyView| {
            vec![
                key.key_id.to_string().into(),
                key.key_hex.as_str().into(),
                key.purpose.as_str().into(),
                key.state_cell(),
                key.created_cell(),
                key.created_index.to_string().into(),
                key.writers.len().to_string().into(),
                key.kek_cell(),
            ]
        };
        Table::new().grid(Grid { columns, rows: self.keys.iter().map(row).collect() })
    }
}

/// `encryption keys show`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KeyReport {
    pub cluster_name: String,
    pub applied_index: Decimal,
    pub key: KeyView,
}

impl Report for KeyReport {
    const KIND: &'static str = "EncryptionKey";

    fn table(&self) -> Table {
        let key = &self.key;
        let mut table = Table::new().line(Cell::new(
            Tone::Heading,
            format!("key {} ({})   {}   {}", key.key_id, key.key_hex, key.purpose, key.state),
        ));
        let facts = [
            Some(("created", format!("{} at index {}", key.created_at, key.created_index))),
            key.closed_index.map(|index| ("closed", format!("at index {index}"))),
            key.retired_index.map(|index| ("retired", format!("at index {index}"))),
            Some(("wrapped by", key.kek.as_ref().map_or("nobody any more".to_owned(), KekView::to_string))),
            Some(("commitment", key.commitment.clone())),
        ];
        for (title, text) in facts.into_iter().flatten() {
            table = table.line(format!("{title:<12}{text}"));
        }
        for last in &key.last_sealed {
            let Decimal(group) = last.group_id;
            let floor = if key.floors.contains(&last.group_id) { ", none taken any more" } else { "" };
            table = table.line(format!("last entry  group {group} at index {}{floor}", last.index));
        }
        if key.writers.is_empty() { table } else { table.grid(writers_grid(&key.writers)) }
    }

    fn short(&self) -> String {
        format!("{} {} {}\n", self.key.key_id, self.key.purpose, self.key.state)
    }
}

fn writers_grid(writers: &[WriterView]) -> Grid {
    let columns = vec![
        Column::left("WRITER", Keep::Always),
        Column::right("EPOCH", Keep::Always),
        Column::left("FULL ID", Keep::IfRoom(1)),
    ];
    let row = |writer: &WriterView| {
        vec![
            Cell::maybe(writer.node.as_deref()),
            writer.local_epoch.to_string().into(),
            writer.full_id_hex.as_str().into(),
        ]
    };
    Grid { columns, rows: writers.iter().map(row).collect() }
}
