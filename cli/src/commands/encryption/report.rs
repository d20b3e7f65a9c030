//! `encryption report`

use std::path::Path;

use super::{history, keys, status};
use crate::args::encryption::ReportArgs;
use crate::client::Session;
use crate::error::{CliError, Code};
use crate::local_files;
use crate::model::Done;
use crate::model::encryption::{EvidenceReport, Gathered, LeakEvidence};

/// Operations are a few a month.
const MOST_OPERATIONS: u32 = 10_000;
const LARGEST_DOCUMENT: u64 = 64 << 20;

pub async fn run(session: &Session, args: &ReportArgs) -> Result<Done<EvidenceReport>, CliError> {
    let leak_scans = args.leak_scan.iter().map(|file| leak_scan(file)).collect::<Result<_, _>>()?;
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let status = status::of(session, &survey).await;
    status.warnings().into_iter().for_each(|warning| session.warn(warning));
    let told = keys::table(session, &survey, true).await?;
    let (operations, operations_cut) = history::pages(session, &survey, MOST_OPERATIONS).await?;
    let gathered = Gathered {
        survey: &survey,
        status: &status,
        keys: &told.keys,
        operations,
        operations_cut,
        leak_scans,
    };
    let report = EvidenceReport::of(gathered);
    let problem = status.problem().filter(|error| error.code() != Code::Partial).or_else(|| report.leak());
    Ok(Done::read(report).with_problem(problem.or_else(|| status.problem())))
}

fn leak_scan(file: &Path) -> Result<LeakEvidence, CliError> {
    let shown = file.display().to_string();
    let text = local_files::read_at_most(file, LARGEST_DOCUMENT)
        .map_err(|error| CliError::new(Code::LocalFile, format!("{shown}: {error}")))?;
    LeakEvidence::parse(&shown, &text)
}
