//! A cluster of real server processes on the loopback interface.

mod agreement;
pub mod kek;
mod node;
mod plan;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;

pub use agreement::{Digest, control_group};
pub use node::Node;
pub use plan::{CLUSTER_NAME, FileLayer, Plan};

use crate::authority::{Authority, Subject};
use crate::client::Client;
use crate::links::{Links, Place};
use crate::nonces::{self, Tally};
use crate::points::Points;
use crate::ports;
use crate::process::{Process, Recipe, ending};
use crate::scratch::Scratch;
use plan::argument;

/// A server is to end within this time of being asked to.
const SHUTDOWN: Duration = Duration::from_secs(30);

/// Running, killed and stopped nodes, the links between them and the directory they live in. Unless it
/// was [finished](Cluster::finish), dropping it shows what every node said last.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    links: Option<Links>,
    authority: Option<Box<Authority>>,
    plan: Plan,
    server: PathBuf,
    finished: bool,
    scratch: Scratch,
}

impl Cluster {
    async fn prepare(plan: Plan, server: PathBuf) -> Result<Self> {
        let scratch = match &plan.data_parent {
            Some(parent) => Scratch::under(parent, &plan.label)?,
            None => Scratch::new(&plan.label)?,
        };
        if plan.encrypted {
            kek::make(&scratch.path().join(kek::FILE))?;
        }
        let links = plan.links.then(Links::default);
        let wanted = plan.nodes;
        let authority =
            plan.doors.then(|| Authority::new(&scratch.path().join("doors")).map(Box::new)).transpose()?;
        let mut cluster =
            Self { nodes: Vec::new(), links, authority, plan, server, finished: false, scratch };
        for _ in 0..wanted {
            cluster.add_node().await?;
        }
        let founding = cluster.founding_arguments();
        for node in &cluster.nodes {
            node.process.change(|recipe| recipe.arguments.extend(founding.clone()));
        }
        Ok(cluster)
    }

    fn founding_arguments(&self) -> Vec<OsString> {
        if self.nodes.len() == 1 {
            return vec!["--bootstrap".into()];
        }
        let members: Vec<_> =
            self.nodes.iter().map(|node| format!("{}={}", node.name, node.advertised)).collect();
        vec![argument("bootstrap-members", members.join(","))]
    }

    /// Makes a node that waits to be invited into the cluster; it is not started yet.
    pub async fn add_waiting_node(&mut self) -> Result<Place> {
        let place = self.add_node().await?;
        self.node(place).process.change(|recipe| recipe.arguments.push("--join".into()));
        Ok(place)
    }

    async fn add_node(&mut self) -> Result<Place> {
        let place = Place(self.nodes.len());
        let name = format!("n{}", place.0 + 1);
        let address = ports::free()?;
        let mut advertised = address;
        if let Some(links) = &self.links {
            advertised = ports::free()?;
            links.front(place, advertised, address).await?;
        }
        let http_address = ports::free()?;
        let data_dir = self.scratch.path().join(&name);
        let mut arguments = vec![
            argument("node-name", &name),
            argument("data-dir", data_dir.to_string_lossy()),
            argument("listen", address.to_string()),
            argument("advertise", advertised.to_string()),
            argument("http-listen", http_address.to_string()),
        ];
        if self.plan.movable_clocks {
            let file = self.clock_file(&name);
            arguments.push(argument("testing-wall-offset-file", file.to_string_lossy()));
        }
        let points = Points::below(self.scratch.path().join(format!("{name}.points")))?;
        if self.plan.points {
            arguments.push(argument("testing-points-dir", points.dir().to_string_lossy()));
        }
        arguments.extend(self.plan.common_arguments());
        if self.plan.encrypted {
            arguments.extend(kek::arguments(&self.kek_file()));
        }
        if self.is_watched() {
            let nonces = self.scratch.path().join(&name).with_extension(nonces::SUFFIX);
            arguments.push(argument("testing-nonces-file", nonces.to_string_lossy()));
            let faults = self.kek_switch(&name);
            arguments.push(argument("testing-kek-fault-file", faults.to_string_lossy()));
        }
        let mut client = Client::new(&address.to_string())?;
        if let Some(authority) = &self.authority {
            let own = authority.issue(&name, &Subject::node(&name))?;
            arguments.extend(authority.arguments(&own));
            client = Client::sealed(&address.to_string(), &authority.dialer(Some(authority.owner()))?)?;
        }
        let process = Process::new(Recipe {
            name: name.clone(),
            binary: self.server.clone(),
            arguments,
            environment: Vec::new(),
            log: self.scratch.path().join(format!("{name}.log")),
        });
        self.nodes.push(Node {
            place,
            name,
            address,
            advertised,
            http_address,
            data_dir,
            process,
            points,
            client,
        });
        Ok(place)
    }

    /// The wrapping key that the nodes of an encrypted cluster start with.
    pub fn kek_file(&self) -> PathBuf {
        self.scratch.path().join(kek::FILE)
    }

    /// Servers with keys write down their nonces, unless they are as delivered.
    fn is_watched(&self) -> bool {
        self.plan.encrypted && self.plan.binary.is_none()
    }

