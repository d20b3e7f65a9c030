//! `scan leak`

use std::sync::Arc;

use elastickv_offline::leak::{Canaries, Found, LONGEST_FILE, LeakError, Search};
use elastickv_offline::{Pace, Strides};
use elastickv_sys::clock::SystemClock;

use crate::args::scan::LeakArgs;
use crate::client::Session;
use crate::commands::data_dir;
use crate::commands::striding::striding;
use crate::error::{CliError, Code, Warning};
use crate::local_files;
use crate::model::{Done, LeakReport};

pub async fn run(session: &Session, args: &LeakArgs) -> Result<Done<LeakReport>, CliError> {
    let search = Search::new(&canaries(args)?).map_err(|error| refused(&error))?;
    let pace = args.rate.map_or_else(Pace::unbounded, |rate| Pace::of(rate, SystemClock::shared()));
    let (dir, strides) = (args.data_dir.clone(), Arc::new(Strides::default()));
    let shared = strides.clone();
    let work = move || search.below(&dir, pace, &shared);
    let found = striding(session, "searching", &strides, work).await?.map_err(|error| refused(&error))?;
    warn_of_skipped(session, &found);
    let report = LeakReport::of(&args.data_dir, &found);
    let problem = (found.hits > 0).then(|| {
        let text = format!("{} of {} canaries are in the files", found.canaries.len(), found.sought);
        CliError::new(Code::LeakFound, text)
    });
    Ok(Done::read(report).with_problem(problem))
}

fn canaries(args: &LeakArgs) -> Result<Canaries, CliError> {
    let shown = args.canary_file.display();
    let failed = |error: std::io::Error| CliError::new(Code::LocalFile, format!("{shown}: {error}"));
    let text = local_files::read_at_most(&args.canary_file, LONGEST_FILE).map_err(failed)?;
    Canaries::parse(&text).map_err(|error| unfit(&format!("{shown}: {error}")))
}

fn unfit(text: &str) -> CliError {
    CliError::new(Code::BadCanaries, text)
}

fn refused(error: &LeakError) -> CliError {
    match error {
        LeakError::Canaries(_) | LeakError::TooMany(_) => unfit(&error.to_string()),
        LeakError::Lock(error) => data_dir::locked(error),
        LeakError::Read { .. } => CliError::new(Code::LocalFile, error.to_string()),
    }
}

fn warn_of_skipped(session: &Session, found: &Found) {
    for path in &found.skipped {
        let text = format!("{} is no file and was not read", path.display());
        session.warn(Warning::new(Code::NotAFile, text));
    }
}
