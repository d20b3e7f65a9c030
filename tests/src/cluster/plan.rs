//! What a cluster under test is to be like.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::Cluster;
use crate::wait::PATIENCE;
use crate::workspace;

pub const CLUSTER_NAME: &str = "test";

/// How the files of a server behave when it is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileLayer {
    /// As the operating system's: what was written is there after a kill.
    #[default]
    System,
    /// What was not synced is gone after a kill.
    Losing,
    /// The same, and syncing does nothing: the control that must lose data.
    LosingIgnoringSync,
}

impl FileLayer {
    fn name(self) -> &'static str {
        match self {
            FileLayer::System => "system",
            FileLayer::Losing => "losing",
            FileLayer::LosingIgnoringSync => "losing-ignoring-sync",
        }
    }
}

/// Settings of a cluster, with defaults that suit most tests.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) label: String,
    pub(super) nodes: usize,
    pub(super) links: bool,
    pub(super) movable_clocks: bool,
    pub(super) binary: Option<PathBuf>,
    pub(super) election_timeout: Duration,
    pub(super) data_parent: Option<PathBuf>,
    pub(super) encrypted: bool,
    pub(super) points: bool,
    pub(super) doors: bool,
    file_layer: FileLayer,
    settings: Vec<(String, String)>,
    storage_reserve: String,
    defaults: bool,
}

impl Plan {
    /// Three nodes; the label appears in names of directories.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            nodes: 3,
            links: false,
            movable_clocks: false,
            binary: None,
            election_timeout: Duration::from_millis(1250),
            data_parent: None,
            encrypted: false,
            points: false,
            doors: false,
            file_layer: FileLayer::System,
            settings: Vec::new(),
            storage_reserve: "16MiB".to_owned(),
            defaults: false,
        }
    }

    /// Three nodes of a given server, with the server's own timing and reserves.
    pub fn as_delivered(label: &str, binary: PathBuf) -> Self {
        Self { binary: Some(binary), defaults: true, ..Self::new(label) }
    }

    pub fn nodes(self, nodes: usize) -> Self {
        Self { nodes, ..self }
    }

    /// Puts a relay in front of every node, so that links can be cut.
    pub fn with_links(self) -> Self {
        Self { links: true, ..self }
    }

    /// Lets every node read its wall time through a file, so that it can be moved.
    pub fn with_movable_clocks(self) -> Self {
        Self { movable_clocks: true, ..self }
    }

    pub fn election_timeout(self, election_timeout: Duration) -> Self {
        Self { election_timeout, ..self }
    }

    pub fn storage_reserve(self, size: &str) -> Self {
        Self { storage_reserve: size.to_owned(), ..self }
    }

    pub fn file_layer(self, file_layer: FileLayer) -> Self {
        Self { file_layer, ..self }
    }

    /// Scratch and data directories go below this one, such as a tmpfs.
    pub fn below(self, parent: PathBuf) -> Self {
        Self { data_parent: Some(parent), ..self }
    }

    /// Nodes that may hold keys, wrapped by a key in a file that all of them have.
    pub fn encrypted(self) -> Self {
        Self { encrypted: true, ..self }
    }

    /// Nodes that speak TLS and let in only whom they know.
    pub fn with_doors(self) -> Self {
        Self { doors: true, ..self }
    }

    /// Lets a test end or hold every node at the points of its work on keys.
    pub fn with_points(self) -> Self {
        Self { points: true, ..self }
    }

    /// Sets a setting of every server, by its flag without the dashes. Those that the plan sets itself have
    /// functions of their own.
    pub fn setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// Starts the cluster and waits until it has a leader and every node follows it.
    pub async fn start(self) -> Result<Cluster> {
        let cluster = self.prepare().await?;
        cluster.start_all()?;
        cluster.settle(PATIENCE).await?;
        Ok(cluster)
    }

    /// Makes directories and addresses, but starts no server yet.
    pub async fn prepare(self) -> Result<Cluster> {
        let server = match &self.binary {
            Some(binary) => binary.clone(),
            None => workspace::testing_server()?,
        };
        Cluster::prepare(self, server).await
    }

    /// The arguments that all nodes share.
    pub(super) fn common_arguments(&self) -> Vec<OsString> {
        let mut arguments = vec![argument("cluster-name", CLUSTER_NAME)];
        if !self.defaults {
            let (heartbeat, election) = (self.election_timeout / 10, self.election_timeout);
            arguments.push(argument("heartbeat-interval", format!("{}ms", heartbeat.as_millis())));
            arguments.push(argument("election-timeout", format!("{}ms", election.as_millis())));
            arguments.push(argument("storage-reserve", &self.storage_reserve));
        }
        if self.file_layer != FileLayer::System {
            arguments.push(argument("testing-file-layer", self.file_layer.name()));
        }
        arguments.extend(self.settings.iter().map(|(name, value)| argument(name, value)));
        arguments
    }
}

pub(super) fn argument(name: &str, value: impl AsRef<str>) -> OsString {
    format!("--{name}={}", value.as_ref()).into()
}