    /// What all nodes have sealed under so far.
    pub fn nonces(&self) -> Result<Tally> {
        nonces::judge(self.scratch.path())
    }

    fn kek_switch(&self, name: &str) -> PathBuf {
        self.scratch.path().join(format!("{name}.kek-faults"))
    }

    /// Keeps a node's wrapping keys away, in the words of the server's `faults`, or gives them back.
    pub fn keep_kek_away(&self, place: Place, how: Option<&str>) -> Result<()> {
        let file = self.kek_switch(&self.node(place).name);
        let beside = file.with_extension("new");
        std::fs::write(&beside, how.unwrap_or_default())?;
        Ok(std::fs::rename(&beside, &file)?)
    }

    /// The calls of a node's wrapping keys that were hit so far.
    pub fn kek_hits(&self, place: Place) -> Vec<String> {
        let hits = self.kek_switch(&self.node(place).name).with_extension("hits");
        let text = std::fs::read_to_string(hits).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn clock_file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(format!("{name}.clock"))
    }

    /// Makes a node's wall clock wrong by so much, now and after every later start.
    pub fn move_clock(&self, place: Place, by_ms: i64) -> Result<()> {
        ensure!(self.plan.movable_clocks, "this cluster was planned without movable clocks");
        let file = self.clock_file(&self.node(place).name);
        let beside = file.with_extension("new");
        std::fs::write(&beside, by_ms.to_string())?;
        Ok(std::fs::rename(&beside, &file)?)
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node at a place; a test names only places that exist.
    pub fn node(&self, place: Place) -> &Node {
        self.nodes.get(place.0).expect("a place is made together with its node")
    }

    pub fn places(&self) -> Vec<Place> {
        self.nodes.iter().map(|node| node.place).collect()
    }

    /// Every place but this one.
    pub fn others(&self, place: Place) -> Vec<Place> {
        self.places().into_iter().filter(|&other| other != place).collect()
    }

    pub fn named(&self, name: &str) -> Result<&Node> {
        self.nodes.iter().find(|node| node.name == name).with_context(|| format!("there is no node {name:?}"))
    }

    /// The links; only a cluster planned with them has any.
    pub fn links(&self) -> Result<&Links> {
        self.links.as_ref().context("this cluster was planned without links")
    }

    /// Who vouches for the nodes; only a cluster planned with doors has one.
    pub fn authority(&self) -> Result<&Authority> {
        self.authority.as_deref().context("this cluster was planned without doors")
    }

    pub fn election_timeout(&self) -> Duration {
        self.plan.election_timeout
    }

    /// A directory that lives as long as the cluster does.
    pub fn scratch(&self) -> &std::path::Path {
        self.scratch.path()
    }

    pub fn start_all(&self) -> Result<()> {
        self.nodes.iter().try_for_each(|node| self.start(node.place))
    }

    pub fn start(&self, place: Place) -> Result<()> {
        let node = self.node(place);
        node.process.start()?;
        self.tell_links(node);
        Ok(())
    }

    /// Kills these nodes at the same moment. Says how many of them were running.
    pub fn kill(&self, places: &[Place]) -> Result<usize> {
        let mut struck = 0;
        for &place in places {
            struck += usize::from(self.node(place).process.strike()?);
        }
        for &place in places {
            self.node(place).process.bury()?;
            self.tell_links(self.node(place));
        }
        Ok(struck)
    }

    /// Asks a node to end and waits until it has.
    pub async fn terminate(&self, place: Place) -> Result<ExitStatus> {
        let node = self.node(place);
        let status = node.process.terminate(SHUTDOWN).await?;
        self.tell_links(node);
        Ok(status)
    }

    fn tell_links(&self, node: &Node) {
        if let Some(links) = &self.links {
            links.runs_as(node.place, node.process.id());
        }
    }

    /// The last words of every node.
    pub fn tails(&self) -> String {
        self.nodes.iter().map(|node| node.process.tail()).collect::<Vec<_>>().join("\n")
    }

    /// Ends all nodes that still run, demanding that each ends well, that none ever panicked, and that no two ever sealed
    /// under one nonce.
    pub async fn finish(mut self) -> Result<()> {
        let running: Vec<_> = self.nodes.iter().filter(|node| node.runs()).collect();
        let ends = join_all(running.iter().map(|node| self.terminate(node.place))).await;
        for (node, status) in running.iter().zip(ends) {
            let status = status?;
            if !status.success() {
                bail!("{} ended with {} when asked to end", node.name, ending(status));
            }
        }
        if let Some(node) = self.nodes.iter().find(|node| node.process.log().contains("panicked at")) {
            bail!("{} panicked", node.name);
        }
        if self.is_watched() {
            let tally = self.nonces()?;
            println!("{}: {tally}", self.plan.label);
            ensure!(tally.repeats == 0, "{}: {tally}", self.plan.label);
        }
        self.finished = true;
        Ok(())
    }

    /// Ends without any demand: for a control, whose servers are known to be broken.
    pub fn abandon(mut self) {
        self.finished = true;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.finished {
            eprintln!("the cluster was not finished; the last words of its nodes:\n{}", self.tails());
        }
    }
}
