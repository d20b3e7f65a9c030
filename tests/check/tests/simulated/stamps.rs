//! Stamps drawn from one counter by clients whose calls overlap.

use elastickv_check::stamps::{Batch, check};
use elastickv_check::{Call, Findings, Moment, Outcome};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::{all_clean, found};

const CLIENTS: usize = 6;
const STEPS: u64 = 600;

/// By how much the counter may be set back: further than calls overlap.
const BACK: u64 = 1_000;

fn run(set_back: bool, mut random: StdRng) -> (Findings, bool) {
    let armed = random.random_range(100..STEPS - 100);
    let mut counter = 1_000_000_u64;
    let mut asked: Vec<Option<Batch>> = vec![None; CLIENTS];
    let mut batches = Vec::new();
    for step in 0..STEPS {
        if set_back && step == armed {
            counter -= BACK;
        }
        let client = random.random_range(0..CLIENTS);
        let (begun, ended) = (Moment(step), Moment(step));
        match asked[client].take() {
            None => {
                let call = Call { client: client as u32, begun, ended, outcome: Outcome::Committed };
                asked[client] = Some(Batch { call, first: 0, count: random.random_range(1..5) });
            }
            Some(mut batch) if batch.first == 0 => {
                (batch.first, counter) = (counter, counter + batch.count);
                asked[client] = Some(batch);
            }
            Some(mut batch) => {
                batch.call.ended = ended;
                batches.push(batch);
            }
        }
    }
    (check(&batches), set_back)
}

#[test]
fn a_counter_passes() {
    all_clean(|random| run(false, random));
}

#[test]
fn a_counter_that_was_set_back_is_found_every_time() {
    found("set back", 100, |random| run(true, random));
}
