//! What an operator sees: every command of the program, and errors by their real causes, on one cluster of real nodes
//! with keys and doors.
//!
//! Each command is typed twice, for people at 80 columns and for programs. What was seen is kept in docs/transcripts,
//! with all that differs from run to run taken out (`UPDATE_GOLDEN=1` writes it anew), and every document is judged by
//! a validator that is not ours, against the schema that the program prints.

mod kept;
mod operator;
mod plain;
mod story;
mod troubles;
mod validated;

use anyhow::{Result, ensure};
use elastickv_tests::cluster::Plan;
use elastickv_tests::wait::PATIENCE;

use kept::Kept;
use operator::Operator;

/// The exit statuses that the program documents, all of which are told here but those of answers that are lost (13) and
/// of interruptions: when these come depends on the moment, so they are told where commands are cut off on purpose.
const STATUSES: [i32; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14];

#[tokio::test(flavor = "multi_thread")]
async fn every_command_and_error_is_told_as_it_was_seen() -> Result<()> {
    let mut cluster = Plan::new("transcripts").nodes(3).encrypted().with_doors().start().await?;
    let first = cluster.places()[0];
    cluster.settle(PATIENCE).await?;
    if cluster.leader(PATIENCE).await? != first {
        cluster.hand_leadership(first, PATIENCE).await?;
    }
    let mut operator = Operator::of(&cluster)?;
    story::play(&mut operator, &mut cluster).await?;
    troubles::provoke(&mut operator, &mut cluster).await?;
    let judged = validated::by_python(&operator);
    cluster.finish().await?;

    let told = operator.told();
    println!("{} commands were typed", told.len());
    operator.satisfied()?;
    let documents = judged?;
    println!("{documents} documents were judged");
    let kept = Kept::open()?;
    kept.commands(told)?;
    kept.errors(told)?;
    let missing: Vec<i32> =
        STATUSES.into_iter().filter(|status| !told.iter().any(|one| one.status == *status)).collect();
    ensure!(missing.is_empty(), "nothing ended with {missing:?}");
    Ok(())
}
