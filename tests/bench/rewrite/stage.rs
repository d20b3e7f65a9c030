//! Rows to work on, and the work as the leader tells of it.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_tests::client::Client;
use elastickv_tests::workspace;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tonic::transport::Channel;
use v1::jobs_client::JobsClient;
use v1::mutation::Change;
use v1::txn_client::TxnClient;

pub const VALUE_BYTES: usize = 1024;
/// Rows in one transaction, and transactions under way at once.
const BATCH: u64 = 256;
const WRITERS: u64 = 8;
/// How often to look how far the work is.
const LOOK: Duration = Duration::from_millis(20);
/// Longer than any of it takes.
const LIMIT: Duration = Duration::from_secs(3600);
/// How long a member may say nothing of a job.
const SILENCE: Duration = Duration::from_secs(20);

pub fn rows_of(mib: u64) -> u64 {
    (mib << 20) / VALUE_BYTES as u64
}

/// Writes so much, a kilobyte a row, as fast as it goes.
pub async fn fill(client: &Client, mib: u64) -> Result<()> {
    let mut running = JoinSet::new();
    for writer in 0..WRITERS {
        let channel = client.channel();
        running.spawn(async move {
            let mut random = StdRng::seed_from_u64(writer);
            let mut service = TxnClient::new(channel);
            for first in
                (0..rows_of(mib)).step_by(BATCH as usize).skip(writer as usize).step_by(WRITERS as usize)
            {
                let mutations = (first..first + BATCH).map(|row| put(row, &mut random)).collect();
                let request = v1::CommitRequest { mutations, ..Default::default() };
                service.commit(request).await.context("cannot fill the store")?;
            }
            Ok(())
        });
    }
    running.join_all().await.into_iter().collect()
}

fn put(row: u64, random: &mut StdRng) -> v1::Mutation {
    let mut value = vec![0; VALUE_BYTES];
    random.fill_bytes(&mut value);
    let (key, change) = (format!("old/{row:012}").into(), Some(Change::Put(value.into())));
    v1::Mutation { key, change, ..Default::default() }
}

/// The rewrite of a cluster.
#[derive(Clone, Debug)]
pub struct Job(JobsClient<Channel>);

/// What a member is at; they follow one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    Counting,
    Rows,
    Store,
    Log,
    Done,
}

impl Phase {
    fn of(part: &v1::JobPart) -> Self {
        match part.activity.as_str() {
            _ if part.done => Phase::Done,
            "rows" | "locks" => Phase::Rows,
            "erasing the store" => Phase::Store,
            "erasing the log" | "erasing leftovers" => Phase::Log,
            _ => Phase::Counting,
        }
    }
}

impl Job {
    pub fn of(client: &Client) -> Self {
        Self(JobsClient::new(client.channel()))
    }

    /// Bytes a second; zero for as fast as it goes.
    pub async fn start(&mut self, rate: u64) -> Result<()> {
        let request = v1::StartRewriteRequest { rate, reason: "measured".to_owned(), ..Default::default() };
        self.0.start_rewrite(request).await.context("no rewrite")?;
        Ok(())
    }

    pub async fn change(&mut self, change: v1::change_job_request::Change) -> Result<()> {
        let job_id = self.get().await?.job_id;
        let request = v1::ChangeJobRequest { job_id, change: Some(change), ..Default::default() };
        self.0.change(request).await?;
        Ok(())
    }

    async fn get(&mut self) -> Result<v1::Job> {
        self.0.get(v1::GetJobRequest {}).await?.into_inner().job.context("there is no rewrite")
    }

    /// How far each member is. One that was just told of the job, or is busy, may have nothing to say at first.
    pub async fn parts(&mut self) -> Result<Vec<v1::JobPart>> {
        let until = Instant::now() + SILENCE;
        loop {
            let members = self.get().await?.members;
            if let Some(parts) = members.into_iter().map(|member| member.part).collect() {
                return Ok(parts);
            }
            ensure!(Instant::now() < until, "a member is silent");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Looks at the only member until it is done, and tells each time what it is at; then waits until the cluster has
    /// written down that all are done.
    pub async fn follow(&mut self, mut seen: impl FnMut(Phase, &v1::JobPart) -> Result<()>) -> Result<()> {
        let until = Instant::now() + LIMIT;
        loop {
            let parts = self.parts().await?;
            let part = parts.first().context("a cluster without members")?;
            let phase = Phase::of(part);
            seen(phase, part)?;
            if phase == Phase::Done && self.get().await?.state() == v1::JobState::Finished {
                return Ok(());
            }
            ensure!(Instant::now() < until, "it does not end, and is at {phase:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Counts every row of the node, and returns how many there are.
    pub async fn verify(&mut self) -> Result<u64> {
        let mut counting = self.0.verify(v1::VerifyRequest { rate: 0 }).await?.into_inner();
        let mut counted = 0;
        while let Some(told) = counting.message().await? {
            counted = counted.max(told.counted_rows);
        }
        Ok(counted)
    }
}

/// Runs the operator's command line to its end.
pub async fn admin(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(workspace::admin()?);
    command.env_remove("ELASTICKV_ENDPOINT").args(arguments).args(["-o", "json"]);
    let line = arguments.join(" ");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A file written through to the disk: mebibytes a second.
pub async fn write_through(dir: &std::path::Path, size: u64) -> Result<f64> {
    let path = dir.join(format!("written-{}", std::process::id()));
    let took = tokio::task::spawn_blocking(move || -> Result<Duration> {
        let mut block = vec![0; 1 << 20];
        StdRng::seed_from_u64(1).fill_bytes(&mut block);
        let begun = Instant::now();
        let mut file = std::fs::File::create(&path)?;
        for _ in 0..size {
            std::io::Write::write_all(&mut file, &block)?;
        }
        file.sync_data()?;
        let took = begun.elapsed();
        std::fs::remove_file(&path)?;
        Ok(took)
    });
    Ok(size as f64 / took.await??.as_secs_f64())
}

/// A key that nothing else uses, to see that the store answers.
pub async fn answers(client: &Client) -> Result<()> {
    client.put("answers".into(), Bytes::from_static(b"yes"), Bytes::new()).await?;
    Ok(())
}
