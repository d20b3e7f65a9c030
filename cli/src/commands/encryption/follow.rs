//! Watching an operation until it is over, from leader to leader.

use std::time::Duration;

use bytes::Bytes;
use elastickv_proto::v1;
use tonic::Streaming;

use super::best_aim;
use crate::client::{Aim, Intent, Patience, Plan, Session, encryption_rpc};
use crate::error::{CliError, Code, Warning};
use crate::model::encryption::OperationView;

/// A stream that says nothing for so long may have lost its node.
const SILENCE: Duration = Duration::from_secs(5);
/// What is done enough leaves the other members so much time to be told of in the result.
const LATECOMERS: Duration = Duration::from_secs(3);
/// Before another look.
const PAUSE: Duration = Duration::from_millis(200);

/// What is known of an operation; nothing when nobody knows it.
pub async fn look_up(
    session: &Session,
    aim: Aim,
    operation: &Bytes,
) -> Result<Option<v1::Operation>, CliError> {
    let request = v1::GetOperationRequest { operation_id: operation.clone() };
    match session.call(Plan::read(aim), &request, encryption_rpc::get_operation).await {
        Ok(answer) => Ok(answer.message.operation),
        Err(error) if error.code() == Code::UnknownOperation => Ok(None),
        Err(error) => Err(error),
    }
}

/// Watches until it is over or the time is. What was seen last is the result: that watching failed does not change
/// what the servers do.
pub async fn follow(session: &Session, begun: v1::Operation) -> v1::Operation {
    let mut last = begun;
    loop {
        if told(session, &last).is_over() {
            return last;
        }
        match watch(session, &mut last).await {
            Ok(()) => {}
            // What was done long ago has no record under this id: there is nothing to watch.
            Err(error) if error.code() == Code::UnknownOperation => return last,
            Err(error) => {
                session.warn(Warning::new(error.code(), error.message()));
                return last;
            }
        }
        let view = told(session, &last);
        if view.is_over() || view.is_done_enough() || !session.sleep(PAUSE).await {
            return last;
        }
    }
}

/// One stream of one leader, as long as it lasts.
async fn watch(session: &Session, last: &mut v1::Operation) -> Result<(), CliError> {
    let survey = session.survey_with_leader().await?;
    let plan = Plan { intent: Intent::Read, aim: best_aim(&survey), patience: Patience::Work };
    let request = v1::WatchOperationRequest { operation_id: last.operation_id.clone() };
    let mut stream = session.call(plan, &request, encryption_rpc::watch_operation).await?.message;
    let mut done_since = None;
    while let Some(news) = next(session, &mut stream).await {
        *last = news;
        let view = told(session, last);
        // Who is down makes news for ever, and a rotation does not need them.
        let since = *done_since.get_or_insert_with(|| session.elapsed());
        if !view.is_done_enough() {
            done_since = None;
        } else if session.elapsed() >= since + LATECOMERS {
            break;
        }
        if view.is_over() {
            break;
        }
    }
    Ok(())
}

/// News, or nothing at the end of the stream, of its silence, or of the time.
async fn next(
    session: &Session,
    stream: &mut Streaming<v1::WatchOperationResponse>,
) -> Option<v1::Operation> {
    let patience = session.remaining().min(SILENCE);
    tokio::time::timeout(patience, stream.message()).await.ok()?.ok()??.operation
}

fn told(session: &Session, operation: &v1::Operation) -> OperationView {
    let view = OperationView::from(operation);
    session.progress().say(view.progress());
    view
}
