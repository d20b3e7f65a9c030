//! A cluster that is written to while its nodes are ended at points of its operations.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use elastickv_sys::points::Point;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::histories::{self, Clients};
use elastickv_tests::links::Place;
use elastickv_tests::points::Passing;
use elastickv_tests::process::ending;
use elastickv_tests::summary::{Failure, Summary};
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{Load, Writers};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::command::{Command, Over, register_all};
use super::picture::{Picture, same_everywhere, stage_after};
use super::table::Role;

const WRITERS: usize = 3;
const CLIENTS: usize = 6;
/// Writes that are acknowledged between two kills.
const BETWEEN: u64 = 5;
/// So often an order is given whose command is then carried out by another node than the one that led before.
const ATTEMPTS: usize = 5;
const KILLED: i32 = 9;
/// Whoever has not reached a point so long after the command was answered does not reach it.
const FALL: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(2);

/// What befalls the node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// It ends.
    Kill,
    /// It stands still there until another node leads, and then goes on.
    Depose,
}

/// What is to befall a node at a point while a command is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strike {
    pub how: How,
    pub command: Command,
    pub role: Role,
    pub point: Point,
    /// The how-manieth passing.
    pub nth: usize,
}

pub struct World {
    pub cluster: Cluster,
    writers: Writers,
    /// Those whose work shows what was lost, and what was done twice.
    transactions: Option<Clients>,
    pub strikes: Vec<Failure>,
}

/// How often each point was passed, by each role.
pub type Counts = BTreeMap<(Role, Point), usize>;

impl World {
    pub async fn start(label: &str) -> Result<Self> {
        let cluster = Plan::new(label).encrypted().with_points().start().await?;
        let clients = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<Vec<_>>>()?;
        let load = Load { writers: WRITERS, deadline: Duration::from_secs(2), ..Load::default() };
        let writers = Writers::start(&clients, load);
        Ok(Self { writers, transactions: None, cluster, strikes: Vec::new() })
    }

    /// One that went the whole way to sealed.
    pub async fn sealed(label: &str) -> Result<Self> {
        let world = Self::start(label).await?;
        for command in Command::ONCE {
            command.do_again(&world.cluster).await?;
        }
        Ok(world)
    }

    /// One in which transactions run as well.
    pub async fn start_with_transactions(label: &str, seed: u64) -> Result<Self> {
        let mut world = Self::start(label).await?;
        let nodes = world.cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<_>>()?;
        let plan = histories::Plan { clients: CLIENTS, ..histories::Plan::new(seed) };
        world.transactions = Some(Clients::start(nodes, plan).await?);
        Ok(world)
    }

    /// Returns once everybody who works here has come on.
    pub async fn work_goes_on(&self) -> Result<()> {
        self.writers.progress().more_acknowledged(BETWEEN, PATIENCE).await?;
        match &self.transactions {
            Some(clients) => clients.progress().more_acknowledged(BETWEEN, PATIENCE).await,
            None => Ok(()),
        }
    }

