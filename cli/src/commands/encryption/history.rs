//! `encryption history`

use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_types::OperationId;

use super::best_aim;
use super::follow::look_up;
use crate::client::{Plan, Session, Survey, encryption_rpc};
use crate::error::{CliError, Code};
use crate::model::Done;
use crate::model::encryption::{HistoryReport, OperationReport, OperationView};

pub async fn run(session: &Session, limit: u32) -> Result<Done<HistoryReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let (operations, more) = pages(session, &survey, limit).await?;
    Ok(Done::read(HistoryReport { cluster_name: survey.cluster_name, operations, more }))
}

/// The youngest ones, and whether there are more.
pub async fn pages(
    session: &Session,
    survey: &Survey,
    limit: u32,
) -> Result<(Vec<OperationView>, bool), CliError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut operations: Vec<OperationView> = Vec::new();
    let mut before_index = 0;
    let more = loop {
        let left = u32::try_from(wanted.saturating_sub(operations.len())).unwrap_or(u32::MAX);
        session.progress().say(format!("reading the history; {} so far", operations.len()));
        let request = v1::EncryptionHistoryRequest { limit: left, before_index };
        let plan = Plan::read(best_aim(survey));
        let page = session.call(plan, &request, encryption_rpc::history).await?.message;
        operations.extend(page.operations.iter().map(OperationView::from));
        let next = page.next_before_index;
        if next == 0 || operations.len() >= wanted {
            break next != 0 || operations.len() > wanted;
        }
        // Pages go down; one that does not would be asked for ever.
        if before_index != 0 && next >= before_index {
            return Err(CliError::new(Code::Unexpected, "the pages of the history do not come to an end"));
        }
        before_index = next;
    };
    operations.truncate(wanted);
    Ok((operations, more))
}

/// All that is known of one operation.
pub async fn one(session: &Session, id: OperationId) -> Result<Done<OperationReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let found = look_up(session, best_aim(&survey), &Bytes::copy_from_slice(id.as_bytes())).await?;
    let found = found.ok_or_else(|| CliError::new(Code::UnknownOperation, format!("{id} is not known")))?;
    let (cluster_name, operation) = (survey.cluster_name, OperationView::from(&found));
    Ok(Done::read(OperationReport { cluster_name, operation, next: None }))
}
