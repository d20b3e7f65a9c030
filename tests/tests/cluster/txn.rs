//! Transactions, conditions, lives of values and reads of a moment, through whichever node they come.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_proto::v1;
use elastickv_proto::v1::condition::Expected;
use elastickv_proto::v1::mutation::Change;
use elastickv_proto::v1::txn_client::TxnClient;
use elastickv_tests::client::{Client, Consistency, Refusal};
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use pb::distribution_client::DistributionClient;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};

/// A node that does not lead, and the same call through the leader.
async fn follower(cluster: &Cluster) -> Result<&Node> {
    let leader = cluster.leader(PATIENCE).await?;
    Ok(cluster.node(cluster.others(leader)[0]))
}

fn txn(client: &Client) -> TxnClient<Channel> {
    TxnClient::new(client.channel()).max_decoding_message_size(64 << 20)
}

fn answer<T>(result: Result<Response<T>, Status>) -> Result<T, Refusal> {
    result.map(Response::into_inner).map_err(Refusal::from)
}

async fn begin(client: &Client, at: u64) -> Result<u64, Refusal> {
    Ok(answer(txn(client).begin(v1::BeginRequest { at }).await)?.ts)
}

async fn commit(client: &Client, request: v1::CommitRequest) -> Result<v1::CommitResponse, Refusal> {
    answer(txn(client).commit(request).await)
}

async fn read(client: &Client, ts: u64, keys: &[&str]) -> Result<Vec<v1::ReadResult>, Refusal> {
    let keys = keys.iter().map(|key| Bytes::copy_from_slice(key.as_bytes())).collect();
    Ok(answer(txn(client).read(v1::ReadRequest { ts, keys }).await)?.results)
}

fn mutation(key: &str, change: Change) -> v1::Mutation {
    v1::Mutation { key: key.to_owned().into(), change: Some(change), ttl_ms: 0, expire_at: 0 }
}

fn put(key: &str, value: &str) -> v1::Mutation {
    mutation(key, Change::Put(value.to_owned().into()))
}

fn delete(key: &str) -> v1::Mutation {
    mutation(key, Change::Delete(v1::Delete {}))
}

fn writing(mutations: Vec<v1::Mutation>) -> v1::CommitRequest {
    v1::CommitRequest { mutations, ..v1::CommitRequest::default() }
}

fn on_condition(key: &str, expected: Expected, mutations: Vec<v1::Mutation>) -> v1::CommitRequest {
    let condition = v1::Condition { key: key.to_owned().into(), expected: Some(expected) };
    v1::CommitRequest { conditions: vec![condition], ..writing(mutations) }
}

fn values(results: &[v1::ReadResult]) -> Vec<Option<&[u8]>> {
    results.iter().map(|result| result.found.then_some(&result.value[..])).collect()
}

/// What was refused, by name; an answer is a failure of the test.
fn refused<T>(result: Result<T, Refusal>) -> Result<Refusal> {
    match result {
        Ok(_) => bail!("it was not refused"),
        Err(refusal) => Ok(refusal),
    }
}

