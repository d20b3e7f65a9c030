//! Looking for canaries as operators do: `scan leak` over the data directory of each node that has ended.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use elastickv_tests::canaries::Canary;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::links::Place;
use futures_util::future::try_join_all;
use serde_json::Value;

use crate::admin::admin;

/// What one node's files told.
#[derive(Debug)]
pub struct Scanned {
    pub member: String,
    pub status: i32,
    pub canaries: u64,
    pub sought: u64,
    told: Value,
}

impl std::fmt::Display for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { member, status, canaries, sought, told } = self;
        let data = &told["data"];
        let (bytes, files) = (&data["bytes"], &data["files"]);
        write!(
            f,
            "{member}: exit {status}, {canaries} of {sought} canaries in {bytes} bytes of {files} files"
        )?;
        let findings = data["findings"].as_array().into_iter().flatten().take(3);
        findings.into_iter().try_for_each(|one| write!(f, "\n  {one}"))
    }
}

/// Ends every node and looks into the files of some.
pub async fn scan(cluster: &Cluster, places: &[Place], canaries: &[Canary]) -> Result<Vec<Scanned>> {
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    let file = write_down(cluster, canaries)?;
    let scanned = try_join_all(places.iter().map(|place| scan_one(cluster, *place, &file))).await?;
    scanned.iter().for_each(|one| println!("{one}"));
    Ok(scanned)
}

async fn scan_one(cluster: &Cluster, place: Place, file: &Path) -> Result<Scanned> {
    let node = cluster.node(place);
    let (dir, file) = (node.data_dir.display(), file.display());
    let (status, told) =
        admin(cluster, &format!("scan leak --data-dir {dir} --canary-file {file}")).await?.either();
    let count = |field: &str| -> Result<u64> {
        let text = told["data"][field].as_str().with_context(|| format!("no {field}: {told}"))?;
        Ok(text.parse()?)
    };
    let (canaries, sought) = (count("canaries_found")?, count("canaries")?);
    Ok(Scanned { member: node.name.clone(), status, canaries, sought, told })
}

/// Beside the data directories: a file of canaries is full of them.
fn write_down(cluster: &Cluster, canaries: &[Canary]) -> Result<PathBuf> {
    let mut text = String::from("# planted before, between and after the cutovers\n");
    for canary in canaries {
        writeln!(text, "hex:{}", hex::encode(canary))?;
    }
    let file = cluster.scratch().join("canaries");
    std::fs::write(&file, text)?;
    Ok(file)
}
