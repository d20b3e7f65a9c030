//! The file of contexts, as it is written: YAML of which every key is known.
//!
//! An unknown key is an error rather than passed over: a `protected` that is spelt wrong would protect nothing. The
//! error names the line, and the key that may have been meant. Paths that are relative begin at the file's directory.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use elastickv_types::{ClusterId, PeerAddress};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ContextName, did_you_mean};
use crate::args::rewrite::{Rate, rate};

const HEADER: &str = "# Contexts of elastickv-admin; `elastickv-admin context` writes this file anew.\n";

/// All contexts of a user.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Document {
    pub version: Version,
    /// The one that counts where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<ContextName>,
    #[serde(default, deserialize_with = "each_once")]
    pub contexts: BTreeMap<ContextName, Entry>,
}

/// The version of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Version {
    #[default]
    #[serde(rename = "elastickv.contexts/v1")]
    V1,
}

/// One context.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    #[serde(with = "addresses")]
    pub endpoints: Vec<PeerAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "cluster_id")]
    pub cluster_id: Option<ClusterId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rates")]
    pub rewrite_rate: Option<Rate>,
}

/// The file is not what it should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{text}", place(*line, *column))]
pub struct Malformed {
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub text: String,
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        _ => String::new(),
    }
}

impl Document {
    /// Reads a document; `home` is where relative paths begin.
    pub fn parse(text: &str, home: &Path) -> Result<Self, Malformed> {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Self::default());
        }
        let mut document: Self = serde_yaml::from_str(text).map_err(|error| malformed(&error))?;
        document.contexts.values_mut().for_each(|entry| entry.settle(home));
        match &document.current {
            Some(current) if !document.contexts.contains_key(current) => Err(Malformed {
                line: None,
                column: None,
                text: format!(
                    "current names {current}, which is no context{}",
                    did_you_mean(current.as_str(), document.names())
                ),
            }),
            _ => Ok(document),
        }
    }

    pub fn text(&self) -> Result<String, serde_yaml::Error> {
        Ok(format!("{HEADER}{}", serde_yaml::to_string(self)?))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contexts.keys().map(ContextName::as_str)
    }
}

impl Entry {
    fn settle(&mut self, home: &Path) {
        let files = [&mut self.tls_ca, &mut self.tls_cert, &mut self.tls_key, &mut self.token_file];
        for path in files.into_iter().flatten() {
            *path = home.join(&*path);
        }
    }
}

/// The library names the key and those that it knows; what comes of it is said in this program's words.
fn malformed(error: &serde_yaml::Error) -> Malformed {
    let place = error.location();
    let told = error.to_string();
    let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(before, _)| before);
    Malformed {
        line: place.as_ref().map(serde_yaml::Location::line),
        column: place.as_ref().map(serde_yaml::Location::column),
        text: unknown_key(told).unwrap_or_else(|| told.to_owned()),
    }
}

fn unknown_key(told: &str) -> Option<String> {
    let (before, after) = told.split_once("unknown field `")?;
    let (key, known) = after.split_once('`')?;
    let known = known.split('`').skip(1).step_by(2);
    Some(format!("{before}unknown key {key:?}{}", did_you_mean(key, known)))
}

/// A map whose keys come once each.
fn each_once<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<ContextName, Entry>, D::Error> {
    struct EachOnce;

    impl<'de> Visitor<'de> for EachOnce {
        type Value = BTreeMap<ContextName, Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("contexts by their names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some(name) = map.next_key::<ContextName>()? {
                if all.contains_key(&name) {
                    return Err(A::Error::custom(format!("context {name} is there twice")));
                }
                all.insert(name, map.next_value()?);
            }
            Ok(all)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }
    }

    from.deserialize_any(EachOnce)
}

mod addresses {
    use super::*;

