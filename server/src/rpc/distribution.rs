//! `Distribution`: which group holds which keys. So far one group holds all of them.

use bytes::Bytes;
use elastickv_proto::distribution_server::Distribution;
use elastickv_proto::{
    GetRouteRequest, GetRouteResponse, ListRoutesRequest, ListRoutesResponse, RouteDescriptor, RouteState,
};
use elastickv_types::GroupId;
use tonic::{Request, Response, Status};

/// The catalog before it was ever changed: one route from the first key to the last.
const FIRST_VERSION: u64 = 1;
const FIRST_ROUTE: u64 = 1;

#[derive(Debug)]
pub struct DistributionService {
    pub group: GroupId,
}

#[tonic::async_trait]
impl Distribution for DistributionService {
    async fn get_route(
        &self,
        _request: Request<GetRouteRequest>,
    ) -> Result<Response<GetRouteResponse>, Status> {
        let raft_group_id = self.group.get();
        Ok(Response::new(GetRouteResponse { start: Bytes::new(), end: Bytes::new(), raft_group_id }))
    }

    async fn list_routes(
        &self,
        _request: Request<ListRoutesRequest>,
    ) -> Result<Response<ListRoutesResponse>, Status> {
        let route = RouteDescriptor {
            route_id: FIRST_ROUTE,
            raft_group_id: self.group.get(),
            state: RouteState::Active.into(),
            ..RouteDescriptor::default()
        };
        Ok(Response::new(ListRoutesResponse { catalog_version: FIRST_VERSION, routes: vec![route] }))
    }
}
