//! Rounds of kills.

use std::time::Instant;

use anyhow::{Context, Result};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::delay;
use crate::cluster::Cluster;
use crate::links::Place;
use crate::summary::Failure;
use crate::wait::PATIENCE;
use crate::workload::Progress;

/// A round in which all are killed comes at least this often.
const ALL_EVERY: usize = 4;

/// Whom a round kills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Victims {
    /// Any of the nodes, and all of them now and then.
    Some,
    All,
}

/// Kills a random subset of the nodes, lets the others go on, starts the killed again, and so on.
#[derive(Clone, Debug)]
pub struct KillRounds {
    pub rounds: usize,
    pub victims: Victims,
    pub seed: u64,
    /// Writes that must be acknowledged before each kill, so that each falls into live traffic.
    pub acknowledged_between: u64,
    /// Removes the stores of the killed nodes, so that only log and snapshots carry what was acknowledged.
    pub without_stores: bool,
}

impl KillRounds {
    /// Runs all rounds while writers write. Returns what struck, and when.
    pub async fn run(&self, cluster: &Cluster, progress: &Progress) -> Result<Vec<Failure>> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut failures = Vec::new();
        for round in 0..self.rounds {
            let victims = self.victims(&mut random, round, &cluster.places());
            let failure = self.round(cluster, progress, &victims, &mut random).await;
            failures.push(failure.with_context(|| format!("in round {round}, killing {victims:?}"))?);
        }
        Ok(failures)
    }

    fn victims(&self, random: &mut StdRng, round: usize, places: &[Place]) -> Vec<Place> {
        if self.victims == Victims::All || round % ALL_EVERY == ALL_EVERY - 1 {
            return places.to_vec();
        }
        loop {
            let drawn: Vec<_> = places.iter().copied().filter(|_| random.random()).collect();
            if !drawn.is_empty() {
                return drawn;
            }
        }
    }

    async fn round(
        &self,
        cluster: &Cluster,
        progress: &Progress,
        victims: &[Place],
        random: &mut StdRng,
    ) -> Result<Failure> {
        progress.more_acknowledged(self.acknowledged_between, PATIENCE).await?;
        delay(random).await;
        let begun = Instant::now();
        let hits = cluster.kill(victims)?;
        if self.without_stores {
            for &victim in victims {
                cluster.node(victim).remove_state()?;
            }
        }
        delay(random).await;
        for &victim in victims {
            cluster.start(victim)?;
        }
        for &victim in victims {
            cluster.answers(victim, PATIENCE).await?;
        }
        progress.more_acknowledged(1, PATIENCE).await?;
        Ok(Failure { what: format!("kill {victims:?}"), hits, begun, ended: Instant::now() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_kills_the_same_nodes_and_sometimes_all() {
        let victims = Victims::Some;
        let rounds =
            KillRounds { rounds: 8, victims, seed: 7, acknowledged_between: 0, without_stores: false };
        let places = [Place(0), Place(1), Place(2)];
        let draw = || {
            let mut random = StdRng::seed_from_u64(rounds.seed);
            (0..8).map(|round| rounds.victims(&mut random, round, &places)).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().all(|victims| !victims.is_empty()));
        assert!(draw().iter().filter(|victims| victims.len() == 3).count() >= 2, "all, every fourth round");
    }
}
