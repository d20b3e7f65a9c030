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
use elastickv_tests::{nonces, ports, workspace};

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
    let line = restoring(backup, data_dir, address, kek);
    admin(&line.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// The words of such a command.
pub fn restoring(backup: &Path, data_dir: &Path, address: SocketAddr, kek: Option<&Path>) -> Vec<String> {
    let mut line = vec!["backup", "restore", text(backup), "--data-dir", text(data_dir)];
    line.extend(["--node-name", "r1", "--cluster-name", "restored"]);
    let mut line: Vec<String> = line.into_iter().map(str::to_owned).collect();
    line.extend(["--address".to_owned(), address.to_string()]);
    line.extend(kek.map(|kek| ["--kek".to_owned(), kek::uri(kek)]).into_iter().flatten());
    line
}

/// A process for a directory that was, or was not quite, restored.
pub fn process_on(cluster: &Cluster, data_dir: &Path, address: SocketAddr, label: &str) -> Result<Process> {
    let nonces = cluster.scratch().join(label).with_extension(nonces::SUFFIX);
    let mut arguments = vec![
        "--node-name=r1".into(),
        format!("--data-dir={}", text(data_dir)).into(),
        format!("--listen={address}").into(),
        format!("--http-listen={}", ports::free()?).into(),
        "--cluster-name=restored".into(),
        "--storage-reserve=16MiB".into(),
        format!("--testing-nonces-file={}", text(&nonces)).into(),
    ];
    arguments.extend(kek::arguments(&cluster.kek_file()));
    Ok(Process::new(Recipe {
        name: label.to_owned(),
        binary: workspace::testing_server()?,
        arguments,
        environment: Vec::new(),
        log: cluster.scratch().join(format!("{label}.log")),
    }))
}

impl Restored {
    /// Restores, starts, and waits until the node serves. Its nonces are judged with those of the cluster.
    pub async fn of(cluster: &Cluster, backup: &Path, label: &str) -> Result<Self> {
        let (data_dir, address) = (cluster.scratch().join(label), ports::free()?);
        restore(backup, &data_dir, address, Some(&cluster.kek_file())).await?.with(0)?;
        let process = process_on(cluster, &data_dir, address, label)?;
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
