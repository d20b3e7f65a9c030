//! `context test`

use crate::client::Session;
use crate::contexts::Settings;
use crate::error::{CliError, Code};
use crate::model::{ContextTestReport, Done};

pub async fn run(session: &Session, settings: &Settings) -> Result<Done<ContextTestReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let silent: Vec<&str> = survey
        .members
        .iter()
        .filter(|seen| seen.facts().is_none())
        .map(|seen| seen.entry.name.as_str())
        .collect();
    let problem = (!silent.is_empty())
        .then(|| CliError::new(Code::Partial, format!("{} did not answer", silent.join(", "))));
    let report = ContextTestReport {
        context: settings.context.value.as_ref().map(ToString::to_string),
        cluster_name: survey.cluster_name.clone(),
        cluster_id: survey.cluster_id.clone(),
        // Another id than the pinned one has been refused by now.
        pinned: settings.cluster_id.value.is_some(),
        encrypted: settings.tls_ca.value.is_some(),
        leader: survey.working_leader().map(|leader| leader.entry.name.clone()),
        answering: survey.members.len() - silent.len(),
        members: survey.members.len(),
    };
    Ok(Done::read(report).with_problem(problem))
}
