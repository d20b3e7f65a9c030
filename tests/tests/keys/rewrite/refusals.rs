//! A rewrite that does not fit is refused by name, and changes nothing.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_proto::v1::change_job_request::Change;
use elastickv_proto::v1::jobs_client::JobsClient;
use elastickv_tests::client::{Refusal, request_id};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;
use tonic::Status;

use super::stage::CONFIRMED;
use crate::admin::encryption;

#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_that_does_not_fit_is_refused() -> Result<()> {
    let cluster = Plan::new("norewrite").nodes(1).encrypted().start().await?;
    cluster.settle(PATIENCE).await?;
    encryption(&cluster, "rewrite").await?.with(3)?;
    encryption(&cluster, "rewrite pause").await?.with(2)?;
    ensure!(job(&cluster).await?.is_null());
    encryption(&cluster, &format!("enable-storage-envelope {CONFIRMED}")).await?.with(0)?;
    encryption(&cluster, "rewrite --rate 20MB/s").await?.with(2)?;
    let ended = encryption(&cluster, "rewrite").await?.with(0)?;
    ensure!(ended["data"]["job"]["log_sealed"] == false, "the log is still clear: {ended}");
    encryption(&cluster, "rewrite resume").await?.with(11)?;
    let id = ended["op_id"].as_str().context("no id")?;
    let again = encryption(&cluster, &format!("rewrite --op-id {id}")).await?.with(0)?;
    ensure!(again["changed"] == false && again["data"]["job"]["job_id"] == id, "{again}");
    asked_for_another(&cluster).await?;
    cluster.finish().await
}

async fn job(cluster: &Cluster) -> Result<Value> {
    Ok(encryption(cluster, "rewrite status").await?.with(0)?["data"]["job"].clone())
}

/// By any client: a job that is not the one there is, one without an id, a change that is none, another cluster.
async fn asked_for_another(cluster: &Cluster) -> Result<()> {
    let before = job(cluster).await?;
    let mut jobs = JobsClient::new(cluster.nodes()[0].client().channel());
    let change = |job_id, change| v1::ChangeJobRequest { job_id, change, ..Default::default() };
    let pause = || Some(Change::Pause(v1::PauseJob {}));
    let short = || Bytes::from_static(b"short");
    named(jobs.change(change(request_id(), pause())).await, "UnknownJob")?;
    named(jobs.change(change(short(), pause())).await, "OperationIdUntimed")?;
    named(jobs.change(change(request_id(), None)).await, "Malformed")?;
    named(jobs.watch(v1::WatchJobRequest { job_id: request_id() }).await, "UnknownJob")?;
    let untimed = Bytes::from_static(&[0x11; 16]);
    let start = |job_id, expected_cluster_id| v1::StartRewriteRequest {
        job_id,
        expected_cluster_id,
        ..Default::default()
    };
    named(jobs.start_rewrite(start(untimed, Bytes::new())).await, "OperationIdUntimed")?;
    named(jobs.start_rewrite(start(short(), Bytes::new())).await, "OperationIdUntimed")?;
    named(jobs.start_rewrite(start(request_id(), request_id())).await, "ForeignCluster")?;
    let after = job(cluster).await?;
    ensure!(
        before["job_id"] == after["job_id"] && before["state"] == after["state"],
        "{before} became {after}"
    );
    Ok(())
}

fn named<T>(answer: std::result::Result<T, Status>, reason: &str) -> Result<()> {
    let refusal = Refusal::from(answer.err().with_context(|| format!("accepted instead of {reason}"))?);
    ensure!(refusal.is(reason), "{refusal} instead of {reason}");
    Ok(())
}
