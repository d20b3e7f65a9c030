//! `elastickv-admin certs …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const LEGEND: &str = "\
For trying things out and for small clusters: an authority in two files, and certificates from it. Where there is an
authority already, let it make them: a node's certificate is for servers and clients, and has the URI
elastickv:node:NAME beside the hosts it is reached by; a client's is for clients, and has its name as common name.

Files are made, never replaced: ca.crt and ca.key, NAME.crt and NAME.key, NAME.token. Keys and tokens are for
their owner alone.

Examples:
  elastickv-admin certs ca --dir certs
  elastickv-admin certs node n1 --dir certs --host 10.0.0.11 --host n1.example.com
  elastickv-admin certs client alice --dir certs
  elastickv-admin certs token backup --dir certs";

/// Certificates and tokens.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum CertsCommand {
    /// Make an authority of one's own
    #[command(after_help = "\
Keep ca.key away from the nodes: whoever has it can be anybody.

Examples:
  elastickv-admin certs ca --dir certs
  elastickv-admin certs ca --dir certs --name 'prod-tokyo' --days 3650")]
    Ca(CaArgs),

    /// Make a node's certificate
    #[command(after_help = "\
Examples:
  elastickv-admin certs node n1 --dir certs
  elastickv-admin certs node n1 --dir certs --host 10.0.0.11 --host n1.example.com --days 90")]
    Node(NodeArgs),

    /// Make a client's certificate, and tell what belongs into the access file
    #[command(after_help = "\
Examples:
  elastickv-admin certs client alice --dir certs")]
    Client(ClientArgs),

    /// Make a token, and tell what belongs into the access file
    #[command(after_help = "\
Servers keep only the hash of a token. Whoever has the file can do what the token may.

Examples:
  elastickv-admin certs token backup --dir certs")]
    Token(TokenArgs),
}

impl CertsCommand {
    pub fn path(&self) -> &'static str {
        match self {
            CertsCommand::Ca(_) => "certs ca",
            CertsCommand::Node(_) => "certs node",
            CertsCommand::Client(_) => "certs client",
            CertsCommand::Token(_) => "certs token",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct CaArgs {
    /// Where the files go; it is made if it is not there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,

    /// How the authority is called
    #[arg(long, value_name = "NAME", default_value = "elastickv")]
    pub name: String,

    /// For how long it counts
    #[arg(long, value_name = "DAYS", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
}

#[derive(Args, Debug, Clone)]
pub struct NodeArgs {
    /// The node's name, as it is started with
    #[arg(value_parser = node_name)]
    pub name: elastickv_types::NodeName,

    /// Where the authority's files are, and the new ones go
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,

    /// A name or an address that clients dial it by; repeat it, or separate with commas
    #[arg(long, value_name = "HOST", value_delimiter = ',', value_hint = ValueHint::Hostname)]
    #[arg(default_values = ["localhost", "127.0.0.1", "::1"])]
    pub host: Vec<String>,

    /// For how long it counts
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
}

#[derive(Args, Debug, Clone)]
pub struct ClientArgs {
    /// Whom it is for
    pub name: String,

    /// Where the authority's files are, and the new ones go
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,

    /// For how long it counts
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
}

#[derive(Args, Debug, Clone)]
pub struct TokenArgs {
    /// Whom it is for
    pub name: String,

    /// Where it goes
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,
}

fn node_name(text: &str) -> Result<elastickv_types::NodeName, String> {
    text.parse().map_err(|error| format!("{error}"))
}
