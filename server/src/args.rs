//! The command line. Only this module and its layers in [`crate::config`] know the names of flags.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Config, Settings};
use crate::exit::{Exit, Stop};

const EXAMPLES: &str = "\
Examples:
  A working single node:
    elastickv --node-name n1 --data-dir d1 --cluster-name demo --bootstrap
  The first of three (the same list on each):
    elastickv --node-name n1 --data-dir d1 --cluster-name demo --listen 127.0.0.1:50051 \\
      --bootstrap-members n1=127.0.0.1:50051,n2=127.0.0.1:50052,n3=127.0.0.1:50053
  A node that joins later, invited by `elastickv-admin cluster add-learner n4 127.0.0.1:50054`:
    elastickv --node-name n4 --data-dir d4 --cluster-name demo --listen 127.0.0.1:50054 --join

Settings come from flags, else from the environment (ELASTICKV_NODE_NAME and so on), else from the file
given with --config (YAML, the same names), else from their defaults. `elastickv config check` prints what
would run and where each value came from.

Exit codes: 0 stopped as asked · 2 usage · 3 refused to start, mend what the line says · 4 fault, restart ·
5 the cluster refused to register this node as a writer";

#[derive(Debug, Parser)]
#[command(
    name = "elastickv",
    version = concat!(env!("CARGO_PKG_VERSION"), " (", env!("ELASTICKV_BUILD_SHA"), ")"),
    about = "One node of an encrypted, replicated key-value store",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the node (the default).
    Run(Box<Flags>),
    /// Looks at the settings without running.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Prints what would run and where each value came from.
    Check(Box<Flags>),
}

