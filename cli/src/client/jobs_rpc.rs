//! The calls about jobs.

use elastickv_proto::v1;
use elastickv_proto::v1::jobs_client::JobsClient;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use super::rpc::calls;

calls! {
    start_rewrite: JobsClient(v1::StartRewriteRequest) -> v1::StartRewriteResponse;
    get: JobsClient(v1::GetJobRequest) -> v1::GetJobResponse;
    watch: JobsClient(v1::WatchJobRequest) -> Streaming<v1::WatchJobResponse>;
    change: JobsClient(v1::ChangeJobRequest) -> v1::ChangeJobResponse;
    verify: JobsClient(v1::VerifyRequest) -> Streaming<v1::VerifyResponse>;
}