    /// Carries a command out undisturbed, and counts what each role passes.
    pub async fn watch(&self, command: Command) -> Result<Counts> {
        let leader = self.cluster.settle(PATIENCE).await?;
        let follower = self.cluster.others(leader)[0];
        let roles = [(Role::Leader, leader), (Role::Follower, follower)];
        let mut marks = Vec::new();
        for (_, place) in roles {
            marks.push(self.cluster.node(place).points.passed()?.len());
        }
        self.carry_out(command, follower).await?;
        ensure!(self.cluster.settle(PATIENCE).await? == leader, "the lead was lost, and nothing was counted");
        let mut counts = Counts::new();
        for ((role, place), mark) in roles.into_iter().zip(marks) {
            for Passing { point, .. } in &self.cluster.node(place).points.passed()?[mark..] {
                let named = Point::ALL.iter().find(|known| known.name() == point);
                *counts.entry((role, *named.context("no point of ours")?)).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// A command from its beginning to its end; an operation has to take effect.
    async fn carry_out(&self, command: Command, follower: Place) -> Result<()> {
        match command {
            Command::RestartClear | Command::Restart => {
                ensure!(self.cluster.terminate(follower).await?.success());
                self.cluster.start(follower)?;
            }
            Command::Snapshot => self.leave_behind(follower).await?,
            operation => {
                let over = operation.do_again(&self.cluster).await?;
                ensure!(matches!(over, Over::Done { changed: true, .. }), "{operation:?}: {over:?}");
            }
        }
        drop(same_everywhere(&self.cluster).await?);
        Ok(())
    }

    /// Stops a node, installs a key without it, and drops the log that it would need, so that it gets that key by
    /// a snapshot when it starts.
    async fn leave_behind(&self, follower: Place) -> Result<()> {
        ensure!(self.cluster.terminate(follower).await?.success());
        let leader = self.cluster.leader(PATIENCE).await?;
        let client = self.cluster.node(leader).client();
        let keys = Picture::of(self.cluster.node(leader)).await?.keys.len();
        let asked =
            tokio::spawn(async move { Command::RotateStorage.ask(&client, Some(Uuid::now_v7())).await });
        wait::until("the key to be installed", PATIENCE, || async {
            let now = Picture::of(self.cluster.node(leader)).await?.keys.len();
            ensure!(now > keys, "there are {now} keys");
            Ok(())
        })
        .await?;
        for place in self.cluster.others(follower) {
            self.cluster.node(place).client().snapshot(true).await?;
        }
        self.cluster.start(follower)?;
        // Whether it is answered is of no matter here: it is one of many that are asked for.
        asked.abort();
        Ok(())
    }

    /// Ends a node at a point, starts it again, and has the command repeated until it is done.
    pub async fn strike(&mut self, strike: Strike) -> Result<()> {
        for _ in 0..ATTEMPTS {
            self.work_goes_on().await?;
            let begun = Instant::now();
            if self.attempt(strike).await.with_context(|| format!("{strike:?}"))? {
                println!("{strike:?}: {:.1?}", begun.elapsed());
                let what = format!("{strike:?}");
                self.strikes.push(Failure { what, hits: 1, begun, ended: Instant::now() });
                return Ok(());
            }
        }
        bail!("{strike:?} hit nobody")
    }

    /// Says whether the node was ended there. It may not have been in its role any more.
    async fn attempt(&self, strike: Strike) -> Result<bool> {
        let Strike { how, command, role, point, nth } = strike;
        let cluster = &self.cluster;
        let leader = cluster.settle(PATIENCE).await?;
        let follower = cluster.others(leader)[0];
        let victim = if role == Role::Leader { leader } else { follower };
        let before = same_everywhere(cluster).await?;
        let id = Uuid::now_v7();
        let held_before = cluster.node(victim).points.count(point.name(), "held")?;
        match how {
            How::Kill => cluster.node(victim).points.kill_at(point.name(), nth)?,
            How::Depose => cluster.node(victim).points.hold_at(point.name(), nth)?,
        }
        let asked = match command {
            Command::RestartClear | Command::Restart | Command::Snapshot => {
                self.carry_out_under_fire(command, follower).await?;
                None
            }
            operation => {
                let client = cluster.node(leader).client();
                Some(tokio::spawn(async move {
                    drop(operation.ask(&client, Some(id)).await);
                    // Whether the keys are proven is a question of its own.
                    drop(client.encryption_status().await);
                }))
            }
        };
        let fell = match how {
            How::Kill => self.falls(victim, point, asked).await?,
            How::Depose => self.is_deposed(victim, point, held_before, asked).await?,
        };
        for place in cluster.others(victim) {
            if let Ok(between) = Picture::of(cluster.node(place)).await {
                between.lies_between(&before, command)?;
            }
        }
        if fell && how == How::Kill {
            cluster.start(victim)?;
        }
        self.finish_after(command, id, &before).await?;
        Ok(fell)
    }

    /// Something other than a question is done, at whatever cost to the node that is to fall.
    async fn carry_out_under_fire(&self, command: Command, follower: Place) -> Result<()> {
        match command {
            Command::Snapshot => self.leave_behind(follower).await,
            _ => {
                ensure!(self.cluster.terminate(follower).await?.success());
                self.cluster.start(follower)
            }
        }
    }

    /// Waits until the node was ended as ordered. Says whether it was; where the command came to its end without,
    /// the order is taken back.
    async fn falls<T>(&self, victim: Place, point: Point, asked: Option<JoinHandle<T>>) -> Result<bool> {
        let node = self.cluster.node(victim);
        let mut waits_since = None;
        loop {
            if let Some(status) = node.process.ended() {
                let end = format!("{} ended with {}\n{}", node.name, ending(status), node.process.tail());
                ensure!(status.signal() == Some(KILLED), end);
                return Ok(true);
            }
            if asked.as_ref().is_none_or(JoinHandle::is_finished) {
                let since = *waits_since.get_or_insert_with(Instant::now);
                if since.elapsed() > FALL && node.points.let_go(point.name())? {
                    return Ok(false);
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the leader stands still at a point, has another node take over, and lets it go. Says whether it
    /// came there.
    async fn is_deposed<T>(
        &self,
        leader: Place,
        point: Point,
        held_before: usize,
        asked: Option<JoinHandle<T>>,
    ) -> Result<bool> {
        let points = &self.cluster.node(leader).points;
        let mut waits_since = None;
        while points.count(point.name(), "held")? == held_before {
            if asked.as_ref().is_none_or(JoinHandle::is_finished) {
                let since = *waits_since.get_or_insert_with(Instant::now);
                if since.elapsed() > FALL {
                    points.let_go(point.name())?;
                    return Ok(false);
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        let deposed = depose(&self.cluster, leader).await;
        points.let_go(point.name())?;
        deposed?;
        Ok(true)
    }

    /// The command is repeated under its id, and as somebody who has none does; all replicas come to the same.
    async fn finish_after(&self, command: Command, id: Uuid, before: &Picture) -> Result<()> {
        let cluster = &self.cluster;
        let mut fresh = 0;
        if command.is_operation() {
            let first = command.end(cluster, Some(id)).await?;
            let again = command.end(cluster, Some(id)).await?;
            ensure!(first == again, "it ended with {first:?}, and repeated with {again:?}");
            let anew = command.do_again(cluster).await?;
            let changed = |over| usize::from(matches!(over, Over::Done { changed: true, .. }));
            fresh = (changed(first) + changed(anew)) * command.new_keys();
            if Command::ONCE.contains(&command) {
                ensure!(changed(first) + changed(anew) == 1, "done once: {first:?}, {anew:?}");
            }
        }
        cluster.settle(PATIENCE).await?;
        if !before.keys.is_empty() || fresh > 0 {
            register_all(cluster).await?;
        }
        let after = same_everywhere(cluster).await?;
        after.is_at_rest()?;
        ensure!(after.stage == stage_after(before.stage, command), "{command:?} led to {after:?}");
        if command.is_operation() {
            let keys = after.keys.len() - before.keys.len();
            ensure!(keys == fresh, "{keys} keys are new, and {fresh} were acknowledged");
        }
        cluster.digests_agree().await?;
        Ok(())
    }

    /// Ends the writers, and holds what they were told against what there is.
    pub async fn end(self) -> Result<Summary> {
        self.work_goes_on().await?;
        let history = self.writers.finish().await;
        let record = match self.transactions {
            Some(clients) => Some(clients.finish().await),
            None => None,
        };
        let leader = self.cluster.settle(PATIENCE).await?;
        let content = self.cluster.node(leader).client().scan_all(Linearizable).await?;
        let findings = verify(&history, &content);
        ensure!(findings.is_clean(), "{findings}");
        if let Some(record) = record {
            let findings = record.judge();
            println!("{}", record.contents());
            ensure!(findings.is_clean(), "{findings}");
            ensure!(record.unread.is_none(), "when all was over: {:?}", record.unread);
        }
        self.cluster.digests_agree().await?;
        let summary = Summary::of(history.operations(), &self.strikes);
        self.cluster.finish().await?;
        Ok(summary)
    }
}

/// Has another node lead, by asking the one that does.
pub async fn depose(cluster: &Cluster, leader: Place) -> Result<Place> {
    let others = cluster.others(leader);
    wait::until("another node to lead", PATIENCE, || async {
        if let Ok(new) = cluster.leader_among(&others, LOOK).await {
            return Ok(new);
        }
        let name = &cluster.node(others[0]).name;
        drop(cluster.node(leader).client().transfer_leadership(name).await);
        cluster.leader_among(&others, Duration::from_secs(1)).await
    })
    .await
}
