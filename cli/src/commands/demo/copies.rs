//! The stages of backups, and the last ones.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::future::{join_all, try_join_all};

use super::failure::ensure;
use super::ground::{list, number, text};
use super::node::Node;
use super::traffic::PREFIX;
use super::walk::Walk;
use crate::error::CliError;
use crate::model::bytes_text;

const COPY: &str = "r1";
const COPY_CLUSTER: &str = "restored";

impl Walk<'_> {
    fn backup(&self) -> PathBuf {
        self.ground.path("backup")
    }

    pub async fn back_up(&mut self) -> Result<String, CliError> {
        self.backed_up = self.traffic.acknowledged();
        let told = self.done(&["backup", "create", &self.backup().to_string_lossy()]).await?;
        let (rows, clear) = (number(&told, "/rows"), number(&told, "/clear_rows"));
        ensure(rows > 0 && clear == 0, || format!("{clear} of {rows} values in the backup are clear"))?;
        Ok(format!("{}, {rows} values, all sealed", bytes_text(number(&told, "/bytes"))))
    }

    pub async fn look_through(&self) -> Result<String, CliError> {
        let (backup, kek) = (self.backup(), self.ground.kek_uri());
        let backup = backup.to_string_lossy();
        let line = ["backup", "verify", &backup, "--kek", &kek];
        let told = self.ground.admin(&[], &line).await?.with(0)?;
        Ok(format!("whole; the wrapping key opens all {} keys", text(&told, "/proof/keys_unwrapped")))
    }

    pub async fn restore(&mut self) -> Result<String, CliError> {
        let mut copy = Node::new(&self.ground, COPY)?;
        let (backup, kek, address) = (self.backup(), self.ground.kek_uri(), copy.address.to_string());
        let (backup, data_dir) = (backup.to_string_lossy(), copy.data_dir.to_string_lossy().into_owned());
        let from = ["backup", "restore", &backup, "--kek", &kek];
        let to = ["--data-dir", &data_dir, "--node-name", COPY, "--address", &address];
        let line = [&from[..], &to, &["--cluster-name", COPY_CLUSTER]].concat();
        self.ground.admin(&[], &line).await?.with(0)?;
        copy.start(&self.ground, COPY_CLUSTER, &[])?;
        let at = [copy.address];
        self.copy = Some(copy);
        self.ground.admin(&at, &["cluster", "wait", "--for", "ready"]).await?.with(0)?;
        let (theirs, ours) = (self.keys(&at).await?, self.keys(&self.endpoints()).await?);
        let shared = theirs.iter().filter(|key| ours.contains(key)).count();
        ensure(shared == 0 && !theirs.is_empty(), || format!("{shared} keys seal for both clusters"))?;
        Ok(format!("{COPY} is a cluster of its own, under keys of its own"))
    }

    /// The keys that seal in a cluster.
    async fn keys(&self, at: &[SocketAddr]) -> Result<Vec<u64>, CliError> {
        let told = self.ground.admin(at, &["encryption", "keys", "list"]).await?.with(0)?;
        let active = list(&told, "/keys").iter().filter(|key| text(key, "/state") == "active");
        Ok(active.map(|key| number(key, "/key_id")).collect())
    }

    pub async fn read_back(&self) -> Result<String, CliError> {
        self.traffic.stop().await;
        let all = self.traffic.acknowledged();
        self.traffic.all_in(&all, &self.pairs(&self.endpoints()).await?)?;
        let of_all = format!("all {} acknowledged writes are there", all.len());
        let Some(copy) = &self.copy else { return Ok(of_all) };
        self.traffic.all_in(&self.backed_up, &self.pairs(&[copy.address]).await?)?;
        Ok(format!("{of_all}; {} in {COPY}", self.backed_up.len()))
    }

    async fn pairs(&self, at: &[SocketAddr]) -> Result<BTreeMap<String, String>, CliError> {
        let line = ["kv", "scan", "--prefix", PREFIX, "--limit", "0", "-o", "ndjson"];
        let told = self.ground.admin(at, &line).await?;
        ensure(told.status == 0, || told.unexpected().message().to_owned())?;
        Ok(told
            .items
            .iter()
            .map(|one| (text(one, "/item/key/text"), text(one, "/item/value/text")))
            .collect())
    }

    pub async fn compare(&self) -> Result<String, CliError> {
        let told = self.done(&["cluster", "digest"]).await?;
        ensure(text(&told, "/equal") == "true", || "members hold different data".to_owned())?;
        let (members, index) = (list(&told, "/members").len(), text(&told, "/index"));
        Ok(format!("{members} members hold the same as of entry {index}"))
    }

    pub async fn find_nothing(&mut self) -> Result<String, CliError> {
        let nodes = self.nodes.iter_mut().chain(&mut self.copy);
        try_join_all(nodes.map(Node::stop)).await?;
        let mut places: Vec<PathBuf> = self.nodes.iter().map(|node| node.data_dir.clone()).collect();
        places.push(self.ground.path("logs"));
        if let Some(copy) = &self.copy {
            places.extend([copy.data_dir.clone(), self.backup()]);
        }
        let searched = join_all(places.iter().map(|place| self.search(place))).await;
        let (mut files, mut bytes) = (0, 0);
        for told in searched {
            let told = told?.with(0)?;
            files += number(&told, "/files");
            bytes += number(&told, "/bytes");
            let found = number(&told, "/findings_total");
            ensure(found == 0, || format!("{found} in {}", text(&told, "/directory")))?;
        }
        ensure(files > 0, || "no file was searched".to_owned())?;
        Ok(format!("NONE in {files} files of {} directories, {}", places.len(), bytes_text(bytes)))
    }
}
