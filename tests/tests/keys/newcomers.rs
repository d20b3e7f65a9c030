//! Nodes that come to a cluster later, or were away for long: nothing that the cluster has sealed is ever clear on them.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto::DekPurpose;
use elastickv_tests::canaries::{Canary, Found, Search};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Stale;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::plant::Directory;

const CANARIES: usize = 200;
const AT_ONCE: usize = 16;
const RECEIVED: &str = "a snapshot is received";

/// Random values under numbered keys.
struct Written {
    prefix: &'static str,
    values: Vec<Canary>,
}

fn key(prefix: &str, number: usize) -> Bytes {
    format!("{prefix}/{number:04}").into()
}

async fn leader(cluster: &Cluster) -> Result<Client> {
    Ok(cluster.node(cluster.leader(PATIENCE).await?).client())
}

impl Written {
    async fn new(cluster: &Cluster, prefix: &'static str) -> Result<Self> {
        let client = leader(cluster).await?;
        let values: Vec<Canary> = (0..CANARIES).map(|_| rand::random()).collect();
        let puts = values.iter().enumerate().map(|(number, value)| {
            let (key, value) = (key(prefix, number), Bytes::copy_from_slice(value));
            let client = &client;
            async move { client.put(key, value, Bytes::new()).await.map(drop) }
        });
        stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(Self { prefix, values })
    }

    /// Demands that a node has all of it.
    async fn is_at(&self, cluster: &Cluster, place: Place) -> Result<()> {
        let node = cluster.node(place);
        wait::until(&format!("{} has what was written {}", node.name, self.prefix), PATIENCE, || async {
            for (number, value) in self.values.iter().enumerate() {
                let found = node.client().get(key(self.prefix, number), Stale).await?;
                ensure!(found.as_deref() == Some(value), "value {number} is not there");
            }
            Ok(())
        })
        .await
    }

    /// How much of it can be read off a node's files.
    fn readable(&self, cluster: &Cluster, place: Place) -> Result<Found> {
        Search::of(&self.values)?.below(&cluster.node(place).data_dir)
    }
}

/// Makes a new node a learner; it may leave out a rule of its own.
async fn join(cluster: &mut Cluster, without: Option<&str>) -> Result<Place> {
    let members: Vec<Place> =
        cluster.nodes().iter().filter(|node| node.runs()).map(|node| node.place).collect();
    let place = cluster.add_waiting_node().await?;
    cluster.node(place).process.change(|recipe| {
        recipe.arguments.retain(|given| !given.to_string_lossy().starts_with("--testing-without="));
        recipe.arguments.extend(without.map(|rule| format!("--testing-without={rule}").into()));
    });
    cluster.start(place)?;
    cluster.add_learner(&members, place).await?;
    Ok(place)
}

