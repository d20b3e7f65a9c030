//! One node of a cluster under test.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::client::Client;
use crate::http;
use crate::links::Place;
use crate::points::Points;
use crate::process::Process;

/// A node: its name, its addresses, its directory, and the process that it sometimes is.
#[derive(Debug)]
pub struct Node {
    pub place: Place,
    pub name: String,
    /// Where it listens for clients and peers.
    pub address: SocketAddr,
    /// Where its peers dial it: the same, or a relay in front of it.
    pub advertised: SocketAddr,
    pub http_address: SocketAddr,
    pub data_dir: PathBuf,
    pub process: Process,
    /// What is ordered there is heard in a cluster planned with points.
    pub points: Points,
    pub(super) client: Client,
}

impl Node {
    /// A client connected to this node alone, past all links.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A client with a connection of its own.
    pub fn new_client(&self) -> Result<Client> {
        Client::new(&self.address.to_string())
    }

    pub async fn http(&self, path: &str) -> Result<http::Page> {
        http::get(&self.http_address.to_string(), path).await
    }

    pub fn runs(&self) -> bool {
        self.process.id().is_some() && self.process.ended().is_none()
    }

    /// Removes what the groups have stored, but not their logs and snapshots.
    pub fn remove_state(&self) -> Result<usize> {
        let groups = self.data_dir.join("groups");
        if !groups.exists() {
            return Ok(0);
        }
        let mut removed = 0;
        for group in fs::read_dir(&groups).with_context(|| format!("cannot list {}", groups.display()))? {
            removed += usize::from(remove_if_there(&group?.path().join("state"))?);
        }
        Ok(removed)
    }
}

fn remove_if_there(dir: &Path) -> Result<bool> {
    if !dir.exists() {
        return Ok(false);
    }
    fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    Ok(true)
}
