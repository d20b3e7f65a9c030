//! `elastickv.v1.Backup`: what a backup is made of, for whoever may read everything as it is stored.

use std::pin::Pin;

use bytes::Bytes;
use elastickv_consensus::{SnapshotBytes, SnapshotId};
use elastickv_proto::v1;
use elastickv_proto::v1::backup_server::Backup;
use elastickv_txn::ReadFailure;
use futures_util::{Stream, StreamExt, stream};
use tonic::{Code, Request, Response, Status};

use super::operations::Desk;
use super::status::Refusal;

#[derive(Debug)]
pub struct BackupService {
    pub desk: Desk,
}

#[tonic::async_trait]
impl Backup for BackupService {
    async fn prepare(
        &self,
        request: Request<v1::PrepareBackupRequest>,
    ) -> Result<Response<v1::PrepareBackupResponse>, Status> {
        self.desk.expect(&request.into_inner().expected_cluster_id)?;
        let node = &self.desk.node;
        let group = node.group();
        let applied = group.applied_all_acknowledged().await;
        applied.map_err(|error| Refusal::read(node, ReadFailure::Read(error)))?;
        let standing = self.desk.standing().await?;
        let taken = group.prepare_backup().await.map_err(Refusal::snapshot)?;
        let cluster = node.identity.cluster();
        Ok(Response::new(v1::PrepareBackupResponse {
            cluster_id: Bytes::copy_from_slice(standing.cluster.as_bytes()),
            cluster_name: cluster.map(|cluster| cluster.name.to_string()).unwrap_or_default(),
            node_name: node.config.node_name.to_string(),
            unix_ms: node.clock.unix_ms(),
            parts: vec![v1::BackupPart {
                group_id: group.group().get(),
                snapshot_id: Bytes::copy_from_slice(taken.id.as_bytes()),
                bytes: taken.bytes,
                crc32c: taken.crc32c,
                term: taken.last.term.get(),
                index: taken.last.index.get(),
            }],
        }))
    }

    type FetchStream = Pin<Box<dyn Stream<Item = Result<v1::FetchBackupResponse, Status>> + Send>>;

    async fn fetch(
        &self,
        request: Request<v1::FetchBackupRequest>,
    ) -> Result<Response<Self::FetchStream>, Status> {
        let request = request.into_inner();
        let group = self.desk.node.group();
        if request.group_id != group.group().get() {
            let text = format!("there is no group {}", request.group_id);
            return Err(Refusal::new(Code::NotFound, "UnknownGroup", text).into());
        }
        let gone = || Refusal::new(Code::NotFound, "BackupGone", "a newer snapshot has taken its place");
        let id = SnapshotId::from_slice(&request.snapshot_id).ok_or_else(gone)?;
        let bytes = group.snapshot_bytes(id).map_err(|error| Refusal::snapshot(error.into()))?;
        let bytes = bytes.ok_or_else(gone)?;
        Ok(Response::new(stream::try_unfold((bytes, request.offset), next).boxed()))
    }
}

type From = (SnapshotBytes, u64);

async fn next((bytes, offset): From) -> Result<Option<(v1::FetchBackupResponse, From)>, Status> {
    let source = bytes.clone();
    let piece = elastickv_sys::task::blocking(move || source.piece(offset)).await;
    let data = piece.map_err(|error| Status::internal(error.to_string()))?;
    let data = data.map_err(|error| Refusal::new(Code::Internal, "SnapshotFailed", error))?;
    if data.is_empty() {
        return Ok(None);
    }
    let end = offset + data.len() as u64;
    Ok(Some((v1::FetchBackupResponse { offset, data }, (bytes, end))))
}
