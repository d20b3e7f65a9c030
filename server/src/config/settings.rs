//! The layers of settings: flag, environment, file, default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;
use elastickv_proto::v1;
use elastickv_sys::files::{Files, SystemFiles};

use super::ConfigError;
use crate::args::Flags;
use crate::exit::Stop;

const LARGEST_FILE: u64 = 1 << 20;

macro_rules! names {
    ($($(#[$only:meta])* $variant:ident $text:literal $default:expr,)*) => {
        /// The settings there are.
        #[expect(clippy::enum_variant_names, reason = "they are the names that users know")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Name { $($(#[$only])* $variant,)* }

        impl Name {
            const ALL: &[Name] = &[$($(#[$only])* Name::$variant,)*];

            /// As it is written in files, and as a flag behind two dashes.
            pub fn as_str(self) -> &'static str {
                match self { $($(#[$only])* Name::$variant => $text,)* }
            }

            fn default(self) -> Option<&'static str> {
                match self { $($(#[$only])* Name::$variant => $default,)* }
            }
        }
    };
}

names! {
    NodeName "node-name" None,
    DataDir "data-dir" None,
    ClusterName "cluster-name" None,
    Listen "listen" Some("127.0.0.1:50051"),
    Advertise "advertise" None,
    HttpListen "http-listen" Some("off"),
    TlsCert "tls-cert" None,
    TlsKey "tls-key" None,
    TlsCa "tls-ca" None,
    AccessFile "access-file" None,
    Bootstrap "bootstrap" Some("false"),
    BootstrapMembers "bootstrap-members" None,
    Join "join" Some("false"),
    AllowInsecure "allow-insecure" Some("false"),
    LogFormat "log-format" Some("text"),
    LogLevel "log-level" Some("info"),
    SlowRequest "slow-request" Some("1s"),
    HeartbeatInterval "heartbeat-interval" Some("150ms"),
    ElectionTimeout "election-timeout" Some("1s"),
    SnapshotEntries "snapshot-entries" Some("500000"),
    SnapshotLogSize "snapshot-log-size" Some("1GiB"),
    KeepLogEntries "keep-log-entries" Some("50000"),
    StorageReserve "storage-reserve" Some("256MiB"),
    GcRetention "gc-retention" Some("10m"),
    GcRate "gc-rate" Some("50000"),
    RequestTimeout "request-timeout" Some("5s"),
    MaxConnections "max-connections" Some("10000"),
    EncryptionEnabled "encryption-enabled" Some("false"),
    Kek "kek" None,
    KekPrevious "kek-previous" None,
    RotateOnStartup "rotate-on-startup" Some("false"),
    AcceptExhaustedEpoch "accept-exhausted-epoch" Some("false"),
    #[cfg(feature = "testing")]
    TestingFileLayer "testing-file-layer" Some("system"),
    #[cfg(feature = "testing")]
    TestingWallOffsetFile "testing-wall-offset-file" None,
    #[cfg(feature = "testing")]
    TestingWithout "testing-without" None,
    #[cfg(feature = "testing")]
    TestingPointsDir "testing-points-dir" None,
    #[cfg(feature = "testing")]
    TestingNoncesFile "testing-nonces-file" None,
    #[cfg(feature = "testing")]
    TestingKekFaultFile "testing-kek-fault-file" None,
    #[cfg(feature = "testing")]
    TestingLacksFormat "testing-lacks-format" None,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Flag,
    Environment,
    File,
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Source::Flag => "flag",
            Source::Environment => "environment",
            Source::File => "file",
            Source::Default => "default",
        })
    }
}

/// Each setting that has a value, and where the value came from.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<Name, (String, Source)>,
}

impl Settings {
    pub fn gather(flags: &Flags, given: &ArgMatches) -> Result<Self, Stop> {
        let mut settings = Self::defaults();
        if let Some(path) = &flags.config {
            settings.read_file(path)?;
        }
        for (name, value) in on_command_line(flags) {
            let source = match given.value_source(&name.as_str().replace('-', "_")) {
                Some(ValueSource::EnvVariable) => Source::Environment,
                _ => Source::Flag,
            };
            settings.values.insert(name, (value, source));
        }
        Ok(settings)
    }

    fn defaults() -> Self {
        let values = Name::ALL
            .iter()
            .filter_map(|name| Some((*name, (name.default()?.to_owned(), Source::Default))))
            .collect();
        Self { values }
    }

    fn read_file(&mut self, path: &Path) -> Result<(), Stop> {
        let shown = path.display();
        let bytes = SystemFiles
            .read(path, LARGEST_FILE)
            .map_err(|error| Stop::usage(format!("the settings file {shown} can not be read: {error}")))?;
        let known: BTreeMap<String, serde_yaml::Value> = serde_yaml::from_slice(&bytes)
            .map_err(|error| Stop::usage(format!("the settings file {shown} is not valid: {error}")))?;
        for (key, value) in known {
            let name = Name::ALL.iter().find(|name| name.as_str() == key).ok_or_else(|| {
                let names: Vec<_> = Name::ALL.iter().map(|name| name.as_str()).collect();
                Stop::usage(format!("the settings file {shown} has {key:?}; there are {}", names.join(", ")))
            })?;
            let text = scalar(&value)
                .ok_or_else(|| Stop::usage(format!("the settings file {shown}: {key} must be one value")))?;
            self.values.insert(*name, (text, Source::File));
        }
        Ok(())
    }

    pub fn get(&self, name: Name) -> Option<&str> {
        self.values.get(&name).map(|(text, _)| text.as_str())
    }

    pub fn text(&self, name: Name) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub fn is_on(&self, name: Name) -> bool {
        self.text(name) == "true"
    }

    pub fn parse_as<T, E: fmt::Display>(
        &self,
        name: Name,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, ConfigError> {
        let value = self.text(name);
        read(value).map_err(|error| ConfigError::Invalid {
            name,
            value: value.to_owned(),
            reason: error.to_string(),
        })
    }

    pub fn parse<T>(&self, name: Name) -> Result<T, ConfigError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        self.parse_as(name, |text| text.parse())
    }

    pub fn optional<T>(&self, name: Name) -> Result<Option<T>, ConfigError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        self.get(name).map(|_| self.parse(name)).transpose()
    }

    pub fn required<T>(&self, name: Name) -> Result<T, ConfigError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        self.optional(name)?.ok_or(ConfigError::Missing(name))
    }

    #[cfg(test)]
    pub fn of(pairs: &[(Name, &str)]) -> Self {
        let mut settings = Self::defaults();
        for (name, value) in pairs {
            settings.values.insert(*name, ((*value).to_owned(), Source::Flag));
        }
        settings
    }
}

impl Settings {
    /// What leaves the node with a bundle for support: where a wrapping key is stays here.
    pub fn told(&self) -> Vec<v1::Setting> {
        let one = |(name, (value, source)): (&Name, &(String, Source))| {
            let left_out = matches!(name, Name::Kek | Name::KekPrevious);
            let value = if left_out { String::new() } else { value.clone() };
            v1::Setting { name: name.to_string(), value, source: source.to_string(), left_out }
        };
        self.values.iter().map(one).collect()
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24} {:<12} VALUE", "SETTING", "FROM")?;
        for (name, (value, source)) in &self.values {
            writeln!(f, "{name:<24} {source:<12} {value}")?;
        }
        Ok(())
    }
}

fn scalar(value: &serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Bool(on) => Some(on.to_string()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn on_command_line(flags: &Flags) -> Vec<(Name, String)> {
    let switch = |name, on: bool| on.then(|| (name, "true".to_owned()));
    let text = |name, value: &Option<String>| value.clone().map(|value| (name, value));
    let given = [
        text(Name::NodeName, &flags.node_name),
        flags.data_dir.as_ref().map(|dir| (Name::DataDir, dir.display().to_string())),
        text(Name::ClusterName, &flags.cluster_name),
        text(Name::Listen, &flags.listen),
        text(Name::Advertise, &flags.advertise),
        text(Name::HttpListen, &flags.http_listen),
        text(Name::TlsCert, &flags.tls_cert),
        text(Name::TlsKey, &flags.tls_key),
        text(Name::TlsCa, &flags.tls_ca),
        text(Name::AccessFile, &flags.access_file),
        switch(Name::Bootstrap, flags.bootstrap),
        text(Name::BootstrapMembers, &flags.bootstrap_members),
        switch(Name::Join, flags.join),
        switch(Name::AllowInsecure, flags.allow_insecure),
        text(Name::LogFormat, &flags.log_format),
        text(Name::LogLevel, &flags.log_level),
        text(Name::SlowRequest, &flags.slow_request),
        text(Name::HeartbeatInterval, &flags.heartbeat_interval),
        text(Name::ElectionTimeout, &flags.election_timeout),
        text(Name::SnapshotEntries, &flags.snapshot_entries),
        text(Name::SnapshotLogSize, &flags.snapshot_log_size),
        text(Name::KeepLogEntries, &flags.keep_log_entries),
        text(Name::StorageReserve, &flags.storage_reserve),
        text(Name::GcRetention, &flags.gc_retention),
        text(Name::GcRate, &flags.gc_rate),
        text(Name::RequestTimeout, &flags.request_timeout),
        text(Name::MaxConnections, &flags.max_connections),
        switch(Name::EncryptionEnabled, flags.encryption_enabled),
        text(Name::Kek, &flags.kek),
        text(Name::KekPrevious, &flags.kek_previous),
        switch(Name::RotateOnStartup, flags.rotate_on_startup),
        switch(Name::AcceptExhaustedEpoch, flags.accept_exhausted_epoch),
        #[cfg(feature = "testing")]
        text(Name::TestingFileLayer, &flags.testing_file_layer),
        #[cfg(feature = "testing")]
        text(Name::TestingWallOffsetFile, &flags.testing_wall_offset_file),
        #[cfg(feature = "testing")]
        text(Name::TestingWithout, &flags.testing_without),
        #[cfg(feature = "testing")]
        text(Name::TestingPointsDir, &flags.testing_points_dir),
        #[cfg(feature = "testing")]
        text(Name::TestingNoncesFile, &flags.testing_nonces_file),
        #[cfg(feature = "testing")]
        text(Name::TestingKekFaultFile, &flags.testing_kek_fault_file),
        #[cfg(feature = "testing")]
        text(Name::TestingLacksFormat, &flags.testing_lacks_format),
    ];
    given.into_iter().flatten().collect()
}
