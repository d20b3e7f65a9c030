//! The report as Markdown.

use std::fmt::Write;

use super::evidence::{Attestation, EvidenceReport, LeakEvidence};
use super::{KeyView, OperationView, stage_text};

/// What would end a cell, or the line.
fn cell(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if plain.is_empty() { "-".to_owned() } else { plain.replace('|', "\\|") }
}

fn maybe(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| cell(&text.to_string()))
}

fn table(out: &mut String, titles: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    out.push_str(&line(&titles));
    out.push_str(&format!("|{}\n", "---|".repeat(titles.len())));
    rows.for_each(|row| out.push_str(&line(&row)));
}

impl EvidenceReport {
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        self.write_head(&mut out);
        self.write_members(&mut out);
        self.write_keys(&mut out);
        self.write_operations(&mut out);
        self.write_leak_scans(&mut out);
        out
    }

    fn write_head(&self, out: &mut String) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "# Encryption of {}\n", cell(&self.cluster_name));
        let stage = self.stage.as_deref().map_or("unknown", stage_text);
        let facts = [
            ("cluster", cell(&self.cluster_id)),
            ("taken", cell(&self.taken_at)),
            ("by", cell(&self.made_by)),
            ("word of", maybe(self.told_by.as_deref())),
            ("stage", cell(stage)),
            ("keys made at index", maybe(self.bootstrap_index)),
            ("values sealed from index", maybe(self.storage_index)),
            ("log sealed from index", maybe(self.raft_index)),
        ];
        table(out, &["fact", "value"], facts.into_iter().map(|(fact, value)| vec![fact.to_owned(), value]));
    }

    fn write_members(&self, out: &mut String) {
        let attested = self.members.iter().filter(|member| member.attested).count();
        let _ =
            writeln!(out, "\n## Members\n\n{attested} of {} told of themselves. {}\n", self.members.len(), {
                match self.members_agree {
                    true => "Those of one index have one state.",
                    false => "**Two of one index have different states.**",
                }
            });
        let titles = [
            "node",
            "role",
            "attested",
            "stage",
            "seals under",
            "sidecar",
            "index",
            "fingerprint",
            "KEK",
            "build",
            "store",
        ];
        table(out, &titles, self.members.iter().map(member));
    }

    fn write_keys(&self, out: &mut String) {
        out.push_str("\n## Data keys\n\n");
        if self.keys.is_empty() {
            out.push_str("There are none.\n");
            return;
        }
        let titles = [
            "key",
            "hex",
            "purpose",
            "state",
            "since",
            "index",
            "closed",
            "retired",
            "wrapped by",
            "writers",
            "commitment",
        ];
        table(out, &titles, self.keys.iter().map(key));
    }

    fn write_operations(&self, out: &mut String) {
        out.push_str("\n## What was done\n\n");
        if self.operations.is_empty() {
            out.push_str("Nothing yet.\n");
            return;
        }
        if self.operations_cut {
            out.push_str("Older operations are not listed.\n\n");
        }
        let titles = ["ended", "operation", "result", "by", "reason", "index", "id"];
        table(out, &titles, self.operations.iter().map(operation));
    }

    fn write_leak_scans(&self, out: &mut String) {
        out.push_str("\n## Searches for planted bytes\n\n");
        if self.leak_scans.is_empty() {
            out.push_str("None were handed in.\n");
            return;
        }
        let titles = ["directory", "files", "bytes", "canaries", "found", "document"];
        table(out, &titles, self.leak_scans.iter().map(leak_scan));
    }
}

fn member(member: &Attestation) -> Vec<String> {
    let attested = match (member.attested, &member.error) {
        (true, _) => "yes".to_owned(),
        (false, Some(error)) => format!("**no**: {}", cell(error)),
        (false, None) => "**no**".to_owned(),
    };
    let seals: Vec<String> = member.seals_under.iter().map(u32::to_string).collect();
    vec![
        cell(&member.name),
        cell(member.role),
        attested,
        maybe(member.stage.as_deref()),
        cell(&seals.join(", ")),
        maybe(member.sidecar),
        maybe(member.control_index),
        maybe(member.fingerprint.as_deref()),
        maybe(member.kek.as_deref()),
        maybe(member.build.as_deref()),
        cell(&member.store_id),
    ]
}

fn key(key: &KeyView) -> Vec<String> {
    let writers: Vec<&str> =
        key.writers.iter().map(|writer| writer.node.as_deref().unwrap_or("gone")).collect();
    vec![
        key.key_id.to_string(),
        cell(&key.key_hex),
        cell(&key.purpose),
        cell(&key.state),
        cell(&key.created_at),
        key.created_index.to_string(),
        maybe(key.closed_index),
        maybe(key.retired_index),
        maybe(key.kek.as_ref()),
        cell(&writers.join(", ")),
        cell(&key.commitment),
    ]
}

fn operation(operation: &OperationView) -> Vec<String> {
    let result = match (operation.state, &operation.refusal, operation.key_id) {
        ("refused", Some(refusal), _) => format!("refused: {}", refusal.message),
        ("done", _, _) if operation.changed == Some(false) => "done before".to_owned(),
        ("done", _, Some(key)) => format!("done, key {key}"),
        (state, _, _) => state.to_owned(),
    };
    vec![
        maybe(operation.ended_at.as_deref()),
        cell(&operation.kind),
        cell(&result),
        cell(&operation.actor),
        cell(&operation.reason),
        maybe(operation.ended_index),
        cell(&operation.operation_id),
    ]
}

fn leak_scan(scan: &LeakEvidence) -> Vec<String> {
    let found = match scan.is_clean() {
        true => "none".to_owned(),
        false => format!("**{}**", cell(&scan.found.canaries_found)),
    };
    vec![
        cell(&scan.found.directory),
        cell(&scan.found.files),
        cell(&scan.found.bytes),
        cell(&scan.found.canaries),
        found,
        cell(&scan.file),
    ]
}
