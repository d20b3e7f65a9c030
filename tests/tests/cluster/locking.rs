//! Transactions that lock their keys, through whichever node they come, over restarts and snapshots; and the plain
//! scans of clients that know no tokens.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_proto::v1;
use elastickv_tests::client::{Client, Consistency, Refusal};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use tonic::Code;

/// Long enough for any test to end first.
const LONG_MS: u64 = 600_000;

async fn follower(cluster: &Cluster) -> Result<Client> {
    let leader = cluster.leader(PATIENCE).await?;
    Ok(cluster.node(cluster.others(leader)[0]).client())
}

fn kv(key: &str, value: &str) -> pb::Kv {
    pb::Kv { key: key.to_owned().into(), value: value.to_owned().into(), ..Default::default() }
}

fn deletion(key: &str) -> pb::Kv {
    pb::Kv { key: key.to_owned().into(), delete: true, ..Default::default() }
}

fn keys(keys: &[&str]) -> Vec<Bytes> {
    keys.iter().map(|key| Bytes::copy_from_slice(key.as_bytes())).collect()
}

async fn begin(client: &Client) -> Result<u64, Refusal> {
    Ok(client.timestamps(1).await?.0)
}

async fn put(client: &Client, key: &str, value: &str) -> Result<pb::RawPutResponse, Refusal> {
    client.put(key.to_owned().into(), value.to_owned().into(), Bytes::new()).await
}

async fn get(client: &Client, key: &str) -> Result<Option<Bytes>, Refusal> {
    client.get(key.to_owned().into(), Consistency::Linearizable).await
}

fn refused<T>(result: Result<T, Refusal>) -> Result<Refusal> {
    match result {
        Ok(_) => bail!("it was not refused"),
        Err(refusal) => Ok(refusal),
    }
}

