//! `kv txn`: a script as one transaction.
//!
//! The transaction takes a moment, reads at it, and commits what the script writes on the condition that nobody has
//! changed, since that moment, what it read. If somebody has, it is all done again from a later moment.

mod attempt;
mod script;

use std::time::Duration;

use super::{commit, from_file};
use crate::args::kv::TxnArgs;
use crate::client::Session;
use crate::error::{CliError, Code};
use crate::model::{Done, TxnReport};
use attempt::Attempt;

/// Two that got in each other's way would do so again at once.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub async fn run(session: &Session, args: &TxnArgs) -> Result<Done<TxnReport>, CliError> {
    let steps = script::read(&from_file(&args.script)?, &args.notation)?;
    let op_id = session.begin_change();
    let plan = commit::begin(session, args.change.expect.expect_cluster.as_deref()).await?;
    let mut retries = 0;
    loop {
        let attempt = Attempt { session, args, plan: plan.clone(), steps: &steps, op_id };
        match attempt.run().await {
            Ok(report) => {
                let changed = report.writes() && !report.already_applied;
                return Ok(Done::changed(TxnReport { retries, ..report }, changed));
            }
            Err(error) if error.code() == Code::Conflict && retries < args.retries => {
                retries += 1;
                session.progress().say(format!("somebody else was faster; beginning anew ({retries})"));
                if !session.sleep(pause(retries)).await {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn pause(retries: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << retries.min(10)).min(LONGEST_PAUSE)
}