/// Every setting as it may be given; what is absent here may stand in the file.
#[derive(Debug, Default, Args)]
pub struct Flags {
    /// Name of this node; belongs to its data directory for ever.
    #[arg(long, env = "ELASTICKV_NODE_NAME", value_name = "NAME")]
    pub node_name: Option<String>,
    /// Directory for everything this node keeps.
    #[arg(long, env = "ELASTICKV_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Name of the cluster; required to create or join one.
    #[arg(long, env = "ELASTICKV_CLUSTER_NAME", value_name = "NAME")]
    pub cluster_name: Option<String>,
    /// Address for clients and peers [default: 127.0.0.1:50051].
    #[arg(long, env = "ELASTICKV_LISTEN", value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Address others dial [default: that of --listen].
    #[arg(long, env = "ELASTICKV_ADVERTISE", value_name = "HOST:PORT")]
    pub advertise: Option<String>,
    /// Address for /metrics, /healthz and /readyz, or "off" [default: off].
    #[arg(long, env = "ELASTICKV_HTTP_LISTEN", value_name = "HOST:PORT")]
    pub http_listen: Option<String>,
    /// This node's certificate (PEM); with --tls-key, --tls-ca and --access-file, every listener speaks TLS.
    #[arg(long, env = "ELASTICKV_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<String>,
    /// The key of the certificate, in a file for its owner alone.
    #[arg(long, env = "ELASTICKV_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<String>,
    /// The authorities that vouch for nodes and clients.
    #[arg(long, env = "ELASTICKV_TLS_CA", value_name = "FILE")]
    pub tls_ca: Option<String>,
    /// Who may do what: names of certificates, hashes of tokens, their roles (YAML).
    #[arg(long, env = "ELASTICKV_ACCESS_FILE", value_name = "FILE")]
    pub access_file: Option<String>,
    /// Creates a cluster of this node alone.
    #[arg(long, env = "ELASTICKV_BOOTSTRAP")]
    pub bootstrap: bool,
    /// Creates a cluster of these nodes; the same list on each.
    #[arg(long, env = "ELASTICKV_BOOTSTRAP_MEMBERS", value_name = "NAME=HOST:PORT,…")]
    pub bootstrap_members: Option<String>,
    /// Waits to be invited by a running cluster.
    #[arg(long, env = "ELASTICKV_JOIN")]
    pub join: bool,
    /// File with settings (YAML, names as the flags').
    #[arg(long, env = "ELASTICKV_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Accepts listeners that others can reach, without encryption or authentication.
    #[arg(long, env = "ELASTICKV_ALLOW_INSECURE")]
    pub allow_insecure: bool,
    /// text or json [default: text].
    #[arg(long, env = "ELASTICKV_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// error, warn, info, debug, trace, or a filter such as elastickv_log=debug [default: info].
    #[arg(long, env = "ELASTICKV_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// Requests of clients that take longer get a line in the log; off writes none [default: 1s].
    #[arg(long, env = "ELASTICKV_SLOW_REQUEST", value_name = "DURATION")]
    pub slow_request: Option<String>,
    /// How often a leader says that it leads [default: 150ms].
    #[arg(long, env = "ELASTICKV_HEARTBEAT_INTERVAL", value_name = "DURATION")]
    pub heartbeat_interval: Option<String>,
    /// A leader that is lost is replaced within twice this time [default: 1s].
    #[arg(long, env = "ELASTICKV_ELECTION_TIMEOUT", value_name = "DURATION")]
    pub election_timeout: Option<String>,
    /// Applied entries after which a snapshot is taken and the log purged; 0 takes none unasked [default: 500000].
    #[arg(long, env = "ELASTICKV_SNAPSHOT_ENTRIES", value_name = "N")]
    pub snapshot_entries: Option<String>,
    /// Bytes of applied entries after which a snapshot is taken as well, if the last one is no larger [default: 1GiB].
    #[arg(long, env = "ELASTICKV_SNAPSHOT_LOG_SIZE", value_name = "SIZE")]
    pub snapshot_log_size: Option<String>,
    /// Entries kept in the log behind a snapshot, of that size at most [default: 50000].
    #[arg(long, env = "ELASTICKV_KEEP_LOG_ENTRIES", value_name = "N")]
    pub keep_log_entries: Option<String>,
    /// Free space below which writes are refused [default: 256MiB].
    #[arg(long, env = "ELASTICKV_STORAGE_RESERVE", value_name = "SIZE")]
    pub storage_reserve: Option<String>,
    /// How far back versions can be read; older ones are collected [default: 10m].
    #[arg(long, env = "ELASTICKV_GC_RETENTION", value_name = "DURATION")]
    pub gc_retention: Option<String>,
    /// Rows a second that this node looks at to collect old versions; 0 collects none [default: 50000].
    #[arg(long, env = "ELASTICKV_GC_RATE", value_name = "N")]
    pub gc_rate: Option<String>,
    /// How long a request may take [default: 5s].
    #[arg(long, env = "ELASTICKV_REQUEST_TIMEOUT", value_name = "DURATION")]
    pub request_timeout: Option<String>,
    /// Connections at once, of all kinds; half of them at most without a client certificate [default: 10000].
    #[arg(long, env = "ELASTICKV_MAX_CONNECTIONS", value_name = "N")]
    pub max_connections: Option<String>,
    /// Lets this node hold keys; whether anything is sealed is the cluster's decision. Needs --kek.
    #[arg(long, env = "ELASTICKV_ENCRYPTION_ENABLED")]
    pub encryption_enabled: bool,
    /// The key that wraps the cluster's keys: file:/path, or env:NAME for trying things out.
    #[arg(long, env = "ELASTICKV_KEK", value_name = "URI")]
    pub kek: Option<String>,
    /// The one before it, as long as keys are still wrapped by it.
    #[arg(long, env = "ELASTICKV_KEK_PREVIOUS", value_name = "URI")]
    pub kek_previous: Option<String>,
    /// Asks for new data keys at this start, if this node leads; older ones than the process only.
    #[arg(long, env = "ELASTICKV_ROTATE_ON_STARTUP")]
    pub rotate_on_startup: bool,
    /// Starts although this node has used up its starts under a key; rotate the key at once.
    #[arg(long, env = "ELASTICKV_ACCEPT_EXHAUSTED_EPOCH")]
    pub accept_exhausted_epoch: bool,
    /// Test builds only: system, losing or losing-ignoring-sync [default: system].
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_FILE_LAYER", value_name = "LAYER")]
    pub testing_file_layer: Option<String>,
    /// Test builds only: a file with the milliseconds by which the wall clock is wrong.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_WALL_OFFSET_FILE", value_name = "FILE")]
    pub testing_wall_offset_file: Option<String>,
    /// Test builds only: leaves one safety rule out: read-validation, sessions, fresh-reads, ceiling,
    /// readiness, strictly-above, first-snapshot, snapshot-for-newcomers, fresh-nonces, fresh-salts,
    /// key-floor, erase or roles.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_WITHOUT", value_name = "RULE")]
    pub testing_without: Option<String>,
    /// Test builds only: where the points are noted that are passed, and where to look for what is ordered at them.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_POINTS_DIR", value_name = "DIR")]
    pub testing_points_dir: Option<String>,
    /// Test builds only: every nonce that is sealed under goes to this file.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_NONCES_FILE", value_name = "FILE")]
    pub testing_nonces_file: Option<String>,
    /// Test builds only: a file that says when wrapping keys are out of reach.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_KEK_FAULT_FILE", value_name = "FILE")]
    pub testing_kek_fault_file: Option<String>,
    /// Test builds only: tells others that this build knows this format not yet.
    #[cfg(feature = "testing")]
    #[arg(long, env = "ELASTICKV_TESTING_LACKS_FORMAT", value_name = "FORMAT")]
    pub testing_lacks_format: Option<String>,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Ask {
    Run(Box<Config>),
    Check(Settings),
}

pub fn ask() -> Result<Ask, Stop> {
    let matches = Cli::command().try_get_matches().unwrap_or_else(|error| error.exit());
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let (flags, given, check) = match (cli.command, matches.subcommand()) {
        (Some(Command::Run(flags)), Some((_, given))) => (*flags, given, false),
        (Some(Command::Config(ConfigCommand::Check(flags))), Some((_, config))) => {
            let given = config.subcommand().map_or(config, |(_, given)| given);
            (*flags, given, true)
        }
        _ => (cli.settings, &matches, false),
    };
    let settings = Settings::gather(&flags, given)?;
    let config = Config::new(&settings).map_err(|error| Stop {
        exit: Exit::Usage,
        name: "Settings",
        what: error.to_string(),
        way_out: "elastickv config check prints each setting and where it comes from".to_owned(),
    })?;
    Ok(if check { Ask::Check(settings) } else { Ask::Run(Box::new(config)) })
}