    pub fn serialize<S: Serializer>(all: &[PeerAddress], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter().map(ToString::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PeerAddress>, D::Error> {
        let all: Vec<String> = Deserialize::deserialize(from)?;
        if all.is_empty() {
            return Err(D::Error::custom("a context needs an endpoint"));
        }
        all.iter().map(|text| crate::args::endpoint(text).map_err(D::Error::custom)).collect()
    }
}

mod cluster_id {
    use super::*;

    pub fn serialize<S: Serializer>(id: &Option<ClusterId>, to: S) -> Result<S::Ok, S::Error> {
        id.map(|id| id.to_string()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ClusterId>, D::Error> {
        let text: String = Deserialize::deserialize(from)?;
        text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is no id of a cluster")))
    }
}

mod rates {
    use super::*;

    pub fn serialize<S: Serializer>(given: &Option<Rate>, to: S) -> Result<S::Ok, S::Error> {
        given.map(|rate| rate.to_string()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rate>, D::Error> {
        let text: String = Deserialize::deserialize(from)?;
        rate(&text).map(Some).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\
version: elastickv.contexts/v1
current: prod
contexts:
  prod:
    endpoints: [10.0.0.11:50051, 10.0.0.12:50051]
    tls-ca: ca.crt
    token-file: /run/token
    cluster-id: 07070707-0707-0707-0707-070707070707
    protected: true
    rewrite-rate: 20MiB/s
  dev:
    endpoints:
      - localhost:50051
";

    fn parse(text: &str) -> Result<Document, Malformed> {
        Document::parse(text, Path::new("/home/me/.config/elastickv"))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let document = parse(WHOLE).unwrap();
        assert_eq!(parse(&document.text().unwrap()).unwrap(), document);
        assert_eq!(document.names().collect::<Vec<_>>(), ["dev", "prod"]);
        let prod = document.contexts.values().nth(1).unwrap();
        assert_eq!(prod.endpoints.len(), 2);
        assert!(prod.protected && prod.cluster_id.is_some());
        assert_eq!(prod.rewrite_rate, Some(Rate(Some(20 << 20))));
    }

    #[test]
    fn relative_paths_begin_at_the_file() {
        let document = parse(WHOLE).unwrap();
        let prod = document.contexts.values().nth(1).unwrap();
        assert_eq!(prod.tls_ca.as_deref(), Some(Path::new("/home/me/.config/elastickv/ca.crt")));
        assert_eq!(prod.token_file.as_deref(), Some(Path::new("/run/token")));
    }

    #[test]
    fn an_empty_file_has_no_contexts() {
        for text in ["", "\n", "# nothing yet\n", "version: elastickv.contexts/v1\ncontexts:\n"] {
            assert_eq!(parse(text).unwrap(), Document::default(), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_what_was_meant() {
        for (from, to, line, told) in [
            ("protected:", "protect:", 9, "\"protect\"; did you mean protected?"),
            ("endpoints:\n", "endpoint:\n", 12, "did you mean endpoints?"),
            ("current:", "curent:", 2, "did you mean current?"),
            ("token-file: /run/token", "token: s3cret", 7, "unknown key \"token\""),
        ] {
            let error = parse(&WHOLE.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.to_string().contains(told), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn values_that_are_none_are_refused() {
        for (from, to, told) in [
            ("current: prod", "current: prd", "did you mean prod?"),
            ("  dev:", "  prod:", "prod is there twice"),
            ("  dev:", "  none:", "stands for no context"),
            ("20MiB/s", "fast", "is not a rate"),
            ("07070707-0707-0707-0707-070707070707", "c7e1", "no id of a cluster"),
            ("[10.0.0.11:50051, 10.0.0.12:50051]", "[]", "needs an endpoint"),
            ("localhost:50051", "localhost", "HOST:PORT"),
            ("contexts/v1", "contexts/v9", "elastickv.contexts/v1"),
            ("protected: true", "protected: perhaps", "boolean"),
        ] {
            let error = parse(&WHOLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(told), "{to}: {error}");
        }
    }
}
