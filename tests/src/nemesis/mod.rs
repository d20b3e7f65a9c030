//! Trouble on purpose, drawn from a seed: rounds of kills, and storms of everything.

mod kills;
mod storm;

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

pub use kills::{KillRounds, Victims};
pub use storm::{MOVED, Storm, Trouble};

/// Given to repeat a run.
const SEED: &str = "ELASTICKV_SEED";

/// Trouble does not always fall on the same moment of a batch, nor its end on the same of an election.
const LONGEST_DELAY_MS: u64 = 400;

/// The seed of the environment, or a new one; printed, so that a failed run can be repeated.
pub fn seed() -> u64 {
    let given = std::env::var(SEED).ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("{SEED}={seed}");
    seed
}

async fn delay(random: &mut StdRng) {
    tokio::time::sleep(Duration::from_millis(random.random_range(0..LONGEST_DELAY_MS))).await;
}
