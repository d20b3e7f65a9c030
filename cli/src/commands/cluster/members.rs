//! `cluster members`

use crate::client::Session;
use crate::error::{CliError, Code, Warning};
use crate::model::{Done, MembersReport};

pub async fn run(session: &Session) -> Result<Done<MembersReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    if survey.working_leader().is_none() {
        let text = "no leader confirms this membership; it is the newest that any member knows";
        session.warn(Warning::new(Code::NoLeader, text));
    }
    Ok(Done::read(MembersReport::of(&survey)))
}
