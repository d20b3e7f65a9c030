//! The settings of a node, gathered from their layers and validated into one [`Config`].

mod encryption;
mod settings;
mod size;

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use elastickv_types::{ClusterName, NodeName, PeerAddress};

pub use encryption::{Encryption, Inconsistent};
pub use settings::{Name, Settings};

/// A setting that does not do, by the name it is given under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is required")]
    Missing(Name),
    #[error("{name} is {value:?}: {reason}")]
    Invalid { name: Name, value: String, reason: String },
    /// What stands there may be a secret in the wrong place.
    #[error("{name} does not do: {reason}")]
    Concealed { name: Name, reason: String },
    #[error("{first} and {second} exclude each other")]
    Exclusive { first: Name, second: Name },
    #[error(
        "{name} is {address}, which others can reach, without encryption or authentication; give {cert} and what goes \
         with it, or accept that by {allow}"
    )]
    Exposed { name: Name, address: SocketAddr, cert: Name, allow: Name },
    #[error("{given} is given, and {missing} is not: {ALL_OR_NONE}")]
    Incomplete { given: Name, missing: Name },
}

const ALL_OR_NONE: &str = "connections are encrypted, and everybody is known, or neither";

/// Where certificates and the access file are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DoorFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
    pub access: PathBuf,
}

/// How a node without a cluster comes to one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Founding {
    /// It makes one of itself.
    Alone,
    /// It makes one with these, itself among them.
    With(Vec<(NodeName, PeerAddress)>),
    /// It waits to be invited.
    Join,
    /// It must belong to one already.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    Text,
    Json,
}

/// Which stand-in for the disk a test build uses.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileLayer {
    System,
    Losing,
    LosingIgnoringSync,
}

/// The safety rule that a test build leaves out, to see that it is missed.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Without {
    ReadValidation,
    Sessions,
    FreshReads,
    Ceiling,
    Readiness,
    StrictlyAbove,
    Locks,
    /// Of a newcomer: to take no entry before its first snapshot.
    FirstSnapshot,
    /// Of a leader: to drop its log before a newcomer comes.
    SnapshotForNewcomers,
    /// Of a start: to seal under no nonce of an earlier one.
    FreshNonces,
    /// Of a start: to draw a salt of its own. Epochs alone keep nonces apart.
    FreshSalts,
    /// Entries under a key of the floor are taken for any others.
    KeyFloor,
    /// A rewrite seals every row, and leaves in old files what they were.
    Erase,
    /// Whoever is known may do everything.
    Roles,
}

#[derive(Clone, Debug)]
pub struct Config {
    pub node_name: NodeName,
    pub data_dir: PathBuf,
    pub cluster_name: Option<ClusterName>,
    pub listen: SocketAddr,
    pub advertise: PeerAddress,
    pub http_listen: Option<SocketAddr>,
    /// Nothing where everybody is let in.
    pub doors: Option<DoorFiles>,
    pub founding: Founding,
    pub log_format: LogFormat,
    pub log_level: String,
    /// Calls of clients that take longer get a line in the log; none where nobody wants them.
    pub slow_request: Option<Duration>,
    pub heartbeat_interval: Duration,
    pub election_timeout: Duration,
    pub snapshot_entries: Option<u64>,
    pub snapshot_log_size: u64,
    pub keep_log_entries: u64,
    pub storage_reserve: u64,
    pub gc_retention: Duration,
    /// Rows a second; none where this node collects nothing.
    pub gc_rate: Option<NonZeroU32>,
    pub request_timeout: Duration,
    pub max_connections: usize,
    pub encryption: Encryption,
    /// What all of this was read from.
    pub settings: Settings,
    #[cfg(feature = "testing")]
    pub file_layer: FileLayer,
    #[cfg(feature = "testing")]
    pub wall_offset_file: Option<PathBuf>,
    #[cfg(feature = "testing")]
    pub without: Option<Without>,
    #[cfg(feature = "testing")]
    pub points_dir: Option<PathBuf>,
    #[cfg(feature = "testing")]
    pub nonces_file: Option<PathBuf>,
    #[cfg(feature = "testing")]
    pub kek_fault_file: Option<PathBuf>,
    #[cfg(feature = "testing")]
    pub lacks_format: Option<String>,
}