fn reasons(errors: &[pb::KeyError]) -> Vec<(&str, bool)> {
    errors.iter().map(|error| (error.reason.as_str(), error.retryable)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_takes_effect_at_once_and_keeps_everybody_elses_writes_away_until_then() -> Result<()>
{
    let cluster = Plan::new("locking").start().await?;
    let client = follower(&cluster).await?;
    put(&client, "a", "0").await?;
    put(&client, "gone", "0").await?;
    let start = begin(&client).await?;
    let list = vec![kv("a", "1"), kv("b", ""), deletion("gone")];
    ensure!(client.lock(start, LONG_MS, list.clone()).await?.is_empty());
    ensure!(client.lock(start, LONG_MS, list).await?.is_empty(), "done again it is the same");
    ensure!(get(&client, "a").await?.as_deref() == Some(b"0"), "who reads does not wait");

    for node in cluster.nodes() {
        let refusal = refused(put(&node.client(), "a", "2").await)?;
        ensure!(refusal.is("KeyLocked") && refusal.code == Code::Aborted, "{refusal}");
        ensure!(refusal.metadata["key"] == "61" && refusal.metadata.contains_key("retry_after_ms"));
        let until: u64 = refusal.metadata["until_ms"].parse()?;
        ensure!(until > (start >> 16) + LONG_MS - 1, "{until}");
    }
    let change = v1::mutation::Change::Delete(v1::Delete {});
    let mutation = v1::Mutation { key: "b".into(), change: Some(change), ttl_ms: 0, expire_at: 0 };
    let commit = v1::CommitRequest { mutations: vec![mutation], ..Default::default() };
    ensure!(refused(client.commit(commit).await)?.is("KeyLocked"));

    let other = begin(&client).await?;
    let met = client.lock(other, 0, vec![kv("c", "3"), kv("b", "3"), kv("a", "3")]).await?;
    ensure!(reasons(&met) == [("KeyLocked", true); 2] && met[0].key == "b" && met[0].until_ms > start >> 16);
    let unlocked = client.commit_locked(other, keys(&["c"])).await?;
    ensure!(
        !unlocked.success && reasons(&unlocked.errors) == [("NotLocked", false)],
        "none of it was locked"
    );
    let unlocked = client.commit_locked(other, vec![]).await?;
    ensure!(reasons(&unlocked.errors) == [("NotUnderWay", false)]);

    let done = client.commit_locked(start, keys(&["a", "gone"])).await?;
    ensure!(done.success && done.commit_index > 0 && done.commit_ts > other && !done.already_applied);
    let again = client.commit_locked(start, keys(&["b"])).await?;
    ensure!(again.success && again.already_applied && again.commit_ts == done.commit_ts);
    ensure!(again.commit_index == done.commit_index);
    ensure!(get(&client, "a").await?.as_deref() == Some(b"1") && get(&client, "gone").await?.is_none());
    ensure!(get(&client, "b").await?.as_deref() == Some(b""), "an empty value is a value");
    let refusal = refused(client.roll_back(start).await)?;
    ensure!(refusal.is("TransactionCommitted") && refusal.code == Code::FailedPrecondition, "{refusal}");
    ensure!(refusal.metadata["commit_ts"] == done.commit_ts.to_string());

    let met = client.lock(other, 0, vec![kv("b", "3"), kv("c", "3"), kv("a", "3")]).await?;
    ensure!(
        reasons(&met) == [("Conflict", true); 2] && met[1].key == "a" && met[1].commit_ts == done.commit_ts
    );
    ensure!(client.roll_back(other).await? && client.roll_back(other).await?);
    let met = client.lock(other, 0, vec![kv("c", "3")]).await?;
    ensure!(reasons(&met) == [("TransactionRolledBack", true)]);
    let late = client.commit_locked(other, vec![]).await?;
    ensure!(!late.success && reasons(&late.errors) == [("TransactionRolledBack", true)]);
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_that_have_ended_are_taken_away_by_those_who_meet_them_and_else_by_the_leader() -> Result<()> {
    let cluster = Plan::new("locks-end").start().await?;
    let client = follower(&cluster).await?;
    let start = begin(&client).await?;
    ensure!(client.lock(start, 50, vec![kv("met", "1"), kv("beside", "1")]).await?.is_empty());
    wait::until("the lock to end", PATIENCE, || async { Ok(put(&client, "met", "2").await?) }).await?;
    let late = client.commit_locked(start, keys(&["beside"])).await?;
    ensure!(reasons(&late.errors) == [("TransactionRolledBack", true)]);
    ensure!(get(&client, "beside").await?.is_none());

    let start = begin(&client).await?;
    ensure!(client.lock(start, 50, vec![kv("alone", "1")]).await?.is_empty());
    let leader = cluster.node(cluster.leader(PATIENCE).await?);
    wait::until("the leader to take it back", PATIENCE, || async {
        let page = leader.http("/metrics").await?.body;
        ensure!(page.lines().any(|line| line == "elastickv_locked_keys{group=\"1\"} 0"));
        Ok(())
    })
    .await?;
    let late = client.commit_locked(start, keys(&["alone"])).await?;
    ensure!(reasons(&late.errors) == [("TransactionRolledBack", true)]);
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_outlive_restarts_and_come_with_snapshots() -> Result<()> {
    let cluster = Plan::new("locks-kept").setting("keep-log-entries", 0).start().await?;
    let client = follower(&cluster).await?;
    let start = begin(&client).await?;
    ensure!(client.lock(start, LONG_MS, vec![kv("a", "1"), kv("b", "1")]).await?.is_empty());
    let over = begin(&client).await?;
    ensure!(client.roll_back(over).await?);
    for node in cluster.nodes() {
        node.client().snapshot(true).await?;
    }
    cluster.kill(&cluster.places())?;
    let emptied = cluster.node(cluster.places()[0]);
    ensure!(emptied.remove_state()? == 1, "it has its snapshot alone");
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    cluster.hand_leadership(emptied.place, PATIENCE).await?;
    let client = emptied.client();
    ensure!(refused(put(&client, "a", "2").await)?.is("KeyLocked"));
    let late = client.lock(over, 0, vec![kv("c", "1")]).await?;
    ensure!(reasons(&late) == [("TransactionRolledBack", true)]);
    let done = client.commit_locked(start, keys(&["a", "b"])).await?;
    ensure!(done.success, "{:?}", reasons(&done.errors));
    ensure!(get(&client, "b").await?.as_deref() == Some(&b"1"[..]));
    cluster.digests_agree().await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_locked_is_refused_by_name_with_its_limit() -> Result<()> {
    let cluster = Plan::new("locking-limits").nodes(1).start().await?;
    let client = cluster.nodes()[0].client();
    let start = begin(&client).await?;
    let cases = [
        ("LockTooLong", client.lock(start, LONG_MS + 1, vec![kv("a", "1")]).await),
        ("BadTransaction", client.lock(0, 0, vec![kv("a", "1")]).await),
        ("BadTransaction", client.lock(start, 0, vec![]).await),
        ("BadTransaction", client.lock(start, 0, vec![kv("a", "1"), kv("a", "2")]).await),
        ("EmptyKey", client.lock(start, 0, vec![kv("", "1")]).await),
        ("KeyTooLarge", client.lock(start, 0, vec![kv(&"k".repeat(65_518), "1")]).await),
        ("ValueTooLarge", client.lock(start, 0, vec![kv("a", &"v".repeat((16 << 20) + 1))]).await),
        ("TooManyMutations", client.lock(start, 0, many(10_001)).await),
    ];
    for (reason, result) in cases {
        let refusal = refused(result).context(reason)?;
        ensure!(refusal.is(reason) && refusal.code == Code::InvalidArgument, "{reason}: {refusal}");
        ensure!(reason.starts_with("Bad") || reason == "EmptyKey" || refusal.metadata.contains_key("limit"));
    }
    ensure!(client.lock(start, 0, vec![kv(&"k".repeat(65_517), "1")]).await?.is_empty(), "the longest");
    ensure!(client.lock(start, 0, many(10_000)).await?.is_empty());
    let done = client.commit_locked(start, vec![]).await?;
    ensure!(done.success && get(&client, "many/9999").await?.is_some());
    let ahead = client.lock(done.commit_ts + (3_600_000 << 16), 0, vec![kv("a", "1")]).await?;
    ensure!(reasons(&ahead) == [("StartsAhead", false)]);
    cluster.finish().await
}

fn many(count: usize) -> Vec<pb::Kv> {
    (0..count).map(|number| kv(&format!("many/{number}"), "v")).collect()
}

/// What a client of earlier servers asks, who takes what comes for all that there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_scan_is_answered_whole_or_refused() -> Result<()> {
    let cluster = Plan::new("plain-scans").start().await?;
    let client = follower(&cluster).await?;
    let large = "x".repeat(1 << 20);
    for number in 0..6 {
        put(&client, &format!("large/{number}"), &large).await?;
    }
    let (first, _) = client.timestamps(1).await?;
    put(&client, "small/1", "new").await?;
    put(&client, "small/0", "old").await?;
    let scan = |start: &str, end: &str, limit| pb::RawScanAtRequest {
        start_key: start.to_owned().into(),
        end_key: end.to_owned().into(),
        limit,
        ..Default::default()
    };
    for limit in [-1, 0, 6, i64::MAX] {
        let refusal = refused(client.raw_scan(scan("large/", "large0", limit)).await)?;
        ensure!(refusal.is("ScanTooLarge") && refusal.code == Code::OutOfRange, "{refusal}");
        ensure!(refusal.metadata["pairs"] == "3", "{:?}", refusal.metadata);
        let paged = pb::RawScanAtRequest { pages: true, ..scan("large/", "large0", limit) };
        let page = client.raw_scan(paged).await?;
        ensure!(page.pairs.len() == 3 && page.truncated && !page.next_token.is_empty());
    }
    let shown = |page: pb::RawScanAtResponse| {
        let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
        page.pairs.into_iter().map(|pair| (text(pair.key), pair.value.len())).collect::<Vec<_>>()
    };
    let two = client.raw_scan(scan("large/", "large0", 2)).await?;
    ensure!(shown(two) == [("large/0".to_owned(), 1 << 20), ("large/1".to_owned(), 1 << 20)]);
    let last = pb::RawScanAtRequest { reverse: true, ..scan("large/", "large0", 2) };
    let names = |page| shown(page).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    ensure!(names(client.raw_scan(last).await?) == ["large/5", "large/4"]);
    let keys_only = pb::RawScanAtRequest { keys_only: true, ..scan("large/", "large0", i64::MAX) };
    let all = client.raw_scan(keys_only).await?;
    ensure!(all.pairs.len() == 6 && all.pairs.iter().all(|pair| pair.value.is_empty()) && !all.truncated);
    let before = pb::RawScanAtRequest { ts: first, group_id: 1, ..scan("small/", "small0", 10) };
    ensure!(client.raw_scan(before.clone()).await?.pairs.is_empty(), "they were not there yet");
    ensure!(names(client.raw_scan(scan("small/", "", 0)).await?) == ["small/0", "small/1"]);
    let elsewhere = pb::RawScanAtRequest { group_id: 9, ..before };
    ensure!(refused(client.raw_scan(elsewhere).await)?.is("UnknownGroup"));

    let latest = pb::RawLatestCommitTsRequest { key: "small/1".into() };
    let told = client.raw_kv().raw_latest_commit_ts(latest).await?.into_inner();
    let read = pb::RawGetRequest { key: "small/1".into(), ts: told.ts, ..Default::default() };
    ensure!(told.exists && client.raw_kv().raw_get(read.clone()).await?.into_inner().exists);
    let earlier = pb::RawGetRequest { ts: told.ts - 1, ..read };
    ensure!(!client.raw_kv().raw_get(earlier).await?.into_inner().exists);
    let absent = pb::RawLatestCommitTsRequest { key: "none".into() };
    let told = client.raw_kv().raw_latest_commit_ts(absent).await?.into_inner();
    ensure!(!told.exists && told.ts == 0);

    let ask = |end: &str, limit| pb::ScanRequest {
        start_key: "large/".into(),
        end_key: end.to_owned().into(),
        limit,
    };
    let refusal = Refusal::from(match client.transactional_kv().scan(ask("large0", 0)).await {
        Ok(_) => bail!("it fits"),
        Err(status) => status,
    });
    ensure!(refusal.is("ScanTooLarge"), "{refusal}");
    let two = client.transactional_kv().scan(ask("large0", 2)).await?.into_inner();
    ensure!(two.kvs.len() == 2 && two.kvs.iter().all(|kv| kv.error.is_none()));
    cluster.finish().await
}
