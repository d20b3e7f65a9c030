//! Everything at once, or rather one after the other: kills, stops, cuts and moved clocks.
//!
//! A round counts only if what it did took effect: a killed process ran, a stopped or cut leader was replaced
//! while it was, a moved clock was noticed by the server that reads it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

use super::delay;
use crate::cluster::Cluster;
use crate::links::{Link, Place};
use crate::summary::Failure;
use crate::wait::{self, PATIENCE};
use crate::workload::Progress;

/// How far a clock is moved, forward or back.
pub const MOVED: Duration = Duration::from_secs(3600);

/// What a server says once its wall clock was moved.
const NOTICED: &str = "the wall clock is not where it should be by now";

/// One sort of trouble.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Trouble {
    /// The leader is killed with signal 9 and started again.
    KillLeader,
    /// Every thread of the leader stands still until another leads; then they go on as if nothing had been.
    StopLeader,
    /// No byte passes between the leader and the others, until one of these leads.
    CutLeader,
    /// The leader speaks and hears nothing.
    DeafLeader,
    /// Connections between the leader and the others are reset, new ones too.
    ResetLeader,
    /// A node's wall clock jumps by an hour; it is killed, starts by that clock, and is made the leader; then
    /// the clock jumps back, and it is killed and starts once more.
    MoveClock,
}

impl Trouble {
    pub const ALL: [Trouble; 6] = [
        Trouble::KillLeader,
        Trouble::StopLeader,
        Trouble::CutLeader,
        Trouble::MoveClock,
        Trouble::DeafLeader,
        Trouble::ResetLeader,
    ];
}

/// Rounds of trouble while clients are at work.
#[derive(Clone, Debug)]
pub struct Storm {
    pub rounds: usize,
    pub seed: u64,
    /// Operations that must be acknowledged before each round, so that each falls into live traffic.
    pub acknowledged_between: u64,
    /// The sorts that take turns.
    pub troubles: Vec<Trouble>,
}

impl Storm {
    pub fn of_everything(rounds: usize, seed: u64, acknowledged_between: u64) -> Self {
        Self { rounds, seed, acknowledged_between, troubles: Trouble::ALL.to_vec() }
    }

    /// The same storm, but over after so many rounds.
    pub fn cut(self, rounds: usize) -> Self {
        Self { rounds: rounds.min(self.rounds), ..self }
    }

    /// The same storm, but over as soon as this sort has had its first turn.
    pub fn until(self, trouble: Trouble) -> Self {
        let sequence = self.sequence(&mut StdRng::seed_from_u64(self.seed));
        let first = sequence.iter().position(|&drawn| drawn == trouble);
        Self { rounds: first.map_or(self.rounds, |before| before + 1), ..self }
    }

    /// Runs all rounds. Returns what struck, and when.
    pub async fn run(&self, cluster: &Cluster, progress: &Progress) -> Result<Vec<Failure>> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut failures = Vec::new();
        for (round, trouble) in self.sequence(&mut random).into_iter().enumerate() {
            let failure = self.round(cluster, progress, trouble, &mut random).await;
            failures.push(failure.with_context(|| format!("in round {round}, {trouble:?}"))?);
        }
        Ok(failures)
    }

    /// Every sort as often as every other, in an order of its own each time.
    fn sequence(&self, random: &mut StdRng) -> Vec<Trouble> {
        let mut sequence = Vec::new();
        while sequence.len() < self.rounds && !self.troubles.is_empty() {
            let mut troubles = self.troubles.clone();
            troubles.shuffle(random);
            sequence.extend(troubles);
        }
        sequence.truncate(self.rounds);
        sequence
    }

    async fn round(
        &self,
        cluster: &Cluster,
        progress: &Progress,
        trouble: Trouble,
        random: &mut StdRng,
    ) -> Result<Failure> {
        progress.more_acknowledged(self.acknowledged_between, PATIENCE).await?;
        let leader = cluster.leader(PATIENCE).await?;
        delay(random).await;
        let begun = Instant::now();
        let hits = match trouble {
            Trouble::KillLeader => kill(cluster, leader, random).await?,
            Trouble::StopLeader => stop(cluster, leader).await?,
            Trouble::CutLeader => {
                cut(cluster, leader, |from, to| (from == leader || to == leader).then_some(Link::Silent))
                    .await?
            }
            Trouble::DeafLeader => {
                cut(cluster, leader, |_, to| (to == leader).then_some(Link::Silent)).await?
            }
            Trouble::ResetLeader => {
                cut(cluster, leader, |from, to| (from == leader || to == leader).then_some(Link::Reset))
                    .await?
            }
            Trouble::MoveClock => move_clock(cluster, progress, random).await?,
        };
        progress.more_acknowledged(1, PATIENCE).await?;
        Ok(Failure { what: format!("{trouble:?} {leader:?}"), hits, begun, ended: Instant::now() })
    }
}