const SHORTEST_HEARTBEAT: Duration = Duration::from_millis(10);
const SHORTEST_RETENTION: Duration = Duration::from_secs(1);

impl Config {
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let listen: SocketAddr = settings.parse(Name::Listen)?;
        let advertise = match settings.get(Name::Advertise) {
            Some(_) => settings.parse(Name::Advertise)?,
            None => settings.parse_as(Name::Listen, |text| text.parse::<PeerAddress>())?,
        };
        let http_listen = match settings.text(Name::HttpListen) {
            "off" => None,
            _ => Some(settings.parse(Name::HttpListen)?),
        };
        let config = Self {
            node_name: settings.required(Name::NodeName)?,
            data_dir: settings.required(Name::DataDir)?,
            cluster_name: settings.optional(Name::ClusterName)?,
            listen,
            advertise,
            http_listen,
            doors: doors(settings)?,
            founding: founding(settings)?,
            log_format: settings.parse_as(Name::LogFormat, log_format)?,
            log_level: settings.text(Name::LogLevel).to_owned(),
            slow_request: slow_request(settings)?,
            heartbeat_interval: settings.parse_as(Name::HeartbeatInterval, humantime::parse_duration)?,
            election_timeout: settings.parse_as(Name::ElectionTimeout, humantime::parse_duration)?,
            snapshot_entries: Some(settings.parse(Name::SnapshotEntries)?).filter(|entries| *entries > 0),
            snapshot_log_size: settings.parse_as(Name::SnapshotLogSize, size::parse)?,
            keep_log_entries: settings.parse(Name::KeepLogEntries)?,
            storage_reserve: settings.parse_as(Name::StorageReserve, size::parse)?,
            gc_retention: settings.parse_as(Name::GcRetention, humantime::parse_duration)?,
            gc_rate: NonZeroU32::new(settings.parse(Name::GcRate)?),
            request_timeout: settings.parse_as(Name::RequestTimeout, humantime::parse_duration)?,
            max_connections: settings.parse::<NonZeroUsize>(Name::MaxConnections)?.get(),
            encryption: Encryption::new(settings)?,
            settings: settings.clone(),
            #[cfg(feature = "testing")]
            file_layer: settings.parse_as(Name::TestingFileLayer, file_layer)?,
            #[cfg(feature = "testing")]
            wall_offset_file: settings.optional(Name::TestingWallOffsetFile)?,
            #[cfg(feature = "testing")]
            without: without(settings)?,
            #[cfg(feature = "testing")]
            points_dir: settings.optional(Name::TestingPointsDir)?,
            #[cfg(feature = "testing")]
            nonces_file: settings.optional(Name::TestingNoncesFile)?,
            #[cfg(feature = "testing")]
            kek_fault_file: settings.optional(Name::TestingKekFaultFile)?,
            #[cfg(feature = "testing")]
            lacks_format: settings.optional(Name::TestingLacksFormat)?,
        };
        config.check(settings)?;
        Ok(config)
    }

    fn check(&self, settings: &Settings) -> Result<(), ConfigError> {
        let invalid = |name: Name, reason: &str| ConfigError::Invalid {
            name,
            value: settings.text(name).to_owned(),
            reason: reason.to_owned(),
        };
        if self.heartbeat_interval < SHORTEST_HEARTBEAT {
            return Err(invalid(Name::HeartbeatInterval, "10ms is the least"));
        }
        if self.election_timeout < self.heartbeat_interval * 3 {
            return Err(invalid(Name::ElectionTimeout, "it must be at least three heartbeat intervals"));
        }
        if self.gc_retention < SHORTEST_RETENTION {
            return Err(invalid(Name::GcRetention, "1s is the least"));
        }
        if self.founding != Founding::None && self.cluster_name.is_none() {
            return Err(ConfigError::Missing(Name::ClusterName));
        }
        if let Founding::With(members) = &self.founding {
            let own = members.iter().find(|(name, _)| *name == self.node_name);
            match own {
                None => return Err(invalid(Name::BootstrapMembers, "this node is not in the list")),
                Some((_, address)) if *address != self.advertise => {
                    let reason =
                        format!("it gives this node {address}, and this node says {}", self.advertise);
                    return Err(invalid(Name::BootstrapMembers, &reason));
                }
                Some(_) => {}
            }
        }
        self.check_exposure(settings)
    }

    fn check_exposure(&self, settings: &Settings) -> Result<(), ConfigError> {
        if settings.is_on(Name::AllowInsecure) || self.doors.is_some() {
            return Ok(());
        }
        let listeners = [(Name::Listen, Some(self.listen)), (Name::HttpListen, self.http_listen)];
        let exposed = listeners
            .into_iter()
            .find_map(|(name, address)| Some((name, address.filter(|address| !address.ip().is_loopback())?)));
        match exposed {
            Some((name, address)) => {
                let (cert, allow) = (Name::TlsCert, Name::AllowInsecure);
                Err(ConfigError::Exposed { name, address, cert, allow })
            }
            None => Ok(()),
        }
    }
}

