//! Certificates that are replaced while clients write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::authority::{Subject, put};
use elastickv_tests::client::Client;
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};
use tokio_rustls::TlsConnector;

/// Far more than is written while nothing is replaced at all.
const FEWEST_WRITES: u64 = 200;
/// The first certificates count for an hour, those that replace them for two.
const LONGER: i64 = 7200;

/// Long enough that a busy machine causes no election: one would fail requests by itself.
const CALM: Duration = Duration::from_secs(5);

/// What a writer tells of itself.
#[derive(Default)]
struct Progress {
    over: AtomicBool,
    written: AtomicU64,
    connections: AtomicU64,
}

/// Writes through a node until it is told to end; each few writes by a new connection. Any refusal ends it.
async fn write(cluster: &Cluster, place: Place, progress: &Progress) -> Result<()> {
    let authority = cluster.authority()?;
    let dialer = authority.dialer(Some(authority.owner()))?;
    let address = cluster.node(place).address.to_string();
    let kept = Client::sealed(&address, &dialer)?;
    let mut number = 0_u64;
    while !progress.over.load(Ordering::SeqCst) {
        let fresh = Client::sealed(&address, &dialer)?;
        progress.connections.fetch_add(1, Ordering::SeqCst);
        for client in [&fresh, &kept, &kept] {
            let key = Bytes::from(format!("{address}/{number}"));
            client
                .put(key, "value".into(), Bytes::new())
                .await
                .with_context(|| format!("write {number} through {address}"))?;
            number += 1;
            progress.written.fetch_add(1, Ordering::SeqCst);
        }
    }
    Ok(())
}

/// The certificate that a node shows now.
async fn shown(cluster: &Cluster, node: &Node) -> Result<Vec<u8>> {
    let config = cluster.authority()?.pages(None)?;
    let stream = tokio::net::TcpStream::connect(node.http_address).await?;
    let name = rustls::pki_types::ServerName::IpAddress(node.http_address.ip().into());
    let stream = TlsConnector::from(config).connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    Ok(session.peer_certificates().and_then(<[_]>::first).context("it shows none")?.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_replaced_under_load_without_a_failed_request() -> Result<()> {
    let cluster = Plan::new("replaced").with_doors().election_timeout(CALM).start().await?;
    let progress = Arc::new(Progress::default());
    let (first, second, third) =
        tokio::join!(write(&cluster, Place(0), &progress), write(&cluster, Place(1), &progress), async {
            let replaced = replace_all(&cluster).await;
            progress.over.store(true, Ordering::SeqCst);
            replaced
        });
    third?;
    first?;
    second?;
    let (written, connections) =
        (progress.written.load(Ordering::SeqCst), progress.connections.load(Ordering::SeqCst));
    println!("{written} writes over {connections} connections, none failed; 3 certificates replaced");
    ensure!(written >= FEWEST_WRITES, "only {written} writes");
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

async fn replace_all(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    for node in cluster.nodes() {
        let before = shown(cluster, node).await?;
        // Something that is no certificate is kept out, and the old one goes on.
        let file = authority.dir().join(format!("{}.crt", node.name));
        put(&file, b"no certificate\n")?;
        wait::until_true("the bad certificate to be refused", PATIENCE, || async {
            node.process.log().contains("new certificates are not taken over")
        })
        .await?;
        ensure!(shown(cluster, node).await? == before, "{} shows another certificate", node.name);
        authority.issue(&node.name, &Subject::node(&node.name).valid(-3600..LONGER))?;
        wait::until_true("the new certificate to be shown", PATIENCE, || async {
            shown(cluster, node).await.is_ok_and(|now| now != before)
        })
        .await?;
        // Members use it towards each other as well, as long as some of it is left to be seen.
        tokio::time::timeout(Duration::from_secs(30), cluster.settle(PATIENCE)).await??;
    }
    Ok(())
}
