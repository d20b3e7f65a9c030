//! `Distribution`: which group holds which keys. So far one group holds all of them.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_proto::distribution_client::DistributionClient;
use elastickv_proto::distribution_server::Distribution;
use elastickv_proto::{
    GetRouteRequest, GetRouteResponse, GetTimestampRequest, GetTimestampResponse, ListRoutesRequest,
    ListRoutesResponse, RouteDescriptor, RouteState,
};
use tonic::{Request, Response, Status};

use super::status::Refusal;
use crate::access::Caller;
use crate::node::Node;
use crate::rpc::route::{Kind, Route};

/// The catalog before it was ever changed: one route from the first key to the last.
const FIRST_VERSION: u64 = 1;
const FIRST_ROUTE: u64 = 1;

#[derive(Debug)]
pub struct DistributionService {
    pub node: Arc<Node>,
}

impl DistributionService {
    fn group(&self) -> u64 {
        self.node.group().group().get()
    }
}

#[tonic::async_trait]
impl Distribution for DistributionService {
    async fn get_route(
        &self,
        _request: Request<GetRouteRequest>,
    ) -> Result<Response<GetRouteResponse>, Status> {
        let raft_group_id = self.group();
        Ok(Response::new(GetRouteResponse { start: Bytes::new(), end: Bytes::new(), raft_group_id }))
    }

    async fn list_routes(
        &self,
        _request: Request<ListRoutesRequest>,
    ) -> Result<Response<ListRoutesResponse>, Status> {
        let route = RouteDescriptor {
            route_id: FIRST_ROUTE,
            raft_group_id: self.group(),
            state: RouteState::Active.into(),
            ..RouteDescriptor::default()
        };
        Ok(Response::new(ListRoutesResponse { catalog_version: FIRST_VERSION, routes: vec![route] }))
    }

    async fn get_timestamp(
        &self,
        request: Request<GetTimestampRequest>,
    ) -> Result<Response<GetTimestampResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let count = NonZeroU32::new(message.count).unwrap_or(NonZeroU32::MIN);
        let local = || async {
            let stamps = self.node.coordinator.stamps(count).await;
            let stamps = stamps.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(GetTimestampResponse { timestamp: stamps.first.get(), count: count.get() })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move {
                DistributionClient::new(channel).get_timestamp(request).await
            })
            .await
    }
}
