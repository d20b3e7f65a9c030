//! Damage to the files of a stopped node: whatever is done to any one of them, the node starts with the
//! content it had, or says which file is damaged and where. It never shows other content, never ends by a
//! panic, and never just hangs.
//!
//! `ELASTICKV_SCALE=full cargo test --release -p elastickv-tests --test faults damage` does a thousand
//! damages instead of a hundred. A seed that failed is printed with what it did; `ELASTICKV_SEED` repeats
//! a run, `ELASTICKV_DAMAGE=<number>` one damage of it.

mod injury;
mod kinds;
mod patient;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use elastickv_tests::nemesis;
use elastickv_tests::scale;
use elastickv_tests::scratch::Scratch;
use elastickv_tests::turn;
use rand::SeedableRng;
use rand::rngs::StdRng;

use injury::Injury;
use kinds::Kind;
use patient::{Patient, Verdict};
use template::Templates;

/// One damage of a run alone, by its number.
const ONLY: &str = "ELASTICKV_DAMAGE";

const DAMAGES: (usize, usize) = (100, 1_000);
/// Nodes that are damaged and started side by side.
const AT_ONCE: usize = 3;

/// What became of one damage.
struct Case {
    number: usize,
    injury: Injury,
    verdict: Verdict,
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_never_show_other_content() -> Result<()> {
    let _turn = turn::take().await?;
    let seed = nemesis::seed();
    let scratch = Scratch::new("damage")?;
    let templates = Arc::new(Templates::make(scratch.path()).await?);
    let numbers = numbers()?;
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..AT_ONCE.min(numbers.len()) {
        let (templates, next, end) = (Arc::clone(&templates), Arc::clone(&next), numbers.end);
        let mut patient = Patient::new(scratch.path().join(format!("patient-{worker}")))?;
        workers.spawn(async move {
            let mut cases = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return anyhow::Ok(cases);
                }
                let case = one(&mut patient, &templates, seed, number).await;
                cases.push(case.with_context(|| format!("damage {number} of seed {seed}"))?);
            }
        });
    }
    let mut cases = Vec::new();
    while let Some(done) = workers.join_next().await {
        cases.extend(done??);
    }
    cases.sort_by_key(|case| case.number);
    judge(seed, &cases, numbers.len())
}

fn numbers() -> Result<std::ops::Range<usize>> {
    match std::env::var(ONLY) {
        Ok(text) => {
            let number: usize = text.parse().context(ONLY)?;
            Ok(number..number + 1)
        }
        Err(_) => Ok(0..scale::pick(DAMAGES.0, DAMAGES.1)),
    }
}

async fn one(patient: &mut Patient, templates: &Templates, seed: u64, number: usize) -> Result<Case> {
    let mut random = StdRng::seed_from_u64(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let template = templates.of(number);
    patient.admit(template)?;
    let injury = injury::inflict(&mut random, number, patient.dir(), template.older())?;
    let verdict = patient.examine(template, &injury).await?;
    Ok(Case { number, injury, verdict })
}

/// Prints what became of the damages, by kind of file, and fails for every one that was not borne well.
fn judge(seed: u64, cases: &[Case], wanted: usize) -> Result<()> {
    let mut by_kind: BTreeMap<Kind, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for case in cases {
        *by_kind.entry(case.injury.kind).or_default().entry(case.verdict.word()).or_default() += 1;
    }
    for (kind, words) in &by_kind {
        println!("{kind:?}: {words:?}");
    }
    let failed: Vec<_> = cases.iter().filter(|case| !case.verdict.is_borne()).collect();
    for case in &failed {
        println!("FAILED seed {seed} damage {}: {}\n{}", case.number, case.injury, case.verdict);
    }
    let effective = cases.iter().filter(|case| case.injury.changed).count();
    let count = |word| cases.iter().filter(|case| case.verdict.word() == word).count();
    println!(
        "damage: {} damages, {effective} took effect, over {} kinds of files; {} correct, {} rebuilt, {} refused \
         at the start, {} refused at a read, {} failed",
        cases.len(),
        by_kind.len(),
        count("correct"),
        count("rebuilt"),
        count("refused"),
        count("refused at a read"),
        failed.len(),
    );
    ensure!(failed.is_empty(), "{} of {} damages were not borne", failed.len(), cases.len());
    if wanted >= DAMAGES.0 {
        ensure!(effective * 100 >= wanted * 95, "only {effective} of {wanted} damages changed anything");
        ensure!(by_kind.len() == Kind::ALL.len(), "some kinds of files were never damaged");
        ensure!(count("refused") * 10 >= wanted, "hardly anything was refused, so hardly anything was hit");
        ensure!(count("correct") + count("rebuilt") > 0, "nothing ever started, so nothing was compared");
    }
    Ok(())
}
