//! Three etcd servers with their default settings, and the few messages of their API that a load needs.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use elastickv_tests::debian;
use elastickv_tests::process::{Process, Recipe};
use elastickv_tests::scratch::Scratch;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{http, ports};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use crate::fsyncs::Strace;
use crate::metrics::{self, Timings};
use crate::place::Place;
use crate::store::Watch;

const NODES: usize = 3;
const PUT: &str = "/etcdserverpb.KV/Put";
const RANGE: &str = "/etcdserverpb.KV/Range";
const STATUS: &str = "/etcdserverpb.Maintenance/Status";

/// A commit of its store syncs the pages, then the page that makes them count.
const SYNCS_PER_COMMIT: f64 = 2.0;

#[derive(Clone, PartialEq, prost::Message)]
struct PutRequest {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    value: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PutResponse {
    #[prost(message, optional, tag = "1")]
    header: Option<ResponseHeader>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ResponseHeader {
    #[prost(uint64, tag = "2")]
    member_id: u64,
    #[prost(int64, tag = "3")]
    revision: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RangeRequest {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RangeResponse {
    #[prost(message, repeated, tag = "2")]
    kvs: Vec<KeyValue>,
    #[prost(int64, tag = "4")]
    count: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct KeyValue {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    value: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StatusRequest {}

#[derive(Clone, PartialEq, prost::Message)]
struct StatusResponse {
    #[prost(message, optional, tag = "1")]
    header: Option<ResponseHeader>,
    #[prost(uint64, tag = "4")]
    leader: u64,
}

pub async fn put(channel: Channel, key: Bytes, value: Bytes) -> Result<()> {
    let answer: PutResponse = call(channel, PUT, PutRequest { key, value }).await?;
    answer.header.map(|_| ()).context("etcd answered without a header")
}

pub async fn get(channel: Channel, key: Bytes) -> Result<bool> {
    let answer: RangeResponse = call(channel, RANGE, RangeRequest { key }).await?;
    Ok(answer.kvs.first().is_some_and(|found| !found.value.is_empty()))
}

async fn call<Q, A>(channel: Channel, path: &'static str, request: Q) -> Result<A>
where
    Q: prost::Message + Send + Sync + 'static,
    A: prost::Message + Default + Send + Sync + 'static,
{
    let mut grpc = Grpc::new(channel);
    grpc.ready().await?;
    let codec: ProstCodec<Q, A> = ProstCodec::default();
    Ok(grpc.unary(tonic::Request::new(request), PathAndQuery::from_static(path), codec).await?.into_inner())
}

#[derive(Debug)]
struct Node {
    address: String,
    process: Process,
}

/// The running servers.
#[derive(Debug)]
pub struct Etcd {
    nodes: Vec<Node>,
    strace: Option<Strace>,
    _scratch: Scratch,
}

/// What `etcd --version` says first.
pub fn version() -> Result<String> {
    debian::ensure("etcd", "etcd-server")?;
    let told = Command::new("etcd").arg("--version").output().context("cannot run etcd")?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

impl Etcd {
    pub async fn start(place: &Place, watch: Watch) -> Result<Self> {
        debian::ensure("etcd", "etcd-server")?;
        let scratch = Scratch::under(&place.path, "etcd")?;
        let strace = (watch == Watch::Strace).then(|| Strace::into(scratch.path()));
        let mut etcd = Self { nodes: Vec::new(), strace, _scratch: scratch };
        etcd.plan()?;
        etcd.nodes.iter().try_for_each(|node| node.process.start())?;
        etcd.leader().await?;
        Ok(etcd)
    }

    fn plan(&mut self) -> Result<()> {
        let peers = (0..NODES).map(|_| ports::free()).collect::<Result<Vec<_>>>()?;
        let name = |number: usize| format!("e{}", number + 1);
        let members: Vec<_> =
            peers.iter().enumerate().map(|(n, peer)| format!("{}=http://{peer}", name(n))).collect();
        for (number, peer) in peers.iter().enumerate() {
            let client = ports::free()?;
            let data_dir = self._scratch.path().join(name(number));
            let arguments = [
                format!("--name={}", name(number)),
                format!("--data-dir={}", data_dir.display()),
                format!("--listen-client-urls=http://{client}"),
                format!("--advertise-client-urls=http://{client}"),
                format!("--listen-peer-urls=http://{peer}"),
                format!("--initial-advertise-peer-urls=http://{peer}"),
                format!("--initial-cluster={}", members.join(",")),
                "--initial-cluster-token=bench".to_owned(),
                "--initial-cluster-state=new".to_owned(),
            ];
            let mut recipe = Recipe {
                name: name(number),
                binary: "etcd".into(),
                arguments: arguments.map(Into::into).into(),
                environment: Vec::new(),
                log: self._scratch.path().join(format!("{}.log", name(number))),
            };
            if let Some(strace) = &self.strace {
                strace.wrap(&mut recipe);
            }
            self.nodes.push(Node { address: client.to_string(), process: Process::new(recipe) });
        }
        Ok(())
    }

    pub async fn leader(&self) -> Result<String> {
        wait::until("etcd to elect a leader", PATIENCE, || async {
            for node in &self.nodes {
                if let Some(status) = node.process.ended() {
                    let end = format!("etcd ended with {status}\n{}", node.process.tail());
                    return Err(wait::Hopeless(end).into());
                }
                let endpoint = Endpoint::from_shared(format!("http://{}", node.address))?;
                let channel = endpoint.timeout(Duration::from_secs(2)).connect().await?;
                let status: StatusResponse = call(channel, STATUS, StatusRequest {}).await?;
                let itself = status.header.context("no header")?.member_id;
                if status.leader != 0 && status.leader == itself {
                    return Ok(node.address.clone());
                }
            }
            Err(anyhow!("nobody leads"))
        })
        .await
    }

    pub fn processes(&self) -> Vec<u32> {
        self.nodes.iter().filter_map(|node| node.process.id()).collect()
    }

    pub async fn syncs(&self) -> Result<u64> {
        let mut syncs = 0.0;
        for node in &self.nodes {
            let page = http::get(&node.address, "/metrics").await?;
            let count =
                |name: &str| metrics::value(&page.body, name).with_context(|| format!("etcd has no {name}"));
            syncs += count("etcd_disk_wal_fsync_duration_seconds_count")?;
            syncs += SYNCS_PER_COMMIT * count("etcd_disk_backend_commit_duration_seconds_count")?;
        }
        Ok(syncs as u64)
    }

    pub async fn timings(&self) -> Result<Timings> {
        let page = http::get(&self.leader().await?, "/metrics").await?;
        Ok(metrics::timings(&page.body, "etcd_disk_"))
    }

    pub async fn end(self) -> Result<Option<u64>> {
        for node in &self.nodes {
            // etcd ends by the signal it was sent.
            node.process.terminate(PATIENCE).await?;
        }
        let Some(strace) = &self.strace else { return Ok(None) };
        let counted = strace.counted().await?;
        if counted == 0 {
            bail!("strace saw no sync at all");
        }
        Ok(Some(counted))
    }
}
