//! Certificates that are replaced while clients write, and then the authority, by one that `elastickv-admin certs` makes.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::authority::{OWNER, Subject, put};
use elastickv_tests::client::Client;
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;
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
    replace_authority(&cluster).await?;
    cluster.finish().await
}

/// What the operator's program makes, for the same names.
struct Made {
    dir: PathBuf,
}

impl Made {
    fn new(cluster: &Cluster) -> Result<Self> {
        let made = Self { dir: cluster.scratch().join("made") };
        made.certs(&["ca"])?;
        for node in cluster.nodes() {
            made.certs(&["node", &node.name, "--host", "127.0.0.1", "--host", "localhost"])?;
        }
        made.certs(&["client", OWNER])?;
        Ok(made)
    }

    fn certs(&self, words: &[&str]) -> Result<()> {
        let mut command = Command::new(workspace::admin()?);
        let output = command.arg("certs").args(words).arg("--dir").arg(&self.dir).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        Ok(std::fs::read(self.dir.join(name))?)
    }
}

/// Does something to files, and waits until every one of the nodes has taken them over.
async fn taken_over(nodes: &[Node], replace: impl FnOnce() -> Result<()>) -> Result<()> {
    let count = |node: &Node| node.process.log().matches("new certificates are in use").count();
    let before: Vec<usize> = nodes.iter().map(count).collect();
    replace()?;
    for (node, before) in nodes.iter().zip(before) {
        wait::until_true("the new files to be in use", PATIENCE, || async { count(node) > before }).await?;
    }
    Ok(())
}

/// As the guide has it: both authorities, then new certificates, then the old authority out. Nobody is restarted.
async fn replace_authority(cluster: &Cluster) -> Result<()> {
    let (authority, made) = (cluster.authority()?, Made::new(cluster)?);
    let address = cluster.nodes()[0].address.to_string();
    let old = Client::sealed(&address, &authority.dialer(Some(authority.owner()))?)?;
    old.describe().await?;

    let (ca, new) = (authority.certificate(), made.read("ca.crt")?);
    let both = [std::fs::read(&ca)?, new.clone()].concat();
    taken_over(cluster.nodes(), || put(&ca, &both)).await?;
    old.describe().await?;
    for node in cluster.nodes() {
        let name = &node.name;
        taken_over(std::slice::from_ref(node), || {
            put(&authority.dir().join(format!("{name}.key")), &made.read(&format!("{name}.key"))?)?;
            put(&authority.dir().join(format!("{name}.crt")), &made.read(&format!("{name}.crt"))?)
        })
        .await?;
    }
    put(&authority.owner().key, &made.read("owner.key")?)?;
    put(&authority.owner().certificate, &made.read("owner.crt")?)?;
    taken_over(cluster.nodes(), || put(&ca, &new)).await?;

    let refusal = old.describe().await.err().context("a connection outlives its authority")?;
    ensure!(refusal.message.contains("has been taken out"), "{refusal}");
    for node in cluster.nodes() {
        let client = Client::sealed(&node.address.to_string(), &authority.dialer(Some(authority.owner()))?)?;
        // It takes a majority, and with it members that let in each other.
        wait::until("a write under the new authority", PATIENCE, || async {
            Ok(client.put(node.name.clone().into(), "value".into(), Bytes::new()).await.map(drop)?)
        })
        .await?;
    }
    println!("another authority, in three steps; a connection of the one before is refused");
    Ok(())
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
