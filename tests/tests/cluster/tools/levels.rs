//! How much a node logs, and its line for a slow request.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::{self, PATIENCE};

use crate::doors::admin::run;

const KEY: &str = "a-key-that-no-log-shows";
const VALUE: &str = "a-value-that-no-log-shows";

pub async fn go_back_by_themselves(cluster: &Cluster) -> Result<()> {
    let set = run(cluster, "", "cluster log-level debug --node n2 --for 400ms").await?.with(0, "")?;
    let row = &set["data"]["members"][0];
    ensure!(set["changed"] == true && row["before"] == "info" && row["log"]["level"] == "debug", "{set}");
    ensure!(row["name"] == "n2" && row["log"]["until"].is_string(), "{set}");
    let node = cluster.named("n2")?;
    wait::until_true("the level to go back", PATIENCE, || async {
        node.process.log().contains("the log level is what it was at the start")
    })
    .await?;
    let told = run(cluster, "", "cluster log-level").await?.with(0, "")?;
    let members = told["data"]["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    ensure!(members.len() == 3 && members.iter().all(|row| row["log"]["level"] == "info"), "{told}");

    run(cluster, "", "cluster log-level elastickv_log=trace --until-restart").await?.with(0, "")?;
    let reset = run(cluster, "", "cluster log-level --reset").await?.with(0, "")?;
    ensure!(reset["data"]["members"][0]["before"] == "elastickv_log=trace", "{reset}");
    for bad in ["chatty", "h2=trace", "debug --for 25h"] {
        run(cluster, "", &format!("cluster log-level {bad}")).await?.with(2, "EK-0020")?;
    }
    let audited = |node: &elastickv_tests::cluster::Node| {
        let log = node.process.log();
        log.lines().any(|line| line.contains(" audit ") && line.contains("/elastickv.v1.Cluster/SetLogLevel"))
    };
    ensure!(cluster.nodes().iter().all(audited), "a change of the level is not in every audit");
    Ok(())
}

pub async fn slow_requests_are_told_of(cluster: &Cluster) -> Result<()> {
    let leader = cluster.node(cluster.leader(PATIENCE).await?);
    let client = leader.client();
    for level in ["info", "trace"] {
        run(cluster, "", &format!("cluster log-level {level} --until-restart")).await?.with(0, "")?;
        client.put(KEY.into(), VALUE.into(), Bytes::new()).await?;
    }
    run(cluster, "", "cluster log-level --reset").await?.with(0, "")?;
    let slow = |line: &str| {
        ["slow request", "call=\"/RawKV/RawPut\"", " ms=", "lately=", "result=\"Ok\"", "operation="]
            .iter()
            .all(|part| line.contains(part))
    };
    wait::until_true("the line of a slow request", PATIENCE, || async {
        leader.process.log().lines().any(slow)
    })
    .await?;
    let metrics = leader.http("/metrics").await?.body;
    ensure!(metrics.contains("elastickv_slow_requests_total{path=\"/RawKV/RawPut\"}"), "{metrics}");
    for node in cluster.nodes() {
        let log = node.process.log();
        ensure!(!log.contains(KEY) && !log.contains(VALUE), "{} logs what users store", node.name);
    }
    Ok(())
}
