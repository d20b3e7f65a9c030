//! What counts in the end, value by value, and where each comes from.
//!
//! The command line comes before the environment, the environment before the context, the context before what is
//! usual. A context that was chosen is chosen whole: who names other endpoints keeps its pinned id and its protection.

use std::fmt;
use std::path::PathBuf;

use elastickv_types::{ClusterId, PeerAddress};

use super::{Choice, ContextName, Document, Entry, Store, StoreError, did_you_mean};
use crate::args::rewrite::Rate;
use crate::args::{CONTEXT_VARIABLE, DEFAULT_ENDPOINT, DoorArgs, ENDPOINT_VARIABLE, GlobalArgs, endpoint};
use crate::error::{CliError, Code};

/// What the environment says; an empty variable says nothing.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub endpoint: Option<String>,
    pub context: Option<String>,
    /// Where contexts are.
    pub file: Option<PathBuf>,
}

impl Environment {
    pub fn of_process() -> Self {
        // What is no text is none of the names and addresses that there are, and is refused as such.
        let text = |name: &str| {
            let text = std::env::var_os(name)?.to_string_lossy().into_owned();
            Some(text).filter(|text| !text.trim().is_empty())
        };
        let directory =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = directory("XDG_CONFIG_HOME").or_else(|| Some(directory("HOME")?.join(".config")));
        Self {
            endpoint: text(ENDPOINT_VARIABLE),
            context: text(CONTEXT_VARIABLE),
            file: home.map(|home| home.join("elastickv/admin.yaml")),
        }
    }

    pub fn store(&self) -> Result<Store, CliError> {
        let path = self.file.clone().ok_or(StoreError::Nowhere)?;
        Ok(Store::at(path))
    }

    /// What stands in the file, if there is any.
    pub fn contexts(&self) -> Result<Document, CliError> {
        match &self.file {
            Some(path) => Ok(Store::at(path.clone()).load()?),
            None => Ok(Document::default()),
        }
    }

    fn choice(&self) -> Result<Option<Choice>, CliError> {
        let Some(text) = &self.context else { return Ok(None) };
        let bad = |text: String| CliError::new(Code::Usage, format!("{CONTEXT_VARIABLE}: {text}"));
        text.trim().parse().map(Some).map_err(bad)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Nowhere | StoreError::Malformed { .. } => Code::BadContextFile,
            StoreError::Io { cause, .. } if cause.kind() == std::io::ErrorKind::PermissionDenied => {
                Code::BadContextFile
            }
            StoreError::Io { .. } | StoreError::Unwritable { .. } => Code::LocalFile,
            StoreError::Locked { .. } => Code::ContextFileBusy,
        };
        CliError::new(code, error.to_string())
    }
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    CommandLine,
    Environment(&'static str),
    File,
    Context(ContextName),
    Usual,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::CommandLine => f.write_str("command line"),
            Source::Environment(name) => write!(f, "environment ({name})"),
            Source::File => f.write_str("file of contexts"),
            Source::Context(name) => write!(f, "context {name}"),
            Source::Usual => f.write_str("default"),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting<T> {
    pub value: T,
    pub source: Source,
}

/// All that a context can say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    pub context: Setting<Option<ContextName>>,
    pub endpoints: Setting<Vec<PeerAddress>>,
    pub tls_ca: Setting<Option<PathBuf>>,
    pub tls_cert: Setting<Option<PathBuf>>,
    pub tls_key: Setting<Option<PathBuf>>,
    pub tls_server_name: Setting<Option<String>>,
    pub token_file: Setting<Option<PathBuf>>,
    pub cluster_id: Setting<Option<ClusterId>>,
    pub protected: Setting<bool>,
    pub rewrite_rate: Setting<Option<Rate>>,
}

impl Settings {
    /// Without any context.
    pub fn without_context(global: &GlobalArgs, environment: &Environment) -> Result<Self, CliError> {
        let none = Setting { value: None, source: Source::Usual };
        Self::under(none, &Entry::default(), global, environment)
    }

    /// `named` is the context that a command was given as an argument.
    pub fn resolve(
        global: &GlobalArgs,
        environment: &Environment,
        named: Option<&ContextName>,
    ) -> Result<Self, CliError> {
        let chosen = match named.map(|name| Choice::Named(name.clone())).or_else(|| global.context.clone()) {
            Some(choice) => Some((choice, Source::CommandLine)),
            None => environment.choice()?.map(|choice| (choice, Source::Environment(CONTEXT_VARIABLE))),
        };
        if let Some((Choice::None, source)) = chosen {
            let none = Setting { value: None, source };
            return Self::under(none, &Entry::default(), global, environment);
        }
        let document = environment.contexts()?;
        let (name, source) = match chosen {
            Some((Choice::Named(name), source)) => (Some(name), source),
            _ => (document.current.clone(), Source::File),
        };
        let Some(name) = name else { return Self::without_context(global, environment) };
        let entry = document.contexts.get(&name).ok_or_else(|| unknown(&name, &document))?;
        Self::under(Setting { value: Some(name), source }, entry, global, environment)
    }