/// What the registry and the others say of a node that has caught up: it is like everybody else.
async fn is_like_the_others(cluster: &Cluster, place: Place) -> Result<()> {
    let leader = cluster.settle(PATIENCE).await?;
    wait::until("the node to seal under the keys that are active", PATIENCE, || async {
        let of_leader = cluster.node(leader).client().encryption_status().await?.facts.unwrap_or_default();
        let facts = cluster.node(place).client().encryption_status().await?.facts.unwrap_or_default();
        ensure!(facts.control_index == of_leader.control_index, "{:?}", facts.control_index);
        ensure!(facts.fingerprint == of_leader.fingerprint, "their keys differ at one index");
        for key in &facts.keys {
            ensure!(key.open, "key {} is not open there", key.key_id);
            ensure!(key.registered_epoch == Some(key.local_epoch), "{} is not registered", key.key_id);
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_a_sealed_cluster_never_has_anything_in_clear_and_who_joins_earlier_is_as_the_others_are()
-> Result<()> {
    let mut cluster = Plan::new("join-stages").encrypted().start().await?;
    let clear = Written::new(&cluster, "clear").await?;
    let mut joined = vec![join(&mut cluster, None).await?];
    leader(&cluster).await?.bootstrap_encryption(Default::default()).await?;
    let bootstrapped = Written::new(&cluster, "bootstrapped").await?;
    joined.push(join(&mut cluster, None).await?);
    leader(&cluster).await?.enable_storage().await?;
    let rows = Written::new(&cluster, "rows").await?;
    joined.push(join(&mut cluster, None).await?);
    leader(&cluster).await?.enable_raft().await?;
    let entries = Written::new(&cluster, "entries").await?;
    joined.push(join(&mut cluster, None).await?);
    let members = cluster.places();
    cluster.promote(&members, joined[2]).await?;
    cluster.promote(&members, joined[3]).await?;
    let last = Written::new(&cluster, "last").await?;
    for &place in &joined {
        for written in [&clear, &bootstrapped, &rows, &entries, &last] {
            written.is_at(&cluster, place).await?;
        }
        is_like_the_others(&cluster, place).await?;
    }
    cluster.digests_agree().await?;
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    for (place, stage) in joined.into_iter().zip(["clear", "bootstrapped", "rows sealed", "entries sealed"]) {
        let found = |written: &Written| anyhow::Ok(written.readable(&cluster, place)?.canaries());
        let found = [&clear, &bootstrapped, &rows, &entries, &last].map(found);
        let [clear, bootstrapped, rows, entries, last] = found;
        let found = [clear?, bootstrapped?, rows?, entries?, last?];
        println!("joined {stage}: readable {found:?} of {CANARIES} each");
        let sealed_since = stage.ends_with("sealed");
        let expected = if sealed_since { [0, 0] } else { [CANARIES; 2] };
        ensure!(found[..2] == expected, "{stage}: {found:?}");
        // Entries were clear until the second cutover; who came after it never saw one.
        ensure!(found[3..] == [0, 0], "{stage}: {found:?}");
        ensure!(stage != "entries sealed" || found[2] == 0, "{stage}: {found:?}");
    }
    cluster.finish().await
}

/// A leader may have its whole log when somebody joins: it did not hear that it was to drop it. Then the newcomer makes it.
/// The control is a newcomer that takes what it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_takes_no_entry_before_its_first_snapshot() -> Result<()> {
    let plan = Plan::new("first-snapshot").encrypted();
    let mut cluster = plan.setting("testing-without", "snapshot-for-newcomers").start().await?;
    let clear = Written::new(&cluster, "clear").await?;
    leader(&cluster).await?.enable_storage().await?;
    leader(&cluster).await?.enable_raft().await?;
    let sealed = Written::new(&cluster, "sealed").await?;
    let careless = join(&mut cluster, Some("first-snapshot")).await?;
    // It comes no further: it can not seal before it has applied its registration, which stands behind what it is to seal.
    clear.is_at(&cluster, careless).await?;
    ensure!(cluster.kill(&[careless])? == 1);
    let careful = join(&mut cluster, None).await?;
    sealed.is_at(&cluster, careful).await?;
    clear.is_at(&cluster, careful).await?;
    is_like_the_others(&cluster, careful).await?;
    ensure!(!cluster.node(careless).process.log().contains(RECEIVED), "the control began with a snapshot");
    ensure!(cluster.node(careful).process.log().contains(RECEIVED), "it began without a snapshot");
    ensure!(cluster.terminate(careful).await?.success());
    let (control, found) = (clear.readable(&cluster, careless)?, clear.readable(&cluster, careful)?);
    println!("without the rule: {control}\nwith it: {found}");
    ensure!(control.canaries() == CANARIES, "the control has to find them: {control}");
    ensure!(found.canaries() == 0, "{found}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_slept_through_rotations_and_a_purge_comes_back_by_a_snapshot() -> Result<()> {
    let cluster = Plan::new("slept").encrypted().start().await?;
    leader(&cluster).await?.enable_storage().await?;
    leader(&cluster).await?.enable_raft().await?;
    let before = Written::new(&cluster, "before").await?;
    let sleeper = cluster.others(cluster.leader(PATIENCE).await?)[0];
    before.is_at(&cluster, sleeper).await?;
    ensure!(cluster.terminate(sleeper).await?.success());
    for prefix in ["first", "second"] {
        for purpose in [DekPurpose::Storage, DekPurpose::Raft] {
            // One that does not answer is waited for.
            leader(&cluster).await?.with_deadline(PATIENCE).rotate(purpose).await?;
        }
        Written::new(&cluster, prefix).await?;
    }
    let last = Written::new(&cluster, "last").await?;
    for &place in &cluster.others(sleeper) {
        cluster.node(place).client().snapshot(true).await?;
    }
    cluster.start(sleeper)?;
    is_like_the_others(&cluster, sleeper).await?;
    for written in [&before, &last] {
        written.is_at(&cluster, sleeper).await?;
    }
    cluster.digests_agree().await?;
    ensure!(cluster.node(sleeper).process.log().contains(RECEIVED), "it came back without a snapshot");
    let sidecar = Directory::of(cluster.node(sleeper)).sidecar()?;
    ensure!(sidecar.keys.len() == 6, "{} keys", sidecar.keys.len());
    let active = [sidecar.active.storage, sidecar.active.raft];
    ensure!(
        active.iter().all(|key| sidecar.keys[key].epoch.get() == 0),
        "they begin with their first epochs"
    );
    cluster.finish().await
}
