//! `encryption status --verify`: every row of every member, counted by the key it is sealed under.

use std::collections::BTreeMap;

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::Serialize;

use super::key_hex;
use super::status::EncryptionStatusReport;
use crate::error::{Blocker, CliError, Code, Warning};
use crate::model::{Decimal, Millis};
use crate::output::{Cell, Column, Grid, Keep, Tone};

/// What each member counted, by its name, or why it did not.
pub type Counts = BTreeMap<String, Result<v1::Count, String>>;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Verification {
    /// Clear rows are a fault: a rewrite has sealed every row before.
    pub sealed_before: bool,
    /// The key that was active then: rows under an older one are a fault too. Null before a rewrite has finished.
    pub sealed_under: Option<u32>,
    pub members: Vec<VerifiedMember>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VerifiedMember {
    pub member: String,
    pub error: Option<String>,
    pub rows: Decimal,
    pub clear_rows: Decimal,
    pub malformed_rows: Decimal,
    pub keys: Vec<VerifiedKey>,
    pub took_ms: Millis,
    /// What is not as it should be; empty when all is well.
    pub findings: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VerifiedKey {
    pub key_id: u32,
    pub key_hex: String,
    pub rows: Decimal,
    /// As the cluster has it; null for one that it does not hold.
    pub state: Option<String>,
}

/// What members' counts are held against.
struct Expected<'a> {
    /// By its id.
    keys: BTreeMap<u32, Key<'a>>,
    sealed_before: bool,
    /// Where the key came into being that a finished rewrite sealed under.
    sealed_since: Option<u64>,
}

#[derive(Clone, Copy)]
struct Key<'a> {
    state: &'a str,
    created: u64,
}

impl<'a> Expected<'a> {
    /// `sealed_under` is of the last rewrite, if it has finished.
    fn of(status: &'a EncryptionStatusReport, sealed_under: Option<u32>) -> Self {
        let held = status.keys.iter().map(|standing| {
            let key = &standing.key;
            (key.key_id, Key { state: &key.state, created: key.created_index.0 })
        });
        Self::new(held.collect(), sealed_under)
    }

    fn new(keys: BTreeMap<u32, Key<'a>>, sealed_under: Option<u32>) -> Self {
        let sealed_since = sealed_under.and_then(|under| Some(keys.get(&under)?.created));
        Self { keys, sealed_before: sealed_under.is_some(), sealed_since }
    }

    /// As the cluster has it; nothing for one that it does not hold.
    fn state(&self, key: u32) -> Option<&'a str> {
        self.keys.get(&key).map(|key| key.state).filter(|state| *state != "retired")
    }

    /// Whether the last rewrite should have left nothing under it.
    fn was_left_behind(&self, key: u32) -> bool {
        let replaced = matches!(self.state(key), Some("retiring" | "closed"));
        let older =
            self.sealed_since.zip(self.keys.get(&key)).is_some_and(|(since, key)| key.created < since);
        replaced && older
    }
}

impl Verification {
    pub fn of(status: &EncryptionStatusReport, counts: &Counts, sealed_under: Option<u32>) -> Self {
        let expected = Expected::of(status, sealed_under);
        let members = counts.iter().map(|(name, count)| member(name, count, &expected));
        Self { sealed_before: expected.sealed_before, sealed_under, members: members.collect() }
    }

    pub fn problem(&self) -> Option<CliError> {
        let found: Vec<Blocker> = self
            .members
            .iter()
            .flat_map(|member| {
                let blocker =
                    |reason: &String| Blocker { member: member.member.clone(), reason: reason.clone() };
                member.findings.iter().map(blocker)
            })
            .collect();
        let texts: Vec<String> = found.iter().map(|one| format!("{}: {}", one.member, one.reason)).collect();
        let text = texts.join("; ");
        (!found.is_empty()).then(|| CliError::new(Code::ClearRowsFound, text).blocked_by(found))
    }

    /// A member that did not count is missing.
    pub fn silence(&self) -> Option<CliError> {
        let silent: Vec<Blocker> = self
            .members
            .iter()
            .filter_map(|one| Some(Blocker { member: one.member.clone(), reason: one.error.clone()? }))
            .collect();
        let names: Vec<&str> = silent.iter().map(|one| one.member.as_str()).collect();
        let text = format!("{} did not count: {}", names.len(), names.join(", "));
        (!silent.is_empty()).then(|| CliError::new(Code::Partial, text).blocked_by(silent))
    }