    fn under(
        context: Setting<Option<ContextName>>,
        entry: &Entry,
        global: &GlobalArgs,
        environment: &Environment,
    ) -> Result<Self, CliError> {
        let of_context = context.value.clone().map_or(Source::Usual, Source::Context);
        let doors = &global.doors;
        let layered = Layered { of_context: &of_context };
        Ok(Self {
            endpoints: endpoints(&global.endpoint, environment.endpoint.as_deref(), entry, &of_context)?,
            tls_ca: layered.first(&doors.tls_ca, &entry.tls_ca),
            tls_cert: layered.first(&doors.tls_cert, &entry.tls_cert),
            tls_key: layered.first(&doors.tls_key, &entry.tls_key),
            tls_server_name: layered.first(&doors.tls_server_name, &entry.tls_server_name),
            token_file: layered.first(&doors.token_file, &entry.token_file),
            cluster_id: layered.first(&None, &entry.cluster_id),
            protected: Setting {
                value: entry.protected,
                source: if entry.protected { of_context.clone() } else { Source::Usual },
            },
            rewrite_rate: layered.first(&None, &entry.rewrite_rate),
            context,
        })
    }

    pub fn doors(&self) -> DoorArgs {
        DoorArgs {
            tls_ca: self.tls_ca.value.clone(),
            tls_cert: self.tls_cert.value.clone(),
            tls_key: self.tls_key.value.clone(),
            tls_server_name: self.tls_server_name.value.clone(),
            token_file: self.token_file.value.clone(),
        }
    }

    /// Whether anybody said where the cluster is.
    pub fn is_named(&self) -> bool {
        self.endpoints.source != Source::Usual
    }
}

pub fn unknown(name: &ContextName, document: &Document) -> CliError {
    let text = format!("there is no context {name}{}", did_you_mean(name.as_str(), document.names()));
    CliError::new(Code::UnknownContext, text)
}

struct Layered<'a> {
    of_context: &'a Source,
}

impl Layered<'_> {
    fn first<T: Clone>(&self, given: &Option<T>, of_context: &Option<T>) -> Setting<Option<T>> {
        let (value, source) = match (given, of_context) {
            (Some(value), _) => (Some(value.clone()), Source::CommandLine),
            (None, Some(value)) => (Some(value.clone()), self.of_context.clone()),
            (None, None) => (None, Source::Usual),
        };
        Setting { value, source }
    }
}

/// Each once.
fn endpoints(
    given: &[PeerAddress],
    variable: Option<&str>,
    entry: &Entry,
    of_context: &Source,
) -> Result<Setting<Vec<PeerAddress>>, CliError> {
    let (named, source) = match (given, variable, entry.endpoints.as_slice()) {
        ([], Some(text), _) => (from_text(text)?, Source::Environment(ENDPOINT_VARIABLE)),
        ([], None, []) => (from_text(DEFAULT_ENDPOINT)?, Source::Usual),
        ([], None, of_entry) => (of_entry.to_vec(), of_context.clone()),
        (given, _, _) => (given.to_vec(), Source::CommandLine),
    };
    let mut value: Vec<PeerAddress> = Vec::new();
    for endpoint in named {
        if !value.contains(&endpoint) {
            value.push(endpoint);
        }
    }
    Ok(Setting { value, source })
}

fn from_text(text: &str) -> Result<Vec<PeerAddress>, CliError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let named: Vec<PeerAddress> =
        parts.map(|part| endpoint(part).map_err(bad_variable)).collect::<Result<_, _>>()?;
    match named.is_empty() {
        true => Err(bad_variable(format!("{text:?} names no endpoint"))),
        false => Ok(named),
    }
}

