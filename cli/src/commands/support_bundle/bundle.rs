//! What goes into the bundle, what does not, and the manifest that tells both.

use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::archive::Archive;
use crate::model::{BundledFile, LeftOut, utc};

/// What is never asked for.
const NEVER: [(&str, &str); 4] = [
    ("keys and values of users", "nothing here asks for them"),
    ("data keys, wrapped or not", "they would leave the cluster with the bundle"),
    ("places of wrapping keys (kek, kek-previous)", "they stay with the nodes"),
    ("tokens, private keys of certificates", "they let somebody in"),
];

#[derive(Debug)]
pub struct Bundle {
    files: Vec<(String, Vec<u8>)>,
    left_out: Vec<LeftOut>,
}

impl Bundle {
    pub fn new() -> Self {
        let never =
            |(what, because): (&str, &str)| LeftOut { what: what.to_owned(), because: because.to_owned() };
        Self { files: Vec::new(), left_out: NEVER.map(never).into() }
    }

    pub fn put(&mut self, name: impl Into<String>, text: String) {
        self.files.push((name.into(), text.into_bytes()));
    }

    pub fn leave_out(&mut self, what: impl Into<String>, because: impl Into<String>) {
        self.left_out.push(LeftOut { what: what.into(), because: because.into() });
    }

    /// The archive, and what is in it; the manifest comes first.
    pub fn finish(mut self, cluster: &str, unix_ms: u64) -> (Vec<u8>, Vec<BundledFile>, Vec<LeftOut>) {
        let mut archive = Archive::new(unix_ms / 1000);
        let fits = |(name, _): &(String, Vec<u8>)| name.len() <= 90;
        let (fitting, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.files).into_iter().partition(fits);
        others.into_iter().for_each(|(name, _)| self.leave_out(name, "its name is too long"));
        let listed: Vec<BundledFile> = fitting.iter().map(|(name, bytes)| listed(name, bytes)).collect();
        let manifest = manifest(cluster, unix_ms, &listed, &self.left_out);
        archive.put("MANIFEST.md", manifest.as_bytes());
        for (name, bytes) in &fitting {
            archive.put(name, bytes);
        }
        (archive.finish(), listed, self.left_out)
    }
}

fn listed(name: &str, bytes: &[u8]) -> BundledFile {
    BundledFile {
        name: name.to_owned(),
        bytes: crate::model::Decimal(bytes.len() as u64),
        sha256: hex::encode(Sha256::digest(bytes)),
    }
}

fn manifest(cluster: &str, unix_ms: u64, files: &[BundledFile], left_out: &[LeftOut]) -> String {
    let mut out = format!("# Support bundle of {cluster}\n\n");
    // Writing to a string does not fail.
    let _ = writeln!(out, "Taken {} by elastickv-admin {}.\n", utc(unix_ms), env!("CARGO_PKG_VERSION"));
    out.push_str("## What is in it\n\n| file | bytes | sha256 |\n|---|---|---|\n");
    for BundledFile { name, bytes, sha256 } in files {
        let name = name.replace(['\n', '|'], " ");
        let _ = writeln!(out, "| {name} | {bytes} | {sha256} |");
    }
    out.push_str("\n## What was left out\n\n| what | because |\n|---|---|\n");
    for LeftOut { what, because } in left_out {
        let cell = |text: &str| text.replace(['\n', '|'], " ");
        let _ = writeln!(out, "| {} | {} |", cell(what), cell(because));
    }
    out
}

/// A document as files in a bundle hold it.
pub fn document<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).map_or_else(|error| error.to_string(), |text| text + "\n")
}