fn slow_request(settings: &Settings) -> Result<Option<Duration>, ConfigError> {
    match settings.text(Name::SlowRequest) {
        "off" => Ok(None),
        _ => settings.parse_as(Name::SlowRequest, humantime::parse_duration).map(Some),
    }
}

fn doors(settings: &Settings) -> Result<Option<DoorFiles>, ConfigError> {
    let names = [Name::TlsCert, Name::TlsKey, Name::TlsCa, Name::AccessFile];
    let Some(given) = names.into_iter().find(|name| settings.get(*name).is_some()) else { return Ok(None) };
    let file = |name| settings.optional(name)?.ok_or(ConfigError::Incomplete { given, missing: name });
    Ok(Some(DoorFiles {
        certificate: file(Name::TlsCert)?,
        key: file(Name::TlsKey)?,
        authority: file(Name::TlsCa)?,
        access: file(Name::AccessFile)?,
    }))
}

fn founding(settings: &Settings) -> Result<Founding, ConfigError> {
    let with = settings.get(Name::BootstrapMembers).is_some();
    let ways = [
        (Name::Bootstrap, settings.is_on(Name::Bootstrap)),
        (Name::BootstrapMembers, with),
        (Name::Join, settings.is_on(Name::Join)),
    ];
    let mut chosen = ways.into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
    match (chosen.next(), chosen.next()) {
        (Some(first), Some(second)) => Err(ConfigError::Exclusive { first, second }),
        (Some(Name::Bootstrap), None) => Ok(Founding::Alone),
        (Some(Name::Join), None) => Ok(Founding::Join),
        (Some(_), None) => settings.parse_as(Name::BootstrapMembers, members).map(Founding::With),
        (None, _) => Ok(Founding::None),
    }
}

fn members(text: &str) -> Result<Vec<(NodeName, PeerAddress)>, String> {
    let mut members: Vec<(NodeName, PeerAddress)> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, address) =
            part.split_once('=').ok_or_else(|| format!("{part:?} is not NAME=HOST:PORT"))?;
        let name: NodeName = name.parse().map_err(|error| format!("{error}"))?;
        let address: PeerAddress = address.parse().map_err(|error| format!("{error}"))?;
        if members.iter().any(|(known, at)| *known == name || *at == address) {
            return Err(format!("{part:?} repeats a name or an address"));
        }
        if members.iter().any(|(known, _)| known.full_id().short() == name.full_id().short()) {
            return Err(format!("the name {name} collides with another one's short id; choose another name"));
        }
        members.push((name, address));
    }
    if members.is_empty() {
        return Err("it names no member".to_owned());
    }
    Ok(members)
}

fn log_format(text: &str) -> Result<LogFormat, &'static str> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("text and json are known"),
    }
}

#[cfg(feature = "testing")]
fn file_layer(text: &str) -> Result<FileLayer, &'static str> {
    match text {
        "system" => Ok(FileLayer::System),
        "losing" => Ok(FileLayer::Losing),
        "losing-ignoring-sync" => Ok(FileLayer::LosingIgnoringSync),
        _ => Err("there is no such layer"),
    }
}

