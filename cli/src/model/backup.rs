//! What became of backups.

use std::path::Path;

use elastickv_offline::backup::{BackupKey, Manifest, Proof, Restored, Verified};
use elastickv_types::{KekLabel, KeyId};
use schemars::JsonSchema;
use serde::Serialize;

use super::encryption::key_hex;
use super::{Decimal, Report, bytes_text, kek_label};
use crate::args::backup::RestoreArgs;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// A backup that is whole: it was just made, or looked through.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BackupReport {
    pub directory: String,
    pub cluster_id: String,
    pub cluster_name: String,
    pub node: String,
    pub taken_at: String,
    /// The last write that is in it.
    pub read_ts: String,
    pub applied_index: Decimal,
    pub bytes: Decimal,
    pub rows: Decimal,
    pub clear_rows: Decimal,
    pub sealed_rows: Decimal,
    /// What the wrapping key opened; null when none was named.
    pub proof: Option<BackupProof>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BackupProof {
    pub keys_unwrapped: u64,
    pub values_opened: u64,
}

impl BackupReport {
    pub fn of(dir: &Path, manifest: &Manifest, proof: Option<Proof>) -> Self {
        let group = manifest.groups.first();
        let number = |number: Option<u64>| Decimal(number.unwrap_or_default());
        Self {
            directory: dir.display().to_string(),
            cluster_id: manifest.cluster_id.to_string(),
            cluster_name: manifest.cluster_name.to_string(),
            node: manifest.node_name.to_string(),
            taken_at: manifest.taken_at.clone(),
            read_ts: manifest.read_ts.clone(),
            applied_index: number(group.map(|group| group.applied_index)),
            bytes: Decimal(manifest.files.values().map(|file| file.bytes).sum()),
            rows: number(group.map(|group| group.rows)),
            clear_rows: Decimal(manifest.clear_rows),
            sealed_rows: Decimal(manifest.keys.iter().map(|key| key.rows).sum()),
            proof: proof
                .map(|Proof { keys, values }| BackupProof { keys_unwrapped: keys, values_opened: values }),
        }
    }
}

impl Report for BackupReport {
    const KIND: &'static str = "Backup";

    fn table(&self) -> Table {
        let Self { directory, cluster_name, node, taken_at, rows, clear_rows, sealed_rows, .. } = self;
        let size = bytes_text(self.bytes.0);
        let clear = if clear_rows.0 > 0 { Tone::Warn } else { Tone::Plain };
        let table = Table::new()
            .line(Cell::new(Tone::Good, format!("{directory}: {size}, whole")))
            .line(format!("cluster {cluster_name}, taken from {node} at {taken_at}"))
            .line(format!("{rows} versions as of entry {}, timestamp {}", self.applied_index, self.read_ts))
            .line(Cell::new(clear, format!("{sealed_rows} sealed, {clear_rows} clear")));
        match &self.proof {
            Some(BackupProof { keys_unwrapped, values_opened }) => table.line(Cell::new(
                Tone::Good,
                format!("the KEK unwraps all {keys_unwrapped} keys; {values_opened} values opened"),
            )),
            None => table,
        }
    }

    fn short(&self) -> String {
        format!("{} {} {} {}\n", self.directory, self.applied_index, self.rows, self.bytes)
    }
}

/// Which keys a backup needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BackupKeysReport {
    pub directory: String,
    pub cluster_name: String,
    pub keys: Vec<NeededKey>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NeededKey {
    pub key_id: u32,
    pub key_hex: String,
    pub purpose: &'static str,
    /// Values that are sealed under it.
    pub rows: Decimal,
    /// Who wrapped it.
    #[schemars(schema_with = "kek_label")]
    pub kek: KekLabel,
}

impl BackupKeysReport {
    pub fn of(dir: &Path, verified: &Verified) -> Self {
        Self {
            directory: dir.display().to_string(),
            cluster_name: verified.backup.manifest.cluster_name.to_string(),
            keys: verified.keys().map(NeededKey::of).collect(),
        }
    }
}

impl NeededKey {
    fn of((id, key, rows): (KeyId, &BackupKey, u64)) -> Self {
        Self {
            key_id: id.get(),
            key_hex: key_hex(id.get()),
            purpose: key.purpose.as_str(),
            rows: Decimal(rows),
            kek: key.kek.clone(),
        }
    }
}

impl Report for BackupKeysReport {
    const KIND: &'static str = "BackupKeys";

    fn table(&self) -> Table {
        if self.keys.is_empty() {
            return Table::new().line("nothing in it is sealed: it needs no key");
        }
        let columns = vec![
            Column::left("KEY", Keep::Always),
            Column::left("PURPOSE", Keep::IfRoom(1)),
            Column::right("VALUES", Keep::Always),
            Column::left("KEK", Keep::Always),
        ];
        let rows = self.keys.iter().map(|key| {
            let KekLabel { provider, key: name, version } = &key.kek;
            vec![
                key.key_hex.as_str().into(),
                key.purpose.into(),
                key.rows.to_string().into(),
                format!("{provider} {name} version {version}").into(),
            ]
        });
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }
}

/// A data directory that was made of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RestoreReport {
    pub directory: String,
    pub node: String,
    pub address: String,
    /// Of the new cluster.
    pub cluster_id: String,
    pub cluster_name: String,
    pub store_id: String,
    pub source_cluster_id: String,
    pub rows: Decimal,
    pub bytes: Decimal,
    /// The last entry of the source; the new cluster goes on behind it.
    pub applied_index: Decimal,
    /// The new cluster has data keys, and its nodes need the KEK.
    pub sealed: bool,
}

impl RestoreReport {
    pub fn of(args: &RestoreArgs, manifest: &Manifest, restored: &Restored, sealed: bool) -> Self {
        Self {
            directory: args.data_dir.display().to_string(),
            node: args.node_name.to_string(),
            address: args.address.to_string(),
            cluster_id: restored.cluster.to_string(),
            cluster_name: args.cluster_name.to_string(),
            store_id: restored.store.to_string(),
            source_cluster_id: manifest.cluster_id.to_string(),
            rows: Decimal(restored.rows),
            bytes: Decimal(restored.bytes),
            applied_index: Decimal(restored.last.index.get()),
            sealed,
        }
    }
}

impl Report for RestoreReport {
    const KIND: &'static str = "Restore";

    fn table(&self) -> Table {
        let Self { directory, node, address, cluster_id, cluster_name, rows, .. } = self;
        let keys = if self.sealed { " --encryption-enabled --kek URI" } else { "" };
        Table::new()
            .line(Cell::new(Tone::Good, format!("{directory}: {rows} versions, {}", bytes_text(self.bytes.0))))
            .line(format!("cluster {cluster_name} ({cluster_id}), its only node is {node}"))
            .line(format!(
                "Next: elastickv --node-name {node} --data-dir {directory} --listen {address} --cluster-name {cluster_name}{keys}"
            ))
    }
}
