//! The access file: who is known, and what they may do.
//!
//! ```yaml
//! certificates:
//!   - { name: alice, roles: [read, write] }
//! tokens:
//!   - { name: backup, sha256: "…64 hex digits…", roles: [operate, admin] }
//! refused_nodes: [n7]
//! ```
//!
//! A certificate is known by the common name of its subject. Of a token the file has only the hash: a token is 32
//! random bytes, of which nobody guesses one, so nothing slower is needed. Roles do not contain each other: whoever
//! looks after keys needs no right to read what is sealed with them.

use std::collections::BTreeSet;
use std::path::Path;

use elastickv_sys::private::{self, Others};
use elastickv_types::NodeName;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(super) const LARGEST_FILE: u64 = 1 << 20;
const LONGEST_NAME: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Read,
    Write,
    Operate,
    Admin,
}

pub type Roles = BTreeSet<Role>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    certificates: Vec<Certificate>,
    #[serde(default)]
    tokens: Vec<Token>,
    /// Whose certificates are still good and must not be let in: of a disk that was lost, of a node that was taken over.
    #[serde(default)]
    refused_nodes: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    name: String,
    roles: Roles,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    name: String,
    sha256: Hash,
    roles: Roles,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Hash([u8; 32]);

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut hash = [0; 32];
        // What stands there by mistake may be a token.
        hex::decode_to_slice(&text, &mut hash).map_err(|_| "sha256 wants 64 hex digits".to_owned())?;
        Ok(Self(hash))
    }
}

/// Everybody who is known.
#[derive(Debug)]
pub struct Subjects {
    file: File,
    /// What it was read from.
    pub bytes: Vec<u8>,
}

/// The file can not be used.
#[derive(Debug, thiserror::Error)]
#[error("the access file {path} can not be used: {reason}")]
pub struct Unusable {
    path: String,
    reason: String,
}

impl Subjects {
    pub fn load(path: &Path) -> Result<Self, Unusable> {
        let unusable = |reason: String| Unusable { path: path.display().to_string(), reason };
        let bytes =
            private::read(path, Others::Read, LARGEST_FILE).map_err(|error| unusable(error.to_string()))?;
        Self::parse(bytes).map_err(unusable)
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        let file: File = serde_yaml::from_slice(&bytes).map_err(|error| misread(&error))?;
        let certificates = file.certificates.iter().map(|entry| (&entry.name, &entry.roles));
        let tokens = file.tokens.iter().map(|entry| (&entry.name, &entry.roles));
        let mut known = BTreeSet::new();
        for (name, roles) in certificates.chain(tokens) {
            check_name(name)?;
            if roles.is_empty() {
                return Err(format!("{name} has no role"));
            }
            if !known.insert(name) {
                return Err(format!("{name} stands there more than once"));
            }
        }
        file.refused_nodes.iter().try_for_each(|name| check_name(name))?;
        let hashes: BTreeSet<_> = file.tokens.iter().map(|token| token.sha256.0).collect();
        if hashes.len() != file.tokens.len() {
            return Err("two tokens are one and the same".to_owned());
        }
        Ok(Self { file, bytes })
    }

    pub fn certificate(&self, common_name: &str) -> Option<&Roles> {
        self.file.certificates.iter().find(|entry| entry.name == common_name).map(|entry| &entry.roles)
    }

    pub fn refuses(&self, node: &NodeName) -> bool {
        self.file.refused_nodes.contains(node.as_str())
    }

    /// Compares with every token, each in the same time, whichever it is.
    pub fn token(&self, shown: &str) -> Option<(&str, &Roles)> {
        let hash = Sha256::digest(shown.as_bytes());
        let mut found = None;
        for token in &self.file.tokens {
            if bool::from(token.sha256.0.as_slice().ct_eq(hash.as_slice())) {
                found = Some((token.name.as_str(), &token.roles));
            }
        }
        found
    }
}

/// Where the file can not be understood, and what is understood. The library's own words repeat what stands there, which may
/// be a token that was put into the wrong place.
fn misread(error: &serde_yaml::Error) -> String {
    let at = error
        .location()
        .map_or_else(String::new, |at| format!("line {}, column {}: ", at.line(), at.column()));
    format!(
        "{at}not understood; there may be certificates and tokens, lists of {{ name, roles }}, a token with sha256 in 64 hex \
         digits besides, and refused_nodes, a list of names; roles are read, write, operate and admin; each key stands once"
    )
}

/// Names end up in logs and in the history.
fn check_name(name: &str) -> Result<(), String> {
    let plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '@' | ' ');
    match !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain) {
        true => Ok(()),
        false => {
            Err(format!("{name:?} is no name: letters, digits, spaces and . _ - @, up to {LONGEST_NAME}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Subjects, String> {
        Subjects::parse(text.as_bytes().to_vec())
    }

    fn hash(token: &str) -> String {
        hex::encode(Sha256::digest(token.as_bytes()))
    }

    #[test]
    fn subjects_are_found_by_what_they_show() {
        let text = format!(
            "certificates: [{{name: alice, roles: [read]}}]\n\
             tokens: [{{name: backup, sha256: {}, roles: [operate, admin]}}, {{name: ci, sha256: {}, roles: [write]}}]",
            hash("secret"),
            hash("other")
        );
        let subjects = parse(&text).unwrap();
        assert_eq!(subjects.certificate("alice"), Some(&Roles::from([Role::Read])));
        assert_eq!(subjects.certificate("backup"), None);
        let (name, roles) = subjects.token("secret").unwrap();
        assert_eq!((name, roles), ("backup", &Roles::from([Role::Operate, Role::Admin])));
        assert_eq!(subjects.token("other").map(|(name, _)| name), Some("ci"));
        for wrong in ["", "Secret", &hash("secret")] {
            assert!(subjects.token(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_that_could_be_misread_is_refused() {
        let refused = |text: &str| parse(text).unwrap_err();
        assert!(refused("certificates: [{name: a, roles: [root]}]").starts_with("line 1, column "));
        assert!(refused("certificates: [{name: a, roles: []}]").contains("no role"));
        assert!(
            refused("certificates: [{name: a, roles: [read]}, {name: a, roles: [write]}]").contains("once")
        );
        assert!(refused("certificate: []").contains("there may be certificates"));
        assert!(refused("tokens: []\ncertificates: []\ntokens: []").contains("once"));
        assert!(refused("certificates: [{name: \"a\\nb\", roles: [read]}]").contains("is no name"));
        let twice = format!(
            "tokens: [{{name: a, sha256: {0}, roles: [read]}}, {{name: b, sha256: {0}, roles: [write]}}]",
            hash("x")
        );
        assert!(refused(&twice).contains("the same"));
        for wrong in [
            "tokens: [{name: a, sha256: hunter2, roles: [read]}]",
            "tokens: [hunter2]",
            "tokens: hunter2",
            "hunter2: []",
            "hunter2",
            "tokens: [{name: a, hunter2: 7, roles: [read]}]",
            "tokens: [{name: a, sha256: 7, roles: [hunter2]}]",
            "refused_nodes: {hunter2: 7}",
            "tokens: [{name: a, sha256: &hunter2 *hunter2}]",
            "tokens: [hunter2",
        ] {
            let told = refused(wrong);
            assert!(told.contains("64 hex digits") && !told.contains("hunter2"), "{wrong}: {told}");
        }
    }
}