#[cfg(feature = "testing")]
fn without(settings: &Settings) -> Result<Option<Without>, ConfigError> {
    let name = Name::TestingWithout;
    let rule = |text: &str| match text {
        "read-validation" => Ok(Without::ReadValidation),
        "sessions" => Ok(Without::Sessions),
        "fresh-reads" => Ok(Without::FreshReads),
        "ceiling" => Ok(Without::Ceiling),
        "readiness" => Ok(Without::Readiness),
        "strictly-above" => Ok(Without::StrictlyAbove),
        "locks" => Ok(Without::Locks),
        "first-snapshot" => Ok(Without::FirstSnapshot),
        "snapshot-for-newcomers" => Ok(Without::SnapshotForNewcomers),
        "fresh-nonces" => Ok(Without::FreshNonces),
        "fresh-salts" => Ok(Without::FreshSalts),
        "key-floor" => Ok(Without::KeyFloor),
        "erase" => Ok(Without::Erase),
        "roles" => Ok(Without::Roles),
        _ => Err("there is no such rule"),
    };
    settings.get(name).map(|_| settings.parse_as(name, rule)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(Name, &str)]) -> Result<Config, ConfigError> {
        let basic = [(Name::NodeName, "n1"), (Name::DataDir, "d1"), (Name::ClusterName, "demo")];
        Config::new(&Settings::of(&[&basic[..], pairs].concat()))
    }

    #[test]
    fn defaults_make_a_node() {
        let config = config(&[(Name::Bootstrap, "true")]).unwrap();
        assert_eq!((config.founding, config.advertise.as_str()), (Founding::Alone, "127.0.0.1:50051"));
        assert_eq!(config.storage_reserve, 256 << 20);
        assert_eq!((config.gc_retention.as_secs(), config.gc_rate.map(NonZeroU32::get)), (600, Some(50_000)));
    }

    #[test]
    fn no_rate_collects_nothing() {
        assert_eq!(config(&[(Name::GcRate, "0")]).unwrap().gc_rate, None);
    }

    #[test]
    fn a_listener_that_others_reach_needs_consent() {
        let open = [(Name::Listen, "0.0.0.0:1"), (Name::Advertise, "h:1")];
        assert!(matches!(config(&open), Err(ConfigError::Exposed { name: Name::Listen, .. })));
        let http = [(Name::HttpListen, "[::]:1")];
        assert!(matches!(config(&http), Err(ConfigError::Exposed { name: Name::HttpListen, .. })));
        assert!(config(&[&open[..], &[(Name::AllowInsecure, "true")]].concat()).is_ok());
        let doors = [(Name::TlsCert, "c"), (Name::TlsKey, "k"), (Name::TlsCa, "a"), (Name::AccessFile, "f")];
        assert!(config(&[&open[..], &http, &doors].concat()).unwrap().doors.is_some());
    }

    #[test]
    fn encryption_without_authentication_is_refused_and_the_other_way_round() {
        let doors = [(Name::TlsCert, "c"), (Name::TlsKey, "k"), (Name::TlsCa, "a"), (Name::AccessFile, "f")];
        for left_out in 0..doors.len() {
            let mut rest = doors.to_vec();
            let (missing, _) = rest.remove(left_out);
            let error = config(&rest).unwrap_err();
            assert!(
                matches!(error, ConfigError::Incomplete { missing: name, .. } if name == missing),
                "{error}"
            );
        }
    }

    #[test]
    fn settings_that_do_not_do_are_named() {
        let bad = |pairs: &[(Name, &str)]| config(pairs).unwrap_err().to_string();
        assert!(bad(&[(Name::StorageReserve, "lots")]).starts_with("storage-reserve is \"lots\""));
        assert!(bad(&[(Name::BootstrapMembers, "n2=h:1")]).contains("not in the list"));
        assert!(bad(&[(Name::BootstrapMembers, "n1=h:1,n1=h:2")]).contains("repeats"));
        assert!(bad(&[(Name::Join, "true"), (Name::Bootstrap, "true")]).contains("exclude"));
        assert!(bad(&[(Name::ElectionTimeout, "200ms")]).contains("three heartbeat"));
        assert!(bad(&[(Name::GcRetention, "999ms")]).contains("1s is the least"));
        assert!(bad(&[(Name::GcRate, "-1")]).starts_with("gc-rate"));
    }
}
