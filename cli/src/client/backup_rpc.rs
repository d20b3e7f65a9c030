//! The calls about backups.

use elastickv_proto::v1;
use elastickv_proto::v1::backup_client::BackupClient;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use super::rpc::calls;

calls! {
    prepare: BackupClient(v1::PrepareBackupRequest) -> v1::PrepareBackupResponse;
    fetch: BackupClient(v1::FetchBackupRequest) -> Streaming<v1::FetchBackupResponse>;
}
