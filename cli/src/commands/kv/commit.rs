//! Writes: transactions of one change or of many, sent so that a lost answer costs nothing but time.

use std::time::Duration;

use elastickv_proto::v1;
use elastickv_proto::v1::condition::Expected;

use crate::args::ChangeArgs;
use crate::args::kv::{IfArgs, Version};
use crate::client::{Aim, Plan, Seen, Session, rpc};
use crate::error::{CliError, Code};

/// Begins a write: finds the leader, so that the write goes to a node that is known to be alive.
pub async fn begin(session: &Session, expected_cluster: Option<&str>) -> Result<Plan, CliError> {
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, expected_cluster)?;
    let aim = survey.leader().and_then(Seen::address).map_or(Aim::Anyone, Aim::Leader);
    Ok(Plan::repeatable(aim))
}

/// Writes one key, perhaps on a condition.
pub async fn one(
    session: &Session,
    change: &ChangeArgs,
    condition: &IfArgs,
    mutation: v1::Mutation,
) -> Result<v1::CommitResponse, CliError> {
    let op_id = session.begin_change();
    let plan = begin(session, change.expect.expect_cluster.as_deref()).await?;
    session.progress().say("waiting for the write to be acknowledged");
    let conditions = condition
        .if_version
        .map(|version| v1::Condition { key: mutation.key.clone(), expected: Some(expected(version)) });
    let request = v1::CommitRequest {
        conditions: conditions.into_iter().collect(),
        mutations: vec![mutation],
        request_id: op_id.as_bytes().to_vec().into(),
        ..v1::CommitRequest::default()
    };
    Ok(session.call(plan, &request, rpc::commit).await?.message)
}

pub fn expected(version: Version) -> Expected {
    match version {
        Version::Absent => Expected::Absent(v1::Absent {}),
        Version::At(ts) => Expected::Version(ts),
    }
}

pub fn put(key: Vec<u8>, value: Vec<u8>, ttl: Option<Duration>) -> Result<v1::Mutation, CliError> {
    Ok(v1::Mutation {
        key: key.into(),
        change: Some(v1::mutation::Change::Put(value.into())),
        ttl_ms: ttl_ms(ttl)?,
        expire_at: 0,
    })
}

pub fn delete(key: Vec<u8>) -> v1::Mutation {
    let change = Some(v1::mutation::Change::Delete(v1::Delete {}));
    v1::Mutation { key: key.into(), change, ttl_ms: 0, expire_at: 0 }
}

/// Zero means for ever, so less than a millisecond is rounded up.
fn ttl_ms(ttl: Option<Duration>) -> Result<u64, CliError> {
    let Some(ttl) = ttl else { return Ok(0) };
    let ms = ttl.as_nanos().div_ceil(1_000_000);
    u64::try_from(ms).map_err(|_| CliError::new(Code::BadExpiry, "the time to live is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_life_becomes_an_endless_one_by_rounding() {
        assert_eq!(ttl_ms(None), Ok(0));
        assert_eq!(ttl_ms(Some(Duration::from_nanos(1))), Ok(1));
        assert_eq!(ttl_ms(Some(Duration::from_secs(600))), Ok(600_000));
        assert_eq!(ttl_ms(Some(Duration::MAX)).unwrap_err().code(), Code::BadExpiry);
    }
}
