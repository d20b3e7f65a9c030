//! Operations whose leader is killed on the way: repeated with the same id they are found done, or end.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto::v1::KeyState;
use elastickv_proto::{DekPurpose, RotateDekRequest};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use uuid::Uuid;

/// From before the first entry to after the last.
const MOMENTS_MS: [u64; 8] = [0, 4, 8, 15, 30, 60, 120, 250];

/// Asks whoever leads for a rotation of this id, until somebody says how it ended.
async fn rotate(cluster: &Cluster, purpose: DekPurpose, id: Uuid) -> Result<u64> {
    let operation_id = Bytes::copy_from_slice(id.as_bytes());
    let request = RotateDekRequest { purpose: purpose.into(), operation_id, ..Default::default() };
    wait::until("the rotation ends", PATIENCE * 3, || async {
        let leader = cluster.leader(PATIENCE).await?;
        let answer = cluster.node(leader).client().rotate_dek(request.clone()).await?;
        Ok(answer.applied_index)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_whose_leader_is_killed_gives_one_new_key() -> Result<()> {
    let cluster = Plan::new("killed-rotation").encrypted().start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    cluster.node(leader).client().enable_raft().await?;
    for (round, moment) in MOMENTS_MS.into_iter().enumerate() {
        let purpose = if round % 2 == 0 { DekPurpose::Storage } else { DekPurpose::Raft };
        let (leader, id) = (cluster.leader(PATIENCE).await?, Uuid::now_v7());
        let client = cluster.node(leader).client();
        let operation_id = Bytes::copy_from_slice(id.as_bytes());
        let request = RotateDekRequest { purpose: purpose.into(), operation_id, ..Default::default() };
        let asked = tokio::spawn(async move { client.rotate_dek(request).await });
        tokio::time::sleep(Duration::from_millis(moment)).await;
        ensure!(cluster.kill(&[leader])? == 1);
        drop(asked.await?);
        cluster.start(leader)?;
        let first = rotate(&cluster, purpose, id).await?;
        ensure!(rotate(&cluster, purpose, id).await? == first, "repeated, it says something else");
        cluster.settle(PATIENCE).await?;
        let status = cluster.node(cluster.leader(PATIENCE).await?).client().encryption_status().await?;
        ensure!(status.keys.len() == 3 + round, "{} keys after {} rotations", status.keys.len(), round + 1);
        ensure!(status.keys.iter().all(|key| key.state() != KeyState::Installed));
        ensure!(status.running.is_none());
        cluster
            .node(leader)
            .client()
            .put(Bytes::from(format!("round-{round}")), "kept".into(), Bytes::new())
            .await?;
    }
    cluster.digests_agree().await?;
    cluster.finish().await
}
