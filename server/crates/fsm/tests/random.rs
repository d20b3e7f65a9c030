//! Random entries on two replicas, of which one is restarted, loses what was not persisted and replays the log,
//! or takes the other's snapshot, again and again; what must never happen
//! does not, and with a rule left out the same seeds show that it would.

mod support;

use std::collections::BTreeMap;

use elastickv_fsm::*;
use elastickv_types::*;
use support::Replica;
use support::random::{Blind, Draw};
use support::rules::Rules;

const SEEDS: u64 = 60;
const ENTRIES: u64 = 400;

#[derive(Default)]
struct Seen {
    stages: BTreeMap<&'static str, u64>,
    rejections: BTreeMap<u32, u64>,
    retired: u64,
    misfits: u64,
    restarts: u64,
}

impl Seen {
    fn note(&mut self, answer: &Answer) {
        match answer {
            Answer::Registered(Err(rejection)) | Answer::Done(Err(rejection)) => {
                *self.rejections.entry(rejection.code()).or_default() += 1;
            }
            Answer::Misfit(_) => self.misfits += 1,
            Answer::Nothing
            | Answer::Writes(_)
            | Answer::Ceiling(_)
            | Answer::PreWritten(_)
            | Answer::Resolved(_)
            | Answer::Registered(Ok(_))
            | Answer::Done(Ok(_)) => {}
        }
    }
}

/// One run; what the rules found, if anything.
fn run(seed: u64, blind: Blind, seen: &mut Seen) -> Result<(), String> {
    let mut draw = Draw::new(seed);
    let [mut steady, mut restarted] = [Replica::new(GroupId::CONTROL), Replica::new(GroupId::CONTROL)];
    let mut rules = Rules::default();
    steady.set_membership();
    restarted.set_membership();
    for _ in 0..ENTRIES {
        if draw.below(60) == 0 {
            steady.set_membership();
            restarted.set_membership();
        }
        let (form, command) = draw.entry(steady.state());
        let entry = steady.apply_seeing(blind, form, command.clone());
        rules
            .check(&(form, command.clone()), &entry.decision, steady.state())
            .map_err(|broken| format!("at {}: {broken}", entry.index))?;
        seen.note(&entry.decision.answer);
        if blind != Blind::Nothing {
            continue;
        }
        let elsewhere = restarted.apply(form, command);
        assert_eq!(entry.decision, elsewhere.decision, "seed {seed}, entry {}", entry.index);
        match draw.below(24) {
            0..=1 => restarted.restart(),
            2 => steady.install_into(&mut restarted),
            3 => restarted.lose_power(draw.below(101)),
            4..=5 => restarted.persist(),
            _ => continue,
        }
        seen.restarts += 1;
        assert_eq!(
            (restarted.applied.clone(), restarted.tables.clone()),
            restarted.stored(),
            "seed {seed}, entry {}",
            entry.index
        );
        assert_eq!(restarted.control().fingerprint(), steady.control().fingerprint());
        assert_eq!(restarted.state(), steady.state());
    }
    let control = steady.control();
    *seen.stages.entry(control.stage.as_str()).or_default() += 1;
    seen.retired += control.keys.iter().filter(|(_, row)| row.state.is_retired()).count() as u64;
    Ok(())
}

#[test]
fn what_must_never_happen_does_not() {
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        run(seed, Blind::Nothing, &mut seen).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
    println!(
        "{:?}, {} keys retired, {} misfits, {} restarts",
        seen.stages, seen.retired, seen.misfits, seen.restarts
    );
    println!("rejections {:?}", seen.rejections);
    // A run that gets nowhere shows nothing.
    assert!(seen.stages.get("fully-sealed").is_some_and(|reached| *reached > SEEDS / 4));
    assert!(seen.retired > SEEDS && seen.misfits > SEEDS && seen.restarts > 10 * SEEDS);
    assert!(seen.rejections.len() >= 17, "{:?}", seen.rejections);
}

#[test]
fn with_a_rule_left_out_it_does() {
    let rules = [
        Blind::Registry,
        Blind::Membership,
        Blind::Running,
        Blind::History,
        Blind::Cutover,
        Blind::Floor,
        Blind::Stage,
        Blind::UsedKeys,
    ];
    for blind in rules {
        let found = (0..SEEDS)
            .find_map(|seed| run(seed, blind, &mut Seen::default()).err().map(|broken| (seed, broken)));
        let (seed, broken) = found.unwrap_or_else(|| panic!("nobody misses {blind:?}"));
        println!("without {blind:?}, seed {seed} {broken}");
    }
}