fn bad_variable(text: String) -> CliError {
    CliError::new(Code::Usage, format!("{ENDPOINT_VARIABLE}: {text}"))
        .hint(format!("export {ENDPOINT_VARIABLE}={DEFAULT_ENDPOINT}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, PROGRAM};

    const FILE: &str = "\
version: elastickv.contexts/v1
current: prod
contexts:
  prod:
    endpoints: [p:1]
    tls-ca: /prod/ca.crt
    token-file: /prod/token
    cluster-id: 07070707-0707-0707-0707-070707070707
    protected: true
    rewrite-rate: 5MiB/s
  dev:
    endpoints: [d:1]
";

    struct Given {
        _dir: tempfile::TempDir,
        environment: Environment,
    }

    fn given() -> Given {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.yaml");
        crate::local_files::replace(&path, FILE.as_bytes()).unwrap();
        Given { _dir: dir, environment: Environment { file: Some(path), ..Environment::default() } }
    }

    fn global(line: &str) -> GlobalArgs {
        let words = [PROGRAM].into_iter().chain(line.split_whitespace()).chain(["version"]);
        Cli::try_parse_from(words).unwrap().global
    }

    fn resolved(given: &Given, line: &str) -> Settings {
        Settings::resolve(&global(line), &given.environment, None).unwrap()
    }

    fn addresses(text: &str) -> Vec<PeerAddress> {
        text.split(',').map(|one| one.parse().unwrap()).collect()
    }

    #[test]
    fn a_variable_that_names_no_endpoint_is_refused() {
        for bad in [",", " , ", "a", "a:1,b"] {
            let mut given = given();
            given.environment.endpoint = Some(bad.to_owned());
            let refused = Settings::resolve(&global(""), &given.environment, None).unwrap_err();
            assert_eq!(refused.code(), Code::Usage, "{bad:?}");
        }
    }

    #[test]
    fn the_command_line_comes_before_the_environment_before_the_context_before_the_default() {
        let mut given = given();
        let endpoints = |given: &Given, line: &str| {
            let Setting { value, source } = resolved(given, line).endpoints;
            (value, source.to_string())
        };
        assert_eq!(endpoints(&given, "--context none"), (addresses(DEFAULT_ENDPOINT), "default".into()));
        assert_eq!(endpoints(&given, ""), (addresses("p:1"), "context prod".into()));
        assert_eq!(endpoints(&given, "--context dev"), (addresses("d:1"), "context dev".into()));
        given.environment.context = Some("dev".to_owned());
        assert_eq!(endpoints(&given, ""), (addresses("d:1"), "context dev".into()));
        assert_eq!(endpoints(&given, "--context prod"), (addresses("p:1"), "context prod".into()));
        given.environment.endpoint = Some(" c:3, http://d:4,".to_owned());
        assert_eq!(endpoints(&given, ""), (addresses("c:3,d:4"), "environment (ELASTICKV_ENDPOINT)".into()));
        let line = "--endpoint a:1,b:2,a:1";
        assert_eq!(endpoints(&given, line), (addresses("a:1,b:2"), "command line".into()));
    }

    #[test]
    fn a_context_keeps_its_pin_and_its_protection_whatever_else_is_given() {
        let given = given();
        let settings = resolved(&given, "--endpoint x:1 --tls-ca mine.crt");
        assert_eq!(settings.context.value.unwrap().as_str(), "prod");
        assert_eq!(settings.context.source, Source::File);
        assert_eq!(settings.tls_ca.value, Some("mine.crt".into()));
        assert_eq!(settings.token_file.value, Some("/prod/token".into()));
        assert!(settings.protected.value && settings.cluster_id.value.is_some());
        assert_eq!(settings.rewrite_rate.value, Some(Rate(Some(5 << 20))));
    }

    #[test]
    fn none_is_no_context_even_where_the_file_can_not_be_read() {
        let mut given = given();
        crate::local_files::replace(given.environment.file.as_ref().unwrap(), b"nonsense: [").unwrap();
        let error = Settings::resolve(&global(""), &given.environment, None).unwrap_err();
        assert_eq!(error.code(), Code::BadContextFile);
        assert!(!resolved(&given, "--context none").protected.value);
        given.environment.context = Some("none".to_owned());
        assert_eq!(resolved(&given, "").context.value, None);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let mut given = given();
        let error = Settings::resolve(&global("--context prud"), &given.environment, None).unwrap_err();
        assert_eq!((error.code(), error.exit().code()), (Code::UnknownContext, 2));
        assert!(error.message().ends_with("did you mean prod?"), "{}", error.message());
        given.environment.context = Some("a b".to_owned());
        let error = Settings::resolve(&global(""), &given.environment, None).unwrap_err();
        assert!(error.message().starts_with("ELASTICKV_CONTEXT: "), "{}", error.message());
        given.environment = Environment { endpoint: Some("nonsense".to_owned()), ..Environment::default() };
        let error = Settings::resolve(&global(""), &given.environment, None).unwrap_err();
        assert!(error.message().starts_with("ELASTICKV_ENDPOINT: "), "{}", error.message());
    }
}
