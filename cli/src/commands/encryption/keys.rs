//! `encryption keys …`

use elastickv_proto::v1;

use super::key_ids::resolve;
use super::{best_aim, epochs};
use crate::args::encryption::{KeysListArgs, KeysShowArgs};
use crate::client::{Plan, Session, Survey, encryption_rpc};
use crate::error::CliError;
use crate::model::encryption::{KeyReport, KeyView, KeysReport};
use crate::model::{Decimal, Done, silent_members};

pub async fn list(session: &Session, args: &KeysListArgs) -> Result<Done<KeysReport>, CliError> {
    let (survey, told) = ask(session, args.all).await?;
    Ok(Done::read(KeysReport {
        cluster_name: survey.cluster_name,
        applied_index: Decimal(told.applied_index),
        keys: told.keys.iter().map(KeyView::from).collect(),
    }))
}

pub async fn show(session: &Session, args: &KeysShowArgs) -> Result<Done<KeyReport>, CliError> {
    let (survey, told) = ask(session, true).await?;
    let key = resolve(&args.key, &told.keys)?;
    Ok(Done::read(KeyReport {
        cluster_name: survey.cluster_name,
        applied_index: Decimal(told.applied_index),
        key: KeyView::from(key),
    }))
}

async fn ask(session: &Session, include_retired: bool) -> Result<(Survey, v1::ListKeysResponse), CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    silent_members(&survey).into_iter().for_each(|warning| session.warn(warning));
    let told = table(session, &survey, include_retired).await?;
    Ok((survey, told))
}

/// The table of keys, as the leader has it if there is one.
pub async fn table(
    session: &Session,
    survey: &Survey,
    include_retired: bool,
) -> Result<v1::ListKeysResponse, CliError> {
    let request = v1::ListKeysRequest { include_retired };
    let told = session.call(Plan::read(best_aim(survey)), &request, encryption_rpc::list_keys).await?.message;
    epochs::of_keys(&told.keys)?;
    Ok(told)
}
