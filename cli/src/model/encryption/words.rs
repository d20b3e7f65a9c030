//! The wire's numbers in words. A number of a later build stays a number.

use elastickv_proto::v1;
use elastickv_types::OperationId;
use schemars::JsonSchema;
use serde::Serialize;

/// As the commands are called.
pub fn kind_word(raw: i32) -> String {
    use v1::OperationKind as Kind;
    let known = match Kind::try_from(raw) {
        Ok(Kind::Bootstrap) => "bootstrap",
        Ok(Kind::EnableStorage) => "enable-storage-envelope",
        Ok(Kind::EnableRaft) => "enable-raft-envelope",
        Ok(Kind::Rotate) => "rotate-dek",
        Ok(Kind::Rewrap) => "rewrap-deks",
        Ok(Kind::Close) => "close-dek",
        Ok(Kind::Retire) => "retire-dek",
        Ok(Kind::Unspecified) | Err(_) => return format!("kind-{raw}"),
    };
    known.to_owned()
}

pub fn purpose_word(raw: i32) -> String {
    match v1::Purpose::try_from(raw) {
        Ok(v1::Purpose::Storage) => "storage".to_owned(),
        Ok(v1::Purpose::Raft) => "raft".to_owned(),
        Ok(v1::Purpose::Unspecified) | Err(_) => format!("purpose-{raw}"),
    }
}

pub fn state_word(raw: i32) -> String {
    use v1::KeyState as State;
    let known = match State::try_from(raw) {
        Ok(State::Installed) => "installed",
        Ok(State::Active) => "active",
        Ok(State::Retiring) => "retiring",
        Ok(State::Closed) => "closed",
        Ok(State::Retired) => "retired",
        Ok(State::Unspecified) | Err(_) => return format!("state-{raw}"),
    };
    known.to_owned()
}

pub fn stage_word(raw: i32) -> String {
    use v1::encryption_stage::Name;
    let known = match Name::try_from(raw) {
        Ok(Name::Cleartext) => "cleartext",
        Ok(Name::Bootstrapped) => "bootstrapped",
        Ok(Name::StorageSealed) => "storage-sealed",
        Ok(Name::RaftSealed) => "raft-sealed",
        Ok(Name::FullySealed) => "fully-sealed",
        Ok(Name::Unspecified) | Err(_) => return format!("stage-{raw}"),
    };
    known.to_owned()
}

/// How far it has come, for a heading.
pub fn stage_text(word: &str) -> &str {
    match word {
        "cleartext" => "not encrypted",
        "bootstrapped" => "keys made, nothing sealed",
        "storage-sealed" => "stage 1 of 2: storage sealed, raft log clear",
        "raft-sealed" => "stage 1 of 2: raft log sealed, storage clear",
        "fully-sealed" => "stage 2 of 2: storage and raft log sealed",
        other => other,
    }
}

pub fn key_hex(key: u32) -> String {
    format!("{key:#010x}")
}

/// An operation's id as it is typed; what is none stays as it came.
pub fn operation_text(bytes: &[u8]) -> String {
    OperationId::from_slice(bytes).map_or_else(|| hex::encode(bytes), |id| id.to_string())
}

/// Who wraps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KekView {
    pub provider: String,
    pub key: String,
    pub version: String,
}

impl From<&v1::Kek> for KekView {
    fn from(told: &v1::Kek) -> Self {
        Self { provider: told.provider.clone(), key: told.key.clone(), version: told.version.clone() }
    }
}

impl std::fmt::Display for KekView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} {}", self.provider, self.key, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_later_build_is_shown_as_it_is() {
        assert_eq!(
            [kind_word(4), kind_word(99), state_word(0), stage_word(77), purpose_word(3)],
            ["rotate-dek", "kind-99", "state-0", "stage-77", "purpose-3"]
        );
    }

    #[test]
    fn key_ids_in_hex_have_eight_digits() {
        assert_eq!((key_hex(1), key_hex(u32::MAX)), ("0x00000001".to_owned(), "0xffffffff".to_owned()));
    }
}
