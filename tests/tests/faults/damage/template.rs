//! Whole directories to damage copies of.
//!
//! A node of its own is filled so that each kind of file is there more than once and means something: a
//! purged log of several segments, a snapshot, tables and a journal, keys that were overwritten and
//! deleted. Of its directory there are four copies: as an orderly end left it, as a kill did, without its
//! store, which is then rebuilt from snapshot and log, and as it was at an earlier end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::{Client, Consistency, Pair};
use elastickv_tests::wait::PATIENCE;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use super::patient::Server;

const KEYS: u64 = 1_200;
const WRITERS: u64 = 16;

/// A directory as a stopped node left it, and what a scan of it gives.
pub struct Template {
    dir: PathBuf,
    older: PathBuf,
    content: Vec<Pair>,
}

impl Template {
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The same node's directory at an earlier end.
    pub fn older(&self) -> &Path {
        &self.older
    }

    pub fn content(&self) -> &[Pair] {
        &self.content
    }
}

pub struct Templates {
    all: Vec<Template>,
}

impl Templates {
    pub async fn make(scratch: &Path) -> Result<Self> {
        let grown = scratch.join("grown");
        let server = Server::new(grown.clone())?;
        let client = server.start_and_wait().await?;
        write(&client, 0, 1).await?;
        let before_all = scratch.join("older");
        server.terminate().await?;
        copy(&grown, &before_all)?;
        let client = server.start_and_wait().await?;
        // Enough for the first segments and tables, which a snapshot then makes superfluous.
        for round in 1..3 {
            write(&client, round, KEYS).await?;
        }
        let taken = client.snapshot(true).await?;
        ensure!(taken.first_log_index > 1, "the log was not purged");
        for round in 3..7 {
            write(&client, round, KEYS).await?;
        }
        let content = client.scan_all(Consistency::Linearizable).await?;
        ensure!(content.len() as u64 > KEYS / 2, "only {} pairs are there", content.len());
        server.kill()?;
        let incoming = grown.join("groups/1/snapshots").join(format!("{:032x}.incoming", 7));
        fs::write(&incoming, vec![7; 1 << 20]).context("cannot make a part of a snapshot")?;
        let killed = scratch.join("killed");
        copy(&grown, &killed)?;
        server.start_and_wait().await?;
        server.terminate().await?;
        let stopped = scratch.join("stopped");
        copy(&grown, &stopped)?;
        let bare = scratch.join("bare");
        copy(&grown, &bare)?;
        fs::remove_dir_all(bare.join("groups/1/state"))?;
        let template = |dir: &PathBuf, older: &PathBuf| Template {
            dir: dir.clone(),
            older: older.clone(),
            content: content.clone(),
        };
        let all = vec![
            template(&stopped, &before_all),
            template(&killed, &before_all),
            template(&stopped, &killed),
            template(&bare, &before_all),
        ];
        Ok(Self { all })
    }

    /// One with a store.
    pub fn with_store(&self, number: usize) -> &Template {
        &self.all[number % 2]
    }

    pub fn of(&self, number: usize) -> &Template {
        // The first numbers stand for one kind of file each, and all of these are in the first directory.
        let which = if number < super::Kind::ALL.len() { 0 } else { number % self.all.len() };
        &self.all[which]
    }
}

/// A copy that shares nothing with what it was made of.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let status =
        Command::new("cp").args(["-a", "--reflink=auto", "--sparse=always"]).arg(from).arg(to).status()?;
    ensure!(status.success(), "cannot copy {} to {}", from.display(), to.display());
    Ok(())
}

/// Writes to the first `keys` keys, one in nine a deletion.
async fn write(client: &Client, round: u64, keys: u64) -> Result<()> {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let client = client.with_deadline(PATIENCE);
        writers.spawn(async move {
            for number in (writer..keys).step_by(WRITERS as usize) {
                let mut random = StdRng::seed_from_u64(round << 32 | number);
                let key = Bytes::from(format!("key/{number:06}"));
                if random.random_range(0..9) == 0 {
                    client.delete(key, Bytes::new()).await?;
                } else {
                    let mut value = vec![0; random.random_range(10..6_000)];
                    random.fill_bytes(&mut value);
                    client.put(key, value.into(), Bytes::new()).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    Ok(())
}