    pub fn warnings(&self) -> Vec<Warning> {
        let clear = self.members.iter().filter(|one| one.clear_rows.0 > 0 && !self.sealed_before);
        clear
            .map(|one| {
                let text =
                    format!("{} has {} clear values; a rewrite seals them", one.member, one.clear_rows);
                Warning::new(Code::LogStillClear, text)
            })
            .collect()
    }

    pub fn grid(&self) -> Grid {
        let columns = vec![
            Column::left("COUNTED", Keep::Always),
            Column::right("ROWS", Keep::Always),
            Column::right("CLEAR", Keep::Always),
            Column::left("BY KEY", Keep::Always).may_be_cut(24),
            Column::right("TOOK", Keep::IfRoom(2)),
        ];
        let rows = self.members.iter().map(|one| {
            let tone = if one.findings.is_empty() { Tone::Plain } else { Tone::Bad };
            let keys: Vec<String> =
                one.keys.iter().map(|key| format!("{} {}", key.key_id, key.rows)).collect();
            let keys = one.error.clone().unwrap_or_else(|| keys.join(", "));
            vec![
                one.member.as_str().into(),
                Cell::maybe(Some(one.rows)),
                Cell::new(tone, one.clear_rows.to_string().as_str()),
                Cell::new(tone, keys.as_str()),
                Cell::maybe(Some(one.took_ms)),
            ]
        });
        Grid { columns, rows: rows.collect() }
    }
}

fn member(name: &str, count: &Result<v1::Count, String>, expected: &Expected<'_>) -> VerifiedMember {
    let (told, error) = match count {
        Ok(told) => (told.clone(), None),
        Err(error) => (v1::Count::default(), Some(error.clone())),
    };
    let key = |key: &v1::KeyCount| VerifiedKey {
        key_id: key.key_id,
        key_hex: key_hex(key.key_id),
        rows: Decimal(key.rows),
        state: expected.state(key.key_id).map(str::to_owned),
    };
    let keys: Vec<VerifiedKey> = told.keys.iter().map(key).collect();
    let mut findings = Vec::new();
    if told.clear_rows > 0 && expected.sealed_before {
        findings.push(format!("{} clear values after a rewrite", told.clear_rows));
    }
    for key in keys.iter().filter(|key| key.state.is_none()) {
        findings
            .push(format!("{} values under key {}, which the cluster does not hold", key.rows, key.key_id));
    }
    for key in keys.iter().filter(|key| expected.was_left_behind(key.key_id)) {
        findings.push(format!("{} values under key {}, which a rewrite had left", key.rows, key.key_id));
    }
    if told.malformed_rows > 0 {
        findings.push(format!("{} values that are none", told.malformed_rows));
    }
    VerifiedMember {
        member: name.to_owned(),
        error,
        rows: Decimal(told.rows),
        clear_rows: Decimal(told.clear_rows),
        malformed_rows: Decimal(told.malformed_rows),
        keys,
        took_ms: Millis(told.took_ms),
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_count_finds_is_judged_by_what_the_cluster_holds() {
        let held = |id: u32, state: &'static str| (id, Key { state, created: u64::from(id) });
        let keys = [held(5, "retiring"), held(6, "closed"), held(7, "active"), held(8, "retired")];
        let expected = |under| Expected::new(keys.into(), under);
        let count = |clear_rows, keys: &[(u32, u64)], malformed_rows| {
            let keys = keys.iter().map(|(key_id, rows)| v1::KeyCount { key_id: *key_id, rows: *rows });
            Ok(v1::Count { clear_rows, keys: keys.collect(), malformed_rows, ..v1::Count::default() })
        };
        let found = |count, under| member("n1", &count, &expected(under)).findings.len();
        let (no, yes) = (None, Some(7));
        assert_eq!(found(count(0, &[(7, 100)], 0), yes), 0);
        assert_eq!((found(count(3, &[], 0), no), found(count(3, &[], 0), yes)), (0, 1));
        assert_eq!(found(count(0, &[(8, 1), (9, 1)], 2), yes), 3);
        let replaced = || count(0, &[(5, 1), (6, 1), (7, 1)], 0);
        assert_eq!((found(replaced(), no), found(replaced(), yes)), (0, 2));
        assert_eq!(found(replaced(), Some(6)), 1, "a rotation came after the rewrite");
        let members = vec![member("n1", &count(3, &[], 0), &expected(yes))];
        let verification = Verification { sealed_before: true, sealed_under: yes, members };
        assert_eq!(verification.problem().unwrap().exit().code(), 9);
    }
}
