//! The node of a cluster that was restored.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, kek};
use elastickv_tests::process::{Process, Recipe};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{ports, workspace};

use crate::operator::{Ended, admin, text};

/// A data directory that was made of a backup, and the process on it.
pub struct Restored {
    pub data_dir: PathBuf,
    address: SocketAddr,
    pub process: Process,
    pub client: Client,
}

pub async fn restore(
    backup: &Path,
    data_dir: &Path,
    address: SocketAddr,
    kek: Option<&Path>,
) -> Result<Ended> {
    let (address, uri) = (address.to_string(), kek.map(kek::uri));
    let mut line = vec!["backup", "restore", text(backup), "--data-dir", text(data_dir)];
    line.extend(["--node-name", "r1", "--address", &address, "--cluster-name", "restored"]);
    if let Some(uri) = &uri {
        line.extend(["--kek", uri]);
    }
    admin(&line).await
}

impl Restored {
    /// Restores, starts, and waits until the node serves.
    pub async fn of(cluster: &Cluster, backup: &Path, label: &str) -> Result<Self> {
        let (data_dir, address) = (cluster.scratch().join(label), ports::free()?);
        let kek_file = cluster.kek_file();
        restore(backup, &data_dir, address, Some(&kek_file)).await?.with(0)?;
        let mut arguments = vec![
            "--node-name=r1".into(),
            format!("--data-dir={}", text(&data_dir)).into(),
            format!("--listen={address}").into(),
            format!("--http-listen={}", ports::free()?).into(),
            "--cluster-name=restored".into(),
            "--storage-reserve=16MiB".into(),
        ];
        arguments.extend(kek::arguments(&kek_file));
        let process = Process::new(Recipe {
            name: label.to_owned(),
            binary: workspace::testing_server()?,
            arguments,
            environment: Vec::new(),
            log: cluster.scratch().join(format!("{label}.log")),
        });
        process.start()?;
        let client = Client::new(&address.to_string())?;
        let restored = Self { data_dir, address, process, client };
        restored.serves().await?;
        Ok(restored)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn serves(&self) -> Result<()> {
        wait::until("the restored node serves", PATIENCE, || async {
            Ok(self.client.page(Bytes::new(), Linearizable).await.map(drop)?)
        })
        .await
    }

    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.process.start()?;
        self.serves().await
    }

    pub async fn stop(&self) -> Result<()> {
        let status = self.process.terminate(PATIENCE).await?;
        ensure!(status.success(), "{} at {}", self.process.tail(), self.address);
        Ok(())
    }
}
