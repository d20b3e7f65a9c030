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

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
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
use template::{Template, Templates};

/// One damage of a run alone, by its number.
const ONLY: &str = "ELASTICKV_DAMAGE";

const DAMAGES: (usize, usize) = (100, 1_000);
const WHILE_RUNNING: (usize, usize) = (24, 200);
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
    let cases = treat("damage", DAMAGES, |mut patient, templates, seed, number| async move {
        let template = templates.of(number);
        patient.admit(template)?;
        let injury = injury::inflict(&mut random(seed, number), number, patient.dir(), template.older())?;
        let verdict = patient.examine(template, &injury).await?;
        Ok((patient, injury, verdict))
    })
    .await?;
    let count = |word| cases.iter().filter(|case| case.verdict.word() == word).count();
    if cases.len() >= DAMAGES.0 {
        let kinds: BTreeSet<_> = cases.iter().map(|case| case.injury.kind).collect();
        ensure!(kinds.len() == Kind::ALL.len(), "some kinds of files were never damaged");
        ensure!(count("refused") * 10 >= cases.len(), "hardly anything was refused");
        ensure!(count("correct") + count("rebuilt") > 0, "nothing ever started, so nothing was compared");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_damaged_under_a_running_node_never_show_other_content() -> Result<()> {
    let cases =
        treat("damage while running", WHILE_RUNNING, |mut patient, templates, seed, number| async move {
            let template = templates.with_store(number);
            patient.admit(template)?;
            let hurt = |dir: &Path| injury::inflict_in_place(&mut random(seed, number), dir);
            let (injury, verdict) = patient.examine_running(template, hurt).await?;
            Ok((patient, injury, verdict))
        })
        .await?;
    let noticed = cases.iter().any(|case| case.verdict.word() == "refused at a read");
    ensure!(noticed || cases.len() < WHILE_RUNNING.0, "no read ever met a damaged place");
    Ok(())
}

/// Does many damages, each to a fresh copy of a directory, and judges how they were borne.
async fn treat<F, Fut>(name: &str, counts: (usize, usize), one: F) -> Result<Vec<Case>>
where
    F: Fn(Patient, Arc<Templates>, u64, usize) -> Fut + Copy + Send + 'static,
    Fut: Future<Output = Result<(Patient, Injury, Verdict)>> + Send,
{
    let _turn = turn::take().await?;
    let seed = nemesis::seed();
    let scratch = Scratch::new("damage")?;
    let templates = Arc::new(Templates::make(scratch.path()).await?);
    let numbers = numbers(counts)?;
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
                let done = one(patient, Arc::clone(&templates), seed, number).await;
                let (same, injury, verdict) =
                    done.with_context(|| format!("damage {number} of seed {seed}"))?;
                patient = same;
                cases.push(Case { number, injury, verdict });
            }
        });
    }
    let mut cases = Vec::new();
    while let Some(done) = workers.join_next().await {
        cases.extend(done??);
    }
    cases.sort_by_key(|case| case.number);
    judge(name, seed, &cases)?;
    notices_other_content(Patient::new(scratch.path().join("control"))?, templates.of(0)).await?;
    Ok(cases)
}

/// The control: content that differs in one value has to be noticed.
async fn notices_other_content(mut patient: Patient, template: &Template) -> Result<()> {
    patient.admit(template)?;
    let (key, _) = template.content().first().context("there is no content")?;
    patient.overwrite(key.clone(), "other".into()).await?;
    let verdict = patient.examine(template, &Injury::none()).await?;
    ensure!(!verdict.is_borne(), "other content went unnoticed");
    Ok(())
}

fn random(seed: u64, number: usize) -> StdRng {
    StdRng::seed_from_u64(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn numbers(counts: (usize, usize)) -> Result<std::ops::Range<usize>> {
    match std::env::var(ONLY) {
        Ok(text) => {
            let number: usize = text.parse().context(ONLY)?;
            Ok(number..number + 1)
        }
        Err(_) => Ok(0..scale::pick(counts.0, counts.1)),
    }
}

/// Prints what became of the damages, by kind of file, and fails for every one that was not borne well.
fn judge(name: &str, seed: u64, cases: &[Case]) -> Result<()> {
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
        "{name}: {} damages, {effective} took effect, over {} kinds of files; {} correct, {} rebuilt, {} refused \
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
    ensure!(
        effective * 100 >= cases.len() * 95,
        "only {effective} of {} damages changed anything",
        cases.len()
    );
    Ok(())
}
