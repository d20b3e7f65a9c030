//! What became of a node's sidecar.

use std::path::Path;

use elastickv_keyring::{Resynced, SidecarKey};
use elastickv_offline::Source;
use elastickv_types::KeyId;
use schemars::JsonSchema;
use serde::Serialize;

use super::key_hex;
use crate::model::{Decimal, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ResyncReport {
    pub directory: String,
    pub node: String,
    /// Nothing was wrong, and nothing was written.
    pub in_order: bool,
    /// "store", "snapshot" or "leader": where the keys were learnt.
    pub source: &'static str,
    /// The leader told which epochs it has registered.
    pub leader_asked: bool,
    /// The last entry of the control group that is in the sidecar.
    pub control_index: Decimal,
    /// Where the file is that was there before; null when there was none or it was left alone.
    pub kept_aside: Option<String>,
    /// What was wrong with it; null when it could be read or was not there.
    pub damage: Option<String>,
    pub keys: Vec<ResyncKey>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ResyncKey {
    pub key_id: u32,
    pub key_hex: String,
    pub purpose: &'static str,
    pub state: &'static str,
    /// The next start goes on behind it.
    pub local_epoch: u32,
}

impl ResyncReport {
    pub fn of(dir: &Path, done: &Resynced, source: Source, leader_asked: bool) -> Self {
        let sidecar = done.sidecar.sidecar();
        Self {
            directory: dir.display().to_string(),
            node: sidecar.node.to_string(),
            in_order: done.in_order,
            source: match source {
                Source::Store => "store",
                Source::Snapshot => "snapshot",
                Source::Leader => "leader",
            },
            leader_asked,
            control_index: Decimal(sidecar.applied.get()),
            kept_aside: done.aside.as_ref().map(|path| path.display().to_string()),
            damage: done.damage.as_ref().map(ToString::to_string),
            keys: sidecar.keys.iter().map(ResyncKey::of).collect(),
        }
    }
}

impl ResyncKey {
    fn of((&id, key): (&KeyId, &SidecarKey)) -> Self {
        Self {
            key_id: id.get(),
            key_hex: key_hex(id.get()),
            purpose: key.purpose.as_str(),
            state: key.state.as_str(),
            local_epoch: u32::from(key.epoch.get()),
        }
    }
}

impl Report for ResyncReport {
    const KIND: &'static str = "SidecarResync";

    fn table(&self) -> Table {
        let Self { node, source, control_index, .. } = self;
        let head = match self.in_order {
            true => format!("{node}: the sidecar is in order and was left alone"),
            false => format!("{node}: a new sidecar, from the {source}, as of entry {control_index}"),
        };
        let table = Table::new().line(Cell::new(Tone::Good, head));
        let table = match &self.kept_aside {
            Some(path) => table.line(format!("the file that was there is kept: {path}")),
            None => table,
        };
        table.grid(grid(&self.keys))
    }
}

fn grid(keys: &[ResyncKey]) -> Grid {
    let columns = vec![
        Column::left("KEY", Keep::Always),
        Column::left("PURPOSE", Keep::Always),
        Column::left("STATE", Keep::IfRoom(1)),
        Column::right("EPOCH", Keep::Always),
    ];
    let rows = keys.iter().map(|key| {
        vec![
            key.key_hex.as_str().into(),
            key.purpose.into(),
            key.state.into(),
            key.local_epoch.to_string().into(),
        ]
    });
    Grid { columns, rows: rows.collect() }
}
