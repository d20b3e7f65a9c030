//! Names that people give: of clusters and of nodes, and the address at which a node is reached.

use std::fmt;

use crate::FullNodeId;

const LONGEST_NAME: usize = 63;
const LONGEST_ADDRESS: usize = 255;

/// Why a text is not a name or an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name may not be empty")]
    Empty,
    #[error("{text:?} is longer than {limit} bytes")]
    TooLong { text: String, limit: usize },
    #[error(
        "{text:?} holds {found:?}; letters, digits, '.', '_' and '-' are allowed, and it begins with a letter or digit"
    )]
    Letter { text: String, found: char },
    #[error("{text:?} is not an address of the form host:port")]
    NotHostPort { text: String },
}

fn check_name(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > LONGEST_NAME {
        return Err(NameError::TooLong { text: text.to_owned(), limit: LONGEST_NAME });
    }
    let odd = text.char_indices().find(|&(at, letter)| {
        let inside = at > 0 && matches!(letter, '.' | '_' | '-');
        !letter.is_ascii_alphanumeric() && !inside
    });
    match odd {
        Some((_, found)) => Err(NameError::Letter { text: text.to_owned(), found }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                $check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name!(
    /// The name of a node; belongs to one data directory for its whole life.
    NodeName,
    check_name
);
name!(
    /// The name of a cluster: what an operator types before an irreversible step.
    ClusterName,
    check_name
);
name!(
    /// Where a node is reached: `host:port`, `[v6]:port`.
    PeerAddress,
    check_address
);

impl NodeName {
    pub fn full_id(&self) -> FullNodeId {
        FullNodeId::of_name(&self.0)
    }
}

fn check_address(text: &str) -> Result<(), NameError> {
    if text.len() > LONGEST_ADDRESS {
        return Err(NameError::TooLong { text: text.to_owned(), limit: LONGEST_ADDRESS });
    }
    let refused = || NameError::NotHostPort { text: text.to_owned() };
    let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
    let port: u16 = port.parse().map_err(|_| refused())?;
    let bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    let odd = host.chars().any(|letter| letter.is_whitespace() || letter == '/' || letter == '@');
    if host.is_empty() || port == 0 || bare_v6 || odd {
        return Err(refused());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_alphabet() {
        for good in ["n1", "prod-tokyo", "a.b_c-9", &"x".repeat(63)] {
            assert!(good.parse::<NodeName>().is_ok(), "{good}");
        }
        for bad in ["", "-n1", "n 1", "n/1", "ü", &"x".repeat(64)] {
            assert!(bad.parse::<NodeName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_name_host_and_port() {
        for good in ["127.0.0.1:1", "[::1]:50051", "db-3.internal:65535"] {
            assert!(good.parse::<PeerAddress>().is_ok(), "{good}");
        }
        for bad in ["", "host", "host:", ":1", "host:0", "host:65536", "::1:5", "http://a:1", "a b:1"] {
            assert!(bad.parse::<PeerAddress>().is_err(), "{bad}");
        }
    }
}
