//! `encryption register-writer`

use std::collections::BTreeMap;

use bytes::Bytes;
use elastickv_proto::{RegisterEncryptionWriterRequest, WriterRegistryEntry};
use elastickv_types::ClusterId;

use super::key_ids::resolve;
use super::{epochs, keys, leader_aim};
use crate::args::encryption::RegisterArgs;
use crate::client::{Plan, Session, encryption_rpc};
use crate::error::CliError;
use crate::model::encryption::{RegisteredReport, RegisteredRow, full_id_text, key_hex};
use crate::model::{Decimal, Done};

pub async fn run(session: &Session, args: &RegisterArgs) -> Result<Done<RegisteredReport>, CliError> {
    session.begin_change();
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, args.change.expect.expect_cluster.as_deref())?;
    let dek_id = match &args.key_id {
        Some(typed) => resolve(typed, &keys::table(session, &survey, false).await?.keys)?.key_id,
        None => 0,
    };
    let names: BTreeMap<u64, String> =
        args.nodes.iter().map(|name| (name.full_id().get(), name.to_string())).collect();
    let writers = names.keys().map(|id| WriterRegistryEntry { full_node_id: *id, local_epoch: 0 });
    let cluster = survey.cluster_id.parse::<ClusterId>().ok();
    let request = RegisterEncryptionWriterRequest {
        dek_id,
        writers: writers.collect(),
        expected_cluster_id: cluster.map(|id| Bytes::copy_from_slice(id.as_bytes())).unwrap_or_default(),
    };
    session.progress().say("the leader asks the nodes and registers them");
    let plan = Plan::write(leader_aim(session, &survey)?);
    let told = session.call(plan, &request, encryption_rpc::register_encryption_writer).await?.message;
    epochs::of_registered(&told)?;
    let row = |row: &elastickv_proto::RegisteredWriter| RegisteredRow {
        key_id: row.dek_id,
        key_hex: key_hex(row.dek_id),
        node: names.get(&row.full_node_id).cloned(),
        full_id_hex: full_id_text(row.full_node_id),
        local_epoch: row.local_epoch,
        changed: row.changed,
    };
    let rows: Vec<RegisteredRow> = told.registered.iter().map(row).collect();
    let changed = rows.iter().any(|row| row.changed);
    let applied_index = Some(Decimal(told.applied_index)).filter(|index| changed && index.0 > 0);
    let report = RegisteredReport { cluster_name: survey.cluster_name, applied_index, rows };
    Ok(Done::changed(report, changed))
}
