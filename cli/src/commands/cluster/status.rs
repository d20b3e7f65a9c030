//! `cluster status`

use crate::client::Session;
use crate::error::CliError;
use crate::model::{Done, StatusReport, status_warnings};

pub async fn run(session: &Session) -> Result<Done<StatusReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    for warning in status_warnings(&survey) {
        session.warn(warning);
    }
    let report = StatusReport::of(&survey, session.unix_ms());
    let problem = report.problem();
    Ok(Done::read(report).with_problem(problem))
}
