//! From the command line and the environment to what a command works with.

use std::time::Duration;

use elastickv_types::{PeerAddress, RequestId};

use crate::args::cluster::ClusterCommand;
use crate::args::kv::KvCommand;
use crate::args::{
    ChangeArgs, Command, DEFAULT_ENDPOINT, DoorArgs, ENDPOINT_VARIABLE, GlobalArgs, PROGRAM, endpoint,
};
use crate::client::{Credentials, Reach, Times};
use crate::error::{CliError, Code};

const USUAL: Duration = Duration::from_secs(10);
const FOR_WORK: Duration = Duration::from_secs(300);
/// Longer than anybody looks on.
const FOR_ALL_ROWS: Duration = Duration::from_secs(30 * 86_400);

/// Where and how to reach the cluster.
#[derive(Clone, Debug)]
pub struct Context {
    pub reach: Reach,
    pub times: Times,
    pub op_id: Option<RequestId>,
}

impl Context {
    /// `variable` is what the environment says about endpoints.
    pub fn of(global: &GlobalArgs, command: &Command, variable: Option<&str>) -> Result<Self, CliError> {
        let times = Times {
            call: global.timeout,
            command: global.deadline.unwrap_or_else(|| usual_deadline(command)),
        };
        let reach = reach(global, variable)?;
        Ok(Self { reach, times, op_id: change_args(command).and_then(|change| change.op_id) })
    }
}

/// Where the cluster is, and as whom to speak to it.
pub fn reach(global: &GlobalArgs, variable: Option<&str>) -> Result<Reach, CliError> {
    let endpoints = endpoints(&global.endpoint, variable)?;
    Ok(Reach { endpoints, credentials: Credentials::load(&global.doors)? })
}

/// The command line before the environment before the default, each once.
fn endpoints(given: &[PeerAddress], variable: Option<&str>) -> Result<Vec<PeerAddress>, CliError> {
    let named = match given {
        [] => from_text(variable.unwrap_or(DEFAULT_ENDPOINT))?,
        given => given.to_vec(),
    };
    let mut endpoints: Vec<PeerAddress> = Vec::new();
    for endpoint in named {
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    Ok(endpoints)
}

fn from_text(text: &str) -> Result<Vec<PeerAddress>, CliError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| endpoint(part).map_err(bad_variable)).collect()
}

fn bad_variable(text: String) -> CliError {
    CliError::new(Code::Usage, format!("{ENDPOINT_VARIABLE}: {text}"))
        .hint(format!("export {ENDPOINT_VARIABLE}={DEFAULT_ENDPOINT}"))
}

/// What a command is allowed to take when nobody said otherwise.
fn usual_deadline(command: &Command) -> Duration {
    match command {
        Command::Cluster(
            ClusterCommand::Wait(_) | ClusterCommand::Snapshot(_) | ClusterCommand::Digest(_),
        ) => FOR_WORK,
        Command::Kv(KvCommand::Scan(_) | KvCommand::History(_)) => FOR_WORK,
        Command::Encryption(command) if command.has_no_end() => FOR_ALL_ROWS,
        Command::Encryption(command) if command.takes_long() => FOR_WORK,
        Command::Backup(_) => FOR_WORK,
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
        Command::Kv(KvCommand::Txn(args)) => Some(&args.change),
        Command::Kv(
            KvCommand::Get(_)
            | KvCommand::Scan(_)
            | KvCommand::History(_)
            | KvCommand::Export(_)
            | KvCommand::Import(_)
            | KvCommand::DeleteRange(_),
        ) => None,
        Command::Encryption(command) => command.change(),
        Command::Kms(_)
        | Command::Certs(_)
        | Command::Backup(_)
        | Command::Scan(_)
        | Command::Version
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_) => None,
    }
}

/// How this program would be called again: with the endpoints and the files that were given on the command line.
pub fn pasteable(given: &[PeerAddress], doors: &DoorArgs) -> String {
    let given: Vec<String> = given.iter().map(ToString::to_string).collect();
    let endpoints = if given.is_empty() { String::new() } else { format!(" --endpoint {}", given.join(",")) };
    format!("{PROGRAM}{endpoints}{}", doors.pasteable())
}

/// The endpoints that the environment names; an empty variable names none.
pub fn variable() -> Option<String> {
    std::env::var(ENDPOINT_VARIABLE).ok().filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<PeerAddress> {
        text.split(',').map(|one| one.parse().unwrap()).collect()
    }

    #[test]
    fn a_pasteable_command_repeats_what_was_typed() {
        let none = DoorArgs::default();
        assert_eq!(pasteable(&[], &none), "elastickv-admin");
        assert_eq!(pasteable(&addresses("a:1,b:2"), &none), "elastickv-admin --endpoint a:1,b:2");
        let doors = DoorArgs { tls_ca: Some("ca.crt".into()), ..none };
        assert_eq!(pasteable(&[], &doors), "elastickv-admin --tls-ca ca.crt");
    }

    #[test]
    fn the_command_line_comes_before_the_environment_before_the_default() {
        assert_eq!(endpoints(&addresses("a:1,b:2,a:1"), Some("c:3")).unwrap(), addresses("a:1,b:2"));
        assert_eq!(endpoints(&[], Some(" c:3, http://d:4,")).unwrap(), addresses("c:3,d:4"));
        assert_eq!(endpoints(&[], None).unwrap(), addresses(DEFAULT_ENDPOINT));
        let error = endpoints(&[], Some("nonsense")).unwrap_err();
        assert_eq!(error.code(), Code::Usage);
        assert!(error.message().starts_with("ELASTICKV_ENDPOINT: "), "{}", error.message());
    }
}
