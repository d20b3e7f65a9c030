//! The stages from nothing to a sealed cluster.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::failure::{ensure, failed};
use super::ground::{Told, list, number, text};
use super::node::Node;
use super::walk::{CLUSTER, Walk, YES};
use crate::error::{CliError, Exit};

const NAMES: [&str; 3] = ["n1", "n2", "n3"];
const LEARNER: &str = "n4";
/// As many values as make the first search worth its name.
const ENOUGH: usize = 40;
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 300;

impl Walk<'_> {
    pub async fn found(&mut self) -> Result<String, CliError> {
        for name in NAMES {
            self.nodes.push(Node::new(&self.ground, name)?);
        }
        let members = self.nodes.iter().map(|node| format!("{}={}", node.name, node.address));
        let members: Vec<String> = members.collect();
        let founding = [OsString::from("--bootstrap-members"), members.join(",").into()];
        for node in &mut self.nodes {
            node.start(&self.ground, CLUSTER, &founding)?;
        }
        self.wait("ready").await?;
        self.traffic.begin(self.endpoints());
        self.traffic.more(ENOUGH).await?;
        Ok(format!("{} serve; {ENOUGH} writes acknowledged already", NAMES.join(", ")))
    }

    pub async fn join(&mut self) -> Result<String, CliError> {
        let mut learner = Node::new(&self.ground, LEARNER)?;
        learner.start(&self.ground, CLUSTER, &["--join".into()])?;
        let address = learner.address.to_string();
        let mut told = None;
        for _ in 0..LOOKS {
            let invited = self.admin(&["cluster", "add-learner", LEARNER, &address]).await?;
            let again = invited.status == i32::from(Exit::NotConnected.code());
            told = Some(invited);
            if !again {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        told.ok_or_else(|| failed("nobody was asked"))?.with(0)?;
        self.nodes.push(learner);
        self.wait(&format!("learner-caught-up={LEARNER}")).await?;
        self.wait("ready").await?;
        Ok(format!("{LEARNER} is a learner and has caught up"))
    }

    /// A search that finds nothing means something only if it finds what is there.
    pub async fn find_clear(&mut self) -> Result<String, CliError> {
        let place = self.follower().await?;
        self.node(place)?.stop().await?;
        let node = self.node(place)?;
        let (name, data_dir) = (node.name.clone(), node.data_dir.clone());
        let found = self.search(&data_dir).await?.with(9)?;
        self.start(place)?;
        self.wait("ready").await?;
        let (canaries, all) = (number(&found, "/canaries_found"), number(&found, "/canaries"));
        ensure(canaries == all && all > 0, || {
            format!("{canaries} of {all} canaries were found in clear text")
        })?;
        Ok(format!("{canaries} of {all} canaries FOUND on {name}, {} times", text(&found, "/findings_total")))
    }

    /// Looks for the canaries in all files below a directory.
    pub async fn search(&self, dir: &Path) -> Result<Told, CliError> {
        let (dir, file) = (dir.to_string_lossy(), self.ground.path("canaries"));
        let file = file.to_string_lossy();
        let line = ["scan", "leak", "--data-dir", &dir, "--canary-file", &file];
        self.ground.admin(&[], &line).await
    }

    pub async fn bootstrap(&self) -> Result<String, CliError> {
        let done = self.step("bootstrap").await?;
        Ok(format!("data keys made, entry {}; nothing is sealed yet", text(&done, "/first_index")))
    }

    pub async fn seal_values(&self) -> Result<String, CliError> {
        let done = self.step("enable-storage-envelope").await?;
        let members = self.nodes.len();
        Ok(format!("{members} members seal values from entry {} on", text(&done, "/first_index")))
    }

    pub async fn seal_log(&self) -> Result<String, CliError> {
        self.step("enable-raft-envelope").await.map(|done| format!("the log is sealed {}", since(&done)))
    }

    async fn step(&self, step: &str) -> Result<Value, CliError> {
        self.done(&[&["encryption", step][..], &YES].concat()).await
    }

    /// The leader is killed as soon as it has taken the request. Whoever leads then carries it out, or its gate refuses it
    /// for the one who is missing, and it is asked for again.
    pub async fn seal_log_under_fire(&mut self) -> Result<String, CliError> {
        let leader = self.leader().await?;
        let place = self.nodes.iter().position(|node| node.name == leader);
        let place = place.ok_or_else(|| failed("the leader is none of the nodes"))?;
        let step = [&["encryption", "enable-raft-envelope"][..], &YES].concat();
        let taken = self.admin(&[&step[..], &["--no-wait"]].concat()).await?;
        ensure([0, 8].contains(&taken.status), || taken.unexpected().message().to_owned())?;
        self.node(place)?.kill()?;
        let id = text(&taken.document, "/op_id");
        self.traffic.more(1).await?;
        let successor = self.leader().await?;
        self.start(place)?;
        self.wait("ready").await?;
        let told = self.admin(&[&step[..], &["--op-id", &id]].concat()).await?;
        let (refused, done) = match told.status {
            3 | 7 => (true, self.done(&step).await?),
            _ => (false, told.with(0)?),
        };
        self.in_sync().await?;
        let how = if refused { "refused without it, repeated: " } else { "" };
        Ok(format!("{leader} killed in it, {successor} leads; {how}sealed {}", since(&done)))
    }
}

fn since(done: &Value) -> String {
    let first = list(done, "/cutovers").first().map(|cutover| text(cutover, "/index"));
    format!("from entry {}", first.unwrap_or_else(|| text(done, "/first_index")))
}
