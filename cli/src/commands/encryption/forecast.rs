//! `encryption forecast`

use super::status;
use crate::args::encryption::ForecastArgs;
use crate::client::Session;
use crate::error::CliError;
use crate::model::encryption::{ForecastReport, GivenRates};
use crate::model::{Done, silent_members};

pub async fn run(session: &Session, args: &ForecastArgs) -> Result<Done<ForecastReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    silent_members(&survey).into_iter().for_each(|warning| session.warn(warning));
    let status = status::of(session, &survey).await;
    let given = GivenRates { seals_per_second: args.seals_per_second, starts_per_day: args.starts_per_day };
    let report = ForecastReport::of(&survey, &status, given);
    report.warnings(args.within).into_iter().for_each(|warning| session.warn(warning));
    // A member that is silent may be the one that is furthest.
    Ok(Done::read(report).with_problem(status.silence()))
}