async fn kill(cluster: &Cluster, victim: Place, random: &mut StdRng) -> Result<usize> {
    let hits = cluster.kill(&[victim])?;
    delay(random).await;
    cluster.start(victim)?;
    cluster.answers(victim, PATIENCE).await?;
    Ok(hits)
}

async fn stop(cluster: &Cluster, leader: Place) -> Result<usize> {
    let process = &cluster.node(leader).process;
    process.stop()?;
    let replaced = cluster.leader_among(&cluster.others(leader), PATIENCE).await;
    process.go_on()?;
    replaced?;
    cluster.answers(leader, PATIENCE).await?;
    Ok(1)
}

/// Sets the links of the leader until it is replaced.
async fn cut(cluster: &Cluster, leader: Place, link: impl Fn(Place, Place) -> Option<Link>) -> Result<usize> {
    let links = cluster.links()?;
    let before = links.effect();
    for (from, to) in pairs(&cluster.places()) {
        if let Some(link) = link(from, to) {
            links.set(from, to, link);
        }
    }
    let replaced = cluster.leader_among(&cluster.others(leader), PATIENCE).await;
    let after = links.effect();
    links.heal();
    replaced?;
    Ok(usize::from(after.held + after.reset > before.held + before.reset))
}

fn pairs(places: &[Place]) -> impl Iterator<Item = (Place, Place)> {
    places
        .iter()
        .flat_map(move |&from| places.iter().filter(move |&&to| to != from).map(move |&to| (from, to)))
}

async fn move_clock(cluster: &Cluster, progress: &Progress, random: &mut StdRng) -> Result<usize> {
    let victim = *cluster.places().choose(random).context("there is no node")?;
    let hour = MOVED.as_millis() as i64;
    let by = if random.random() { hour } else { -hour };
    move_and_notice(cluster, victim, by).await?;
    progress.more_acknowledged(1, PATIENCE).await?;
    kill(cluster, victim, random).await?;
    cluster.hand_leadership(victim, PATIENCE).await?;
    progress.more_acknowledged(1, PATIENCE).await?;
    move_and_notice(cluster, victim, 0).await?;
    progress.more_acknowledged(1, PATIENCE).await?;
    // By the right clock: a server notices a jump away from where it started, and not every other.
    kill(cluster, victim, random).await?;
    Ok(2)
}

/// Moves the clock of a running node and waits until its server says that it has seen it.
async fn move_and_notice(cluster: &Cluster, place: Place, by_ms: i64) -> Result<()> {
    let node = cluster.node(place);
    let noticed = || node.process.log().matches(NOTICED).count();
    let before = noticed();
    cluster.move_clock(place, by_ms)?;
    wait::until(&format!("{} to see its clock move by {by_ms} ms", node.name), PATIENCE, || async {
        ensure!(noticed() > before, "it has not said so");
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sort_of_trouble_takes_its_turn_in_an_order_of_the_seed() {
        let storm = Storm::of_everything(20, 7, 0);
        let draw = |seed| storm.sequence(&mut StdRng::seed_from_u64(seed));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(draw(1).len(), 20);
        let counts = Trouble::ALL.map(|sort| draw(1).iter().filter(|&&drawn| drawn == sort).count());
        assert!(counts.iter().all(|&count| count >= 3), "{counts:?}");
        let cut = storm.clone().until(Trouble::MoveClock);
        let whole = storm.sequence(&mut StdRng::seed_from_u64(storm.seed));
        let part = cut.sequence(&mut StdRng::seed_from_u64(storm.seed));
        assert!(whole.starts_with(&part));
        assert_eq!(part.iter().position(|&drawn| drawn == Trouble::MoveClock), Some(part.len() - 1));
    }
}