/// A request id as clients draw it, of this moment.
fn request_id(last: u8) -> Result<Bytes> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis() as u64;
    let mut id = [0; 16];
    id[..6].copy_from_slice(&now.to_be_bytes()[2..]);
    id[6] = 0x70;
    id[8] = 0x80;
    id[15] = last;
    Ok(Bytes::copy_from_slice(&id))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_transactions_over_the_same_keys_one_conflicts() -> Result<()> {
    let cluster = Plan::new("txn-conflict").start().await?;
    let node = follower(&cluster).await?;
    let (first, second) = (node.client(), cluster.node(cluster.leader(PATIENCE).await?).client());
    commit(&first, writing(vec![put("a", "1"), put("b", "1")])).await?;

    // Each reads both keys and writes the other one: with writes alone compared, both would pass.
    let (one, two) = (begin(&first, 0).await?, begin(&second, 0).await?);
    ensure!(values(&read(&first, one, &["a", "b"]).await?) == [Some(&b"1"[..]), Some(b"1")]);
    ensure!(values(&read(&second, two, &["a", "b", "c"]).await?) == [Some(&b"1"[..]), Some(b"1"), None]);
    let skewed = |start_ts, key| v1::CommitRequest {
        start_ts,
        read_keys: vec!["a".into(), "b".into()],
        ..writing(vec![put(key, "0")])
    };
    let done = commit(&first, skewed(one, "a")).await?;
    ensure!(done.commit_ts > one && done.index > 0 && !done.already_applied);
    let refusal = refused(commit(&second, skewed(two, "b")).await)?;
    ensure!(refusal.is("Conflict") && refusal.code == Code::Aborted, "{refusal}");
    ensure!(refusal.metadata["key"] == "61", "{:?}", refusal.metadata);
    ensure!(refusal.metadata["commit_ts"] == done.commit_ts.to_string());
    ensure!(!refusal.message.contains('a') || !refusal.message.contains("\"a\""), "{}", refusal.message);
    ensure!(values(&read(&first, 0, &["a", "b"]).await?) == [Some(&b"0"[..]), Some(b"1")]);

    // Read again, it passes.
    let again = begin(&second, 0).await?;
    commit(&second, skewed(again, "b")).await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_appears_in_a_range_that_was_read_is_a_conflict() -> Result<()> {
    let cluster = Plan::new("txn-phantom").start().await?;
    let client = follower(&cluster).await?.client();
    commit(&client, writing(vec![put("room/1", "ada"), put("table", "x")])).await?;
    let range = v1::KeyRange { start: "room/".into(), end: "room0".into() };
    let booking = |start_ts, mutation| v1::CommitRequest {
        start_ts,
        read_ranges: vec![range.clone()],
        ..writing(vec![mutation])
    };

    let start = begin(&client, 0).await?;
    let scan = v1::ScanRequest { ts: start, range: Some(range.clone()), ..v1::ScanRequest::default() };
    let page = answer(txn(&client).scan(scan).await)?;
    ensure!(page.pairs.len() == 1 && page.next_token.is_empty() && page.ts == start);
    // Beside the range nothing conflicts; a new key in it does, and so does one that vanished from it.
    commit(&client, writing(vec![put("room0", "not in it"), put("table", "y")])).await?;
    commit(&client, booking(start, put("room/2", "bob"))).await.context("nothing came into the range")?;
    let refusal = refused(commit(&client, booking(start, put("room/3", "eve"))).await)?;
    ensure!(refusal.is("Conflict") && refusal.metadata["key"] == "726f6f6d2f32", "{refusal}");
    let start = begin(&client, 0).await?;
    commit(&client, writing(vec![delete("room/1")])).await?;
    ensure!(refused(commit(&client, booking(start, put("room/3", "eve"))).await)?.is("Conflict"));
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_on_a_condition_takes_effect_only_if_it_holds() -> Result<()> {
    let cluster = Plan::new("txn-conditions").start().await?;
    let client = follower(&cluster).await?.client();
    let absent = || Expected::Absent(v1::Absent {});
    let exists = || Expected::Exists(v1::Exists {});

    let refusal = refused(commit(&client, on_condition("k", exists(), vec![put("k", "0")])).await)?;
    ensure!(refusal.is("ConditionFailed") && refusal.code == Code::FailedPrecondition, "{refusal}");
    let first = commit(&client, on_condition("k", absent(), vec![put("k", "1")])).await?;
    let refusal = refused(commit(&client, on_condition("k", absent(), vec![put("k", "2")])).await)?;
    ensure!(refusal.is("ConditionFailed") && refusal.metadata["commit_ts"] == first.commit_ts.to_string());
    let version = Expected::Version(first.commit_ts);
    let second = commit(&client, on_condition("k", version, vec![put("k", "3")])).await?;
    let refusal = refused(commit(&client, on_condition("k", version, vec![put("other", "4")])).await)?;
    ensure!(refusal.is("ConditionFailed") && refusal.metadata["key"] == "6b");
    commit(&client, on_condition("k", exists(), vec![delete("k")])).await?;
    commit(&client, on_condition("k", absent(), vec![put("k", "5")])).await.context("deleted is absent")?;
    let now = read(&client, 0, &["k", "other"]).await?;
    ensure!(values(&now) == [Some(&b"5"[..]), None] && now[0].commit_ts > second.commit_ts);

    // Many at once, all of whom expect nothing there: one gets it.
    let nodes: Vec<Client> = cluster.nodes().iter().map(Node::client).collect();
    let racers = (0..12).map(|racer| {
        let client = nodes[racer % nodes.len()].clone();
        async move {
            let name = format!("racer {racer}");
            commit(&client, on_condition("flag", absent(), vec![put("flag", &name)])).await
        }
    });
    let ends = futures_util::future::join_all(racers).await;
    let won = ends.iter().filter(|end| end.is_ok()).count();
    ensure!(won == 1, "{won} of {} took it", ends.len());
    for end in ends.into_iter().filter_map(Result::err) {
        ensure!(end.is("ConditionFailed") || end.is("Conflict"), "{end}");
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_gone_when_its_life_is_over_and_stays_readable_as_of_before() -> Result<()> {
    let cluster = Plan::new("txn-ttl").start().await?;
    let client = follower(&cluster).await?.client();
    let mut living = put("short", "life");
    living.ttl_ms = 1_500;
    let done = commit(&client, writing(vec![living.clone(), put("long", "life")])).await?;
    let seen = read(&client, 0, &["short", "long"]).await?;
    ensure!(values(&seen) == [Some(&b"life"[..]), Some(b"life")], "its life has only begun");
    let over = seen[0].expire_at;
    ensure!(seen[1].expire_at == 0 && over >= done.commit_ts >> 16 && over <= (done.commit_ts >> 16) + 1_500);
    wait::until("the end of its life", PATIENCE, || async {
        let now = read(&client, 0, &["short", "long"]).await?;
        ensure!(values(&now) == [None, Some(&b"life"[..])]);
        Ok(())
    })
    .await?;
    ensure!(begin(&client, 0).await? >> 16 >= over, "it was not over before its time");
    let before = read(&client, done.commit_ts, &["short"]).await?;
    ensure!(values(&before) == [Some(&b"life"[..])], "a moment shows what it always showed");
    let absent = Expected::Absent(v1::Absent {});
    commit(&client, on_condition("short", absent, vec![put("short", "again")]))
        .await
        .context("over is absent")?;

    living.expire_at = over;
    let refusal = refused(commit(&client, writing(vec![living])).await)?;
    ensure!(refusal.is("BadExpiry") && refusal.code == Code::InvalidArgument, "{refusal}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_shows_the_same_whenever_and_wherever_it_is_read() -> Result<()> {
    let cluster = Plan::new("txn-moments").start().await?;
    let client = follower(&cluster).await?.client();
    let mut moments = BTreeMap::new();
    for number in 0..5 {
        let value = number.to_string();
        let done = commit(&client, writing(vec![put("k", &value), put("twin", &value)])).await?;
        moments.insert(done.commit_ts, value);
    }
    commit(&client, writing(vec![delete("k")])).await?;
    let between = begin(&client, 0).await?;
    commit(&client, writing(vec![put("k", "last")])).await?;
    for node in cluster.nodes() {
        for (&ts, value) in &moments {
            ensure!(begin(&node.client(), ts).await? == ts);
            let seen = read(&node.client(), ts, &["k", "twin"]).await?;
            let wanted = Some(value.as_bytes());
            ensure!(values(&seen) == [wanted, wanted], "{} at {ts}", node.name);
        }
        ensure!(values(&read(&node.client(), between, &["k"]).await?) == [None]);
    }

    let history = |from, limit| v1::HistoryRequest { key: "k".into(), from, limit };
    let all = answer(txn(&client).history(history(0, 0)).await)?;
    let told: Vec<(&[u8], bool)> = all.versions.iter().map(|one| (&one.value[..], one.deleted)).collect();
    let wanted: [(&[u8], bool); 7] = [
        (b"last", false),
        (b"", true),
        (b"4", false),
        (b"3", false),
        (b"2", false),
        (b"1", false),
        (b"0", false),
    ];
    ensure!(told == wanted && all.next_from == 0, "{told:?}");
    let (mut paged, mut from) = (Vec::new(), 0);
    loop {
        let page = answer(txn(&client).history(history(from, 2)).await)?;
        ensure!(page.versions.len() <= 2);
        paged.extend(page.versions);
        from = page.next_from;
        if from == 0 {
            break;
        }
    }
    ensure!(paged == all.versions, "pages make up the whole");

    let far = (begin(&client, 0).await?) + (3_600_000 << 16);
    for refusal in [refused(begin(&client, far).await)?, refused(read(&client, far, &["k"]).await)?] {
        ensure!(refusal.is("ReadInFuture") && refusal.code == Code::OutOfRange, "{refusal}");
        ensure!(refusal.metadata["value"] == far.to_string(), "{:?}", refusal.metadata);
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_to_be_read_is_refused_by_name() -> Result<()> {
    let cluster = Plan::new("txn-compacted").setting("gc-retention", "1s").start().await?;
    let client = follower(&cluster).await?.client();
    let first = commit(&client, writing(vec![put("k", "old")])).await?.commit_ts;
    wait::until("the moment to be too old", PATIENCE, || async {
        commit(&client, writing(vec![put("k", "new")])).await?;
        let refusal = refused(read(&client, first, &["k"]).await)?;
        ensure!(refusal.is("ReadTimestampCompacted") && refusal.code == Code::OutOfRange, "{refusal}");
        let oldest: u64 = refusal.metadata["limit"].parse()?;
        ensure!(oldest > first, "{oldest}");
        Ok(())
    })
    .await?;
    let stale =
        v1::CommitRequest { start_ts: first, read_keys: vec!["k".into()], ..writing(vec![put("k", "x")]) };
    ensure!(refused(commit(&client, stale).await)?.is("ReadTimestampCompacted"));
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_scan_comes_in_pages_of_one_moment_through_a_follower() -> Result<()> {
    const PAIRS: usize = 24;
    let cluster = Plan::new("txn-paging").start().await?;
    let client = follower(&cluster).await?.client();
    let value = "x".repeat(1 << 20);
    for number in 0..PAIRS {
        commit(&client, writing(vec![put(&format!("page/{number:02}"), &value)])).await?;
    }
    let range = Some(v1::KeyRange { start: "page/".into(), end: "page0".into() });
    for reverse in [false, true] {
        let first = v1::ScanRequest { range: range.clone(), reverse, ..v1::ScanRequest::default() };
        let (mut pages, mut keys, mut request) = (0, Vec::new(), first);
        loop {
            let page = answer(txn(&client).scan(request.clone()).await)?;
            ensure!(request.ts == 0 || page.ts == request.ts, "all pages are of one moment");
            ensure!(page.pairs.iter().map(|pair| pair.value.len()).sum::<usize>() <= 4 << 20);
            keys.extend(page.pairs.into_iter().map(|pair| String::from_utf8_lossy(&pair.key).into_owned()));
            pages += 1;
            if page.next_token.is_empty() {
                break;
            }
            (request.ts, request.token) = (page.ts, page.next_token);
            // What is written between two pages is of another moment.
            commit(&client, writing(vec![put("page/00-between", "y"), put("page/99", "z")])).await?;
        }
        let mut wanted: Vec<String> = (0..PAIRS).map(|number| format!("page/{number:02}")).collect();
        if reverse {
            wanted.reverse();
        }
        ensure!(keys == wanted && pages >= PAIRS / 4, "{pages} pages: {keys:?}");
        commit(&client, writing(vec![delete("page/00-between"), delete("page/99")])).await?;
    }

    // Many large values at once: as many as an answer holds, then the rest.
    let keys: Vec<Bytes> = (0..PAIRS).map(|number| format!("page/{number:02}").into()).collect();
    let some = answer(txn(&client).read(v1::ReadRequest { ts: 0, keys }).await)?;
    ensure!((1..PAIRS).contains(&some.results.len()) && some.results.iter().all(|one| one.found));

    let scan = |token: Bytes, reverse| v1::ScanRequest {
        range: range.clone(),
        token,
        reverse,
        ..Default::default()
    };
    let token = answer(txn(&client).scan(scan(Bytes::new(), false)).await)?.next_token;
    ensure!(refused(answer(txn(&client).scan(scan(token.slice(1..), false)).await))?.is("MalformedToken"));
    let refusal = refused(answer(txn(&client).scan(scan(token, true)).await))?;
    ensure!(refusal.is("MalformedToken") && refusal.code == Code::InvalidArgument, "{refusal}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_takes_effect_once() -> Result<()> {
    let cluster = Plan::new("txn-repeated").start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let client = follower(&cluster).await?.client();
    let id = request_id(1)?;
    let request = v1::CommitRequest { request_id: id.clone(), ..writing(vec![put("k", "once")]) };
    let first = commit(&client, request.clone()).await?;
    commit(&client, writing(vec![put("k", "later")])).await?;
    for node in cluster.nodes() {
        let again = commit(&node.client(), request.clone()).await?;
        ensure!(again == v1::CommitResponse { already_applied: true, ..first }, "{}", node.name);
    }
    ensure!(values(&read(&client, 0, &["k"]).await?) == [Some(&b"later"[..])], "it was not done again");

    // A write on a condition is known again as well, although by itself it has made the condition false.
    let absent = Expected::Absent(v1::Absent {});
    let taking = v1::CommitRequest {
        request_id: request_id(2)?,
        ..on_condition("seat", absent, vec![put("seat", "ada")])
    };
    let taken = commit(&client, taking.clone()).await?;
    let again = commit(&client, taking.clone()).await.context("its own effect is no reason to refuse it")?;
    ensure!(again == v1::CommitResponse { already_applied: true, ..taken });
    let start = begin(&client, 0).await?;
    let reading = v1::CommitRequest {
        start_ts: start,
        read_keys: vec!["seat".into()],
        request_id: request_id(3)?,
        ..writing(vec![put("seat", "bob")])
    };
    commit(&client, reading.clone()).await?;
    ensure!(commit(&client, reading).await?.already_applied, "nor is it a conflict with itself");

    // And after a change of leaders, and of everything that was in memory.
    cluster.kill(&[leader])?;
    cluster.start(leader)?;
    cluster.settle(PATIENCE).await?;
    ensure!(commit(&client, request).await? == v1::CommitResponse { already_applied: true, ..first });
    ensure!(commit(&client, taking).await?.already_applied);

    // RawKV goes by the same ids.
    let raw = request_id(4)?;
    let one = client.put("raw".into(), "1".into(), raw.clone()).await?;
    let two = client.put("raw".into(), "1".into(), raw.clone()).await?;
    ensure!(!one.already_applied && two.already_applied && one.commit_ts == two.commit_ts);
    ensure!(client.delete("raw".into(), raw).await?.already_applied, "an id names one write");
    ensure!(client.get("raw".into(), Consistency::Linearizable).await?.is_some());
    for bad in [vec![7; 15], vec![0; 16], id.iter().map(|byte| byte ^ 0x40).collect()] {
        let refusal = refused(client.put("raw".into(), "1".into(), bad.into()).await)?;
        ensure!(refusal.is("BadRequestId") && refusal.code == Code::InvalidArgument, "{refusal}");
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_deleted_page_by_page() -> Result<()> {
    let cluster = Plan::new("txn-delete-range").start().await?;
    let client = follower(&cluster).await?.client();
    for batch in 0..3 {
        let keys = (0..5_000).map(|number| put(&format!("gone/{batch}/{number:04}"), "x"));
        commit(&client, writing(keys.collect())).await?;
    }
    commit(&client, writing(vec![put("gone", "before"), put("gone0", "behind")])).await?;
    let (mut start, mut deleted, mut pages) = (Bytes::from_static(b"gone/"), 0, 0);
    loop {
        let range = Some(v1::KeyRange { start: start.clone(), end: "gone0".into() });
        let request = v1::DeleteRangeRequest { range, request_id: request_id(pages)? };
        let page = answer(txn(&client).delete_range(request.clone()).await)?;
        (deleted, pages) = (deleted + page.deleted, pages + 1);
        if !page.more {
            break;
        }
        let again = answer(txn(&client).delete_range(request).await)?;
        ensure!(!again.already_applied || again.next_start == start, "nothing is passed over");
        start = page.next_start;
    }
    ensure!(pages > 1, "one write does not hold that many");
    ensure!(deleted <= 15_000);
    let left = client.scan_all(Consistency::Linearizable).await?;
    let left: Vec<&[u8]> = left.iter().map(|(key, _)| &key[..]).collect();
    ensure!(left == [&b"gone"[..], b"gone0"], "{} keys are left", left.len());
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn timestamps_are_given_out_once_and_rise_across_nodes_and_leaders() -> Result<()> {
    let cluster = Plan::new("txn-timestamps").start().await?;
    let mut last = 0;
    for round in 0..3 {
        for node in cluster.nodes() {
            let mut service = DistributionClient::new(node.client().channel());
            let given = answer(service.get_timestamp(pb::GetTimestampRequest { count: 10 }).await)?;
            ensure!(given.timestamp > last && given.count == 10, "round {round}, {}", node.name);
            last = given.timestamp + 9;
        }
        let done = commit(&cluster.nodes()[0].client(), writing(vec![put("k", "v")])).await?;
        ensure!(done.commit_ts > last, "later commits are above what was given out");
        last = done.commit_ts;
        let leader = cluster.leader(PATIENCE).await?;
        cluster.kill(&[leader])?;
        cluster.start(leader)?;
        cluster.settle(PATIENCE).await?;
    }
    let mut service = DistributionClient::new(cluster.nodes()[0].client().channel());
    let refusal = refused(answer(service.get_timestamp(pb::GetTimestampRequest { count: u32::MAX }).await))?;
    ensure!(refusal.is("TooManyStamps") && refusal.metadata.contains_key("limit"), "{refusal}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_named_with_what_was_found() -> Result<()> {
    let cluster = Plan::new("txn-limits").nodes(1).start().await?;
    let client = cluster.nodes()[0].client();
    let many = (0..10_001).map(|number| put(&format!("{number}"), "")).collect();
    let refusal = refused(commit(&client, writing(many)).await)?;
    ensure!(refusal.is("TooManyMutations") && refusal.code == Code::InvalidArgument, "{refusal}");
    ensure!((&*refusal.metadata["limit"], &*refusal.metadata["value"]) == ("10000", "10001"));
    let large = vec![mutation("k", Change::Put(vec![0; (16 << 20) + 1].into()))];
    let refusal = refused(commit(&client, writing(large)).await)?;
    ensure!(refusal.is("ValueTooLarge") && refusal.metadata["limit"] == (16 << 20).to_string(), "{refusal}");
    let large = (0..3).map(|number| mutation(&number.to_string(), Change::Put(vec![0; 11 << 20].into())));
    ensure!(refused(commit(&client, writing(large.collect())).await)?.is("WriteTooLarge"));
    ensure!(refused(commit(&client, writing(vec![put("", "v")])).await)?.is("EmptyKey"));
    for broken in [
        v1::CommitRequest { read_keys: vec!["k".into()], ..writing(vec![put("k", "v")]) },
        writing(vec![v1::Mutation { change: None, ..put("k", "v") }]),
        v1::CommitRequest { conditions: vec![v1::Condition::default()], ..writing(vec![put("k", "v")]) },
        writing(vec![v1::Mutation { ttl_ms: 1, ..delete("k") }]),
    ] {
        ensure!(refused(commit(&client, broken).await)?.is("BadTransaction"));
    }
    // Far behind the limits, everything is well.
    let started = std::time::Instant::now();
    let most: Vec<_> = (0..10_000).map(|number| put(&format!("{number}"), "v")).collect();
    commit(&client, writing(most)).await?;
    ensure!(started.elapsed() < Duration::from_secs(30));
    cluster.finish().await
}
