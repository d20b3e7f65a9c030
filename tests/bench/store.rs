//! What the two stores have in common, seen from outside.

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use serde::Serialize;
use tonic::transport::Channel;

use crate::etcd::Etcd;
use crate::metrics::Timings;
use crate::ours::Ours;
use crate::place::Place;

/// Which store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Without encryption.
    Ours,
    /// The same servers, past both cutovers.
    Sealed,
    Etcd,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::Sealed => "sealed",
            Kind::Etcd => "etcd",
        }
    }
}

/// What the load does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    Put,
    /// Linearizable, of keys that exist.
    Get,
}

/// How its processes are started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watch {
    Plain,
    /// Under strace, which counts their syncs.
    Strace,
}

/// Three running nodes.
#[derive(Debug)]
pub enum Store {
    Ours(Ours),
    Etcd(Etcd),
}

impl Store {
    pub async fn start(kind: Kind, place: &Place, watch: Watch) -> Result<Self> {
        Ok(match kind {
            Kind::Ours => Store::Ours(Ours::start(place, watch).await?),
            Kind::Sealed => Store::Ours(Ours::start_sealed(place, watch).await?),
            Kind::Etcd => Store::Etcd(Etcd::start(place, watch).await?),
        })
    }

    /// The address of the node that leads.
    pub async fn leader(&self) -> Result<String> {
        match self {
            Store::Ours(store) => store.leader().await,
            Store::Etcd(store) => store.leader().await,
        }
    }

    pub fn processes(&self) -> Vec<u32> {
        match self {
            Store::Ours(store) => store.processes(),
            Store::Etcd(store) => store.processes(),
        }
    }

    /// Syncs so far, of all nodes, as the store counts them itself.
    pub async fn syncs(&self) -> Result<u64> {
        match self {
            Store::Ours(store) => store.syncs().await,
            Store::Etcd(store) => store.syncs().await,
        }
    }

    /// What the leader says about where its time goes.
    pub async fn timings(&self) -> Result<Timings> {
        match self {
            Store::Ours(store) => store.timings().await,
            Store::Etcd(store) => store.timings().await,
        }
    }

    /// Ends all nodes; returns what strace counted if it watched them.
    pub async fn end(self) -> Result<Option<u64>> {
        match self {
            Store::Ours(store) => store.end().await,
            Store::Etcd(store) => store.end().await,
        }
    }

    pub fn caller(&self, channel: Channel) -> Caller {
        match self {
            Store::Ours(_) => Caller::Ours(channel),
            Store::Etcd(_) => Caller::Etcd(channel),
        }
    }
}

/// One client's way to call the store.
#[derive(Clone, Debug)]
pub enum Caller {
    Ours(Channel),
    Etcd(Channel),
}

impl Caller {
    pub async fn put(&self, key: Bytes, value: Bytes) -> Result<()> {
        match self {
            Caller::Ours(channel) => crate::ours::put(channel.clone(), key, value).await,
            Caller::Etcd(channel) => crate::etcd::put(channel.clone(), key, value).await,
        }
    }

    /// Says whether the key was there.
    pub async fn get(&self, key: Bytes) -> Result<bool> {
        match self {
            Caller::Ours(channel) => crate::ours::get(channel.clone(), key).await,
            Caller::Etcd(channel) => crate::etcd::get(channel.clone(), key).await,
        }
    }
}
