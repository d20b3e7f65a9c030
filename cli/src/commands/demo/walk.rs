//! One demonstration: stage after stage, and the writer beside them.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use elastickv_sys::clock::{SharedClock, SystemClock};
use serde_json::Value;

use super::failure::{ensure, failed, trouble};
use super::ground::{Ground, Told, list, text};
use super::node::Node;
use super::stages::Stage;
use super::traffic::Traffic;
use crate::args::demo::DemoArgs;
use crate::client::Session;
use crate::commands::Desk;
use crate::error::{CliError, Code};
use crate::local_files;
use crate::model::{DemoReport, Done, Millis, StageView};
use crate::ui::Ui;

pub const CLUSTER: &str = "demo";
/// For steps that have no way back.
pub const YES: [&str; 3] = ["--yes", "--expect-cluster", CLUSTER];

/// What a test wants to see of the writer.
const LEAST_WRITES: u64 = 100;
const LONGEST_GAP: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// The nodes, and what stages leave for those that follow.
#[derive(Debug)]
pub struct Walk<'a> {
    pub nodes: Vec<Node>,
    /// That of the backup.
    pub copy: Option<Node>,
    pub traffic: &'a Traffic,
    /// The storage key that was replaced.
    pub replaced: Option<u64>,
    /// Writes that were acknowledged before the backup was asked for.
    pub backed_up: BTreeSet<u64>,
    /// The node whose sidecar was damaged.
    pub damaged: Option<usize>,
    // The last to go: the nodes are in it.
    pub ground: Ground,
}

pub async fn run(desk: Desk<'_>, args: &DemoArgs, stages: &[Stage]) -> Result<Done<DemoReport>, CliError> {
    if args.pause && !desk.ui.can_ask() {
        let text = "--pause waits for the Enter key, and there is no terminal";
        return Err(CliError::new(Code::Usage, text).hint("leave --pause out"));
    }
    let traffic = Traffic::new();
    let ground = Ground::new(args)?;
    prepare(&ground, &traffic).await?;
    let walk = Walk {
        nodes: Vec::new(),
        copy: None,
        traffic: &traffic,
        replaced: None,
        backed_up: BTreeSet::new(),
        damaged: None,
        ground,
    };
    tokio::select! {
        done = walk.through(desk, args, stages) => Ok(done),
        () = traffic.run() => Err(CliError::new(Code::Unexpected, "the writer has ended")),
    }
}

async fn prepare(ground: &Ground, traffic: &Traffic) -> Result<(), CliError> {
    local_files::create_directory(&ground.path("logs")).map_err(trouble("logs"))?;
    let canaries = ground.path("canaries");
    local_files::replace(&canaries, traffic.canary_file().as_bytes()).map_err(trouble("canaries"))?;
    let kek = ground.path("kek");
    ground.admin(&[], &["kms", "generate", &kek.to_string_lossy()]).await?.with(0).map(drop)
}

