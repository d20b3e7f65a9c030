//! `encryption retire-dek --simulate`: what stands in the way of a key that is to go, and what nobody could read without
//! it.
//!
//! What the members hold they say themselves, and the gate keeps the key for it. Of backups nobody but the operator
//! knows: those that are named are looked into, by their manifests. A backup brings the keys that it needs in their
//! wrappings, so it outlives the key as long as whoever wrapped it there can unwrap it.

use std::path::Path;

use elastickv_offline::backup::Backup;
use elastickv_types::{KekLabel, KeyId};
use schemars::JsonSchema;
use serde::Serialize;

use super::{FindingView, JudgementView, key_hex};
use crate::error::{Code, Warning};
use crate::model::{Decimal, Report, perhaps_kek_label};
use crate::output::{Cell, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SimulationReport {
    pub cluster_name: String,
    pub key_id: u32,
    pub key_hex: String,
    /// What the gate keeps the key for.
    pub unreadable: Vec<Unreadable>,
    /// The backups that were named.
    pub backups: Vec<BackupNeed>,
    #[serde(flatten)]
    pub judgement: JudgementView,
}

/// Something that is sealed under the key, or may be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Unreadable {
    pub member: String,
    /// "values", "reads", "snapshot", "log", "set-aside", or "unknown" for all that the member holds.
    pub what: &'static str,
    pub because: String,
}

/// What a backup needs of the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BackupNeed {
    pub directory: String,
    pub taken_at: String,
    /// Values that are sealed under the key.
    pub rows: Decimal,
    /// Who wrapped the key as it lies in the backup; null where it does not.
    #[schemars(schema_with = "perhaps_kek_label")]
    pub wrapped_by: Option<KekLabel>,
}

impl BackupNeed {
    pub fn of(dir: &Path, backup: &Backup, key: KeyId) -> Self {
        let count = backup.manifest.keys.iter().find(|count| count.key_id == key.get());
        let held = backup.keys.as_ref().and_then(|keys| keys.keys.get(&key));
        Self {
            directory: dir.display().to_string(),
            taken_at: backup.manifest.taken_at.clone(),
            rows: Decimal(count.map_or(0, |count| count.rows)),
            wrapped_by: held.map(|held| held.kek.clone()),
        }
    }

    fn told(&self) -> (Tone, String) {
        let Self { directory, rows, .. } = self;
        match (rows.0, &self.wrapped_by) {
            (0, _) => (Tone::Plain, format!("backup {directory}: nothing in it is under the key")),
            (_, None) => (
                Tone::Bad,
                format!("backup {directory}: {rows} values are under the key, and it did not come along"),
            ),
            (_, Some(KekLabel { provider, key, version })) => (
                Tone::Warn,
                format!(
                    "backup {directory}: {rows} values are under the key, which lies there as {provider} {key} version {version} wrapped it: keep that KEK"
                ),
            ),
        }
    }

    /// It needs the key, and from then on has it from itself alone.
    fn warning(&self) -> Option<Warning> {
        (self.rows.0 > 0).then(|| Warning::new(Code::BackupNeedsKey, self.told().1))
    }
}

impl SimulationReport {
    pub fn new(
        cluster_name: String,
        key_id: u32,
        judgement: JudgementView,
        backups: Vec<BackupNeed>,
    ) -> Self {
        let unreadable = judgement.findings.iter().filter_map(Unreadable::of).collect();
        Self { cluster_name, key_id, key_hex: key_hex(key_id), unreadable, backups, judgement }
    }

    pub fn warnings(&self) -> Vec<Warning> {
        self.backups.iter().filter_map(BackupNeed::warning).collect()
    }
}

impl Unreadable {
    fn of(finding: &FindingView) -> Option<Self> {
        let what = match finding.reason.as_deref().filter(|_| finding.verdict == "blocks")? {
            "RowsLeft" | "NotCounted" | "CountedBefore" | "RewriteAtWork" => "values",
            "OlderReads" => "reads",
            "SnapshotFromBefore" | "SnapshotUnderWay" => "snapshot",
            "LogFromBefore" | "BeforeKeyFloor" => "log",
            "Leftovers" => "set-aside",
            "Unreachable" | "WrongNode" | "ForeignCluster" => "unknown",
            _ => return None,
        };
        let because = finding.message.clone().unwrap_or_default();
        Some(Self { member: finding.member.clone()?, what, because })
    }
}

impl Report for SimulationReport {
    const KIND: &'static str = "RetireSimulation";

    fn table(&self) -> Table {
        let table = self.judgement.shown(Table::new());
        let table = self.unreadable.iter().fold(table, |table, one| {
            let text = format!(
                "unreadable without key {}: {} of {}: {}",
                self.key_id, one.what, one.member, one.because
            );
            table.line(Cell::new(Tone::Bad, text))
        });
        let table = self.backups.iter().fold(table, |table, backup| {
            let (tone, text) = backup.told();
            table.line(Cell::new(tone, text))
        });
        match self.backups.is_empty() {
            true => table.line("Backups are not known to the cluster: name them with --backup DIR."),
            false => table,
        }
    }

    fn short(&self) -> String {
        let unreadable =
            self.unreadable.iter().map(|one| format!("unreadable {} {}\n", one.member, one.what));
        let backups = self.backups.iter().map(|one| format!("backup {} {}\n", one.directory, one.rows));
        unreadable.chain(backups).chain([self.judgement.short()]).collect()
    }
}
