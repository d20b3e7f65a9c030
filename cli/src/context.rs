//! From the command line and the environment to what a command works with.

use std::time::Duration;

use elastickv_types::{PeerAddress, RequestId};

use crate::args::cluster::ClusterCommand;
use crate::args::kv::KvCommand;
use crate::args::{ChangeArgs, Command, DEFAULT_ENDPOINT, ENDPOINT_VARIABLE, GlobalArgs, PROGRAM};
use crate::client::Times;

const USUAL: Duration = Duration::from_secs(10);
const FOR_WORK: Duration = Duration::from_secs(300);

/// Where and how to reach the cluster.
#[derive(Clone, Debug)]
pub struct Context {
    pub endpoints: Vec<PeerAddress>,
    pub times: Times,
    pub op_id: Option<RequestId>,
}

impl Context {
    pub fn of(global: &GlobalArgs, command: &Command) -> Self {
        let times = Times {
            call: global.timeout,
            command: global.deadline.unwrap_or_else(|| usual_deadline(command)),
        };
        let mut endpoints: Vec<PeerAddress> = Vec::new();
        for endpoint in &global.endpoint {
            if !endpoints.contains(endpoint) {
                endpoints.push(endpoint.clone());
            }
        }
        Self { endpoints, times, op_id: change_args(command).and_then(|change| change.op_id) }
    }
}

/// What a command is allowed to take when nobody said otherwise.
fn usual_deadline(command: &Command) -> Duration {
    match command {
        Command::Cluster(
            ClusterCommand::Wait(_) | ClusterCommand::Snapshot(_) | ClusterCommand::Digest(_),
        ) => FOR_WORK,
        Command::Kv(KvCommand::Scan(_)) => FOR_WORK,
        _ => USUAL,
    }
}

/// The part of the arguments that all changing commands have.
pub fn change_args(command: &Command) -> Option<&ChangeArgs> {
    match command {
        Command::Cluster(command) => match command {
            ClusterCommand::AddLearner(args) => Some(&args.change),
            ClusterCommand::Promote(args) => Some(&args.change),
            ClusterCommand::Remove(args) => Some(&args.change),
            ClusterCommand::TransferLeader(args) => Some(&args.change),
            ClusterCommand::Drain(args) | ClusterCommand::Undrain(args) => Some(&args.change),
            ClusterCommand::Status(_)
            | ClusterCommand::Members
            | ClusterCommand::Snapshot(_)
            | ClusterCommand::Digest(_)
            | ClusterCommand::Wait(_) => None,
        },
        Command::Kv(KvCommand::Put(args)) => Some(&args.change),
        Command::Kv(KvCommand::Delete(args)) => Some(&args.change),
        Command::Kv(KvCommand::Get(_) | KvCommand::Scan(_)) => None,
        Command::Version
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Generate(_) => None,
    }
}

/// How this program would be called again: with the endpoints that were given on the command line.
pub fn pasteable(endpoints: &[PeerAddress], variable: Option<&str>) -> String {
    let given: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    let given = given.join(",");
    if given == variable.unwrap_or(DEFAULT_ENDPOINT) {
        return PROGRAM.to_owned();
    }
    format!("{PROGRAM} --endpoint {given}")
}

/// The endpoints that the environment names.
pub fn variable() -> Option<String> {
    std::env::var(ENDPOINT_VARIABLE).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasteable_command_names_endpoints_only_when_it_must() {
        let endpoints =
            |text: &str| text.split(',').map(|one| one.parse().unwrap()).collect::<Vec<PeerAddress>>();
        assert_eq!(pasteable(&endpoints(DEFAULT_ENDPOINT), None), "elastickv-admin");
        assert_eq!(pasteable(&endpoints("a:1,b:2"), Some("a:1,b:2")), "elastickv-admin");
        assert_eq!(pasteable(&endpoints("a:1"), Some("b:2")), "elastickv-admin --endpoint a:1");
        assert_eq!(
            pasteable(&endpoints(DEFAULT_ENDPOINT), Some("b:2")),
            "elastickv-admin --endpoint 127.0.0.1:50051"
        );
    }
}