impl Walk<'_> {
    async fn through(mut self, desk: Desk<'_>, args: &DemoArgs, stages: &[Stage]) -> Done<DemoReport> {
        let clock = SystemClock::shared();
        let begun = clock.now();
        let (mut views, mut problem) = (Vec::new(), None);
        for (number, stage) in stages.iter().enumerate() {
            if args.pause {
                pause(desk.session, desk.ui, views.last(), *stage).await;
            }
            let place = format!("{} of {}", number + 1, stages.len());
            desk.session.progress().say(format!("{place}: {}", stage.announcement()));
            let (view, failure) = self.play(*stage, &clock).await;
            views.push(view);
            if let Some(failure) = failure {
                problem =
                    Some(CliError::new(failure.code(), format!("{}: {}", stage.title(), failure.message())));
                break;
            }
        }
        if args.assert && problem.is_none() {
            problem = self.asserted().err();
        }
        let report = DemoReport {
            stages: views,
            writes: self.traffic.view(),
            took_ms: clock.now().since(begun).into(),
            directory: self.ground.kept(),
        };
        Done::read(report).with_problem(problem)
    }

    async fn play(&mut self, stage: Stage, clock: &SharedClock) -> (StageView, Option<CliError>) {
        let begun = clock.now();
        let came = match stage.act(self).await {
            Ok(evidence) => self.traffic.judge().and_then(|()| self.all_stand()).map(|()| evidence),
            Err(error) => Err(error),
        };
        let took_ms = Millis::from(clock.now().since(begun));
        let (ok, evidence, failure) = match came {
            Ok(evidence) => (true, evidence, None),
            Err(error) => (false, error.message().to_owned(), Some(error)),
        };
        (StageView { stage: stage.title(), ok, took_ms, evidence }, failure)
    }

    /// No node may have ended by itself.
    fn all_stand(&mut self) -> Result<(), CliError> {
        self.nodes.iter_mut().chain(&mut self.copy).try_for_each(stands)
    }

    fn asserted(&self) -> Result<(), CliError> {
        let (writes, gap) = (self.traffic.view().acknowledged, self.traffic.longest_gap());
        ensure(writes.0 >= LEAST_WRITES, || format!("no more than {writes} writes were acknowledged"))?;
        ensure(gap <= LONGEST_GAP, || format!("the writer had to wait for {}", Millis::from(gap)))
    }

    pub fn endpoints(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.address).collect()
    }

    /// Runs a command on the cluster.
    pub async fn admin(&self, line: &[&str]) -> Result<Told, CliError> {
        self.ground.admin(&self.endpoints(), line).await
    }

    /// The same, of one that has to succeed.
    pub async fn done(&self, line: &[&str]) -> Result<Value, CliError> {
        self.admin(line).await?.with(0)
    }

    /// Waits until the cluster is as it should be, or a node ends that should not.
    pub async fn wait(&mut self, condition: &str) -> Result<(), CliError> {
        let endpoints = self.endpoints();
        let line = ["cluster", "wait", "--for", condition];
        let waiting = self.ground.admin(&endpoints, &line);
        tokio::select! {
            told = waiting => told?.with(0).map(drop),
            ended = somebody_ends(&mut self.nodes) => Err(ended),
        }
    }

    /// The name of the leader.
    pub async fn leader(&mut self) -> Result<String, CliError> {
        self.wait("leader").await?;
        // Members that do not answer leave the rest as it is.
        let told = self.admin(&["cluster", "status"]).await?;
        let leader = text(&told.document, "/data/leader");
        if leader == "-" { Err(told.unexpected()) } else { Ok(leader) }
    }

    pub fn node(&mut self, place: usize) -> Result<&mut Node, CliError> {
        self.nodes.get_mut(place).ok_or_else(|| failed("there is no such node"))
    }

    pub fn start(&mut self, place: usize) -> Result<(), CliError> {
        let node = self.nodes.get_mut(place).ok_or_else(|| failed("there is no such node"))?;
        node.start(&self.ground, CLUSTER, &[])
    }

    /// A voter that does not lead.
    pub async fn follower(&mut self) -> Result<usize, CliError> {
        let leader = self.leader().await?;
        let place = self.nodes.iter().position(|node| node.name != leader);
        place.ok_or_else(|| failed("there is no follower"))
    }

    /// Every member is in sync with the leader's keys and stage.
    pub async fn in_sync(&self) -> Result<Value, CliError> {
        let status = self.done(&["encryption", "status"]).await?;
        for member in list(&status, "/members") {
            let sidecar = text(member, "/sidecar");
            ensure(sidecar == "in-sync", || {
                format!("the sidecar of {} is {sidecar}", text(member, "/name"))
            })?;
        }
        Ok(status)
    }
}

fn stands(node: &mut Node) -> Result<(), CliError> {
    let Some(status) = node.ended()? else { return Ok(()) };
    Err(failed(format!("{} ended with {status}: {}", node.name, node.last_words())))
}

async fn somebody_ends(nodes: &mut [Node]) -> CliError {
    loop {
        if let Err(ended) = nodes.iter_mut().try_for_each(stands) {
            return ended;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Tells what came of the last stage and waits for the Enter key.
async fn pause(session: &Session, ui: &Ui, last: Option<&StageView>, next: Stage) {
    session.progress().hush(true);
    if let Some(StageView { stage, took_ms, evidence, .. }) = last {
        ui.aside(&format!("   {stage} ({took_ms}): {evidence}\n"));
    }
    ui.ask(&format!("{}: {} [Enter] ", next.title(), next.announcement())).await;
    session.progress().hush(false);
}
