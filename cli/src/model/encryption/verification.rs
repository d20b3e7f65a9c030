//! `encryption status --verify`: every row of every member, counted by the key it is sealed under.

use std::collections::BTreeMap;

use elastickv_proto::v1;
use serde::Serialize;

use super::key_hex;
use super::status::EncryptionStatusReport;
use crate::error::{Blocker, CliError, Code, Warning};
use crate::model::{Decimal, Millis};
use crate::output::{Cell, Column, Grid, Keep, Tone};

/// What each member counted, by its name, or why it did not.
pub type Counts = BTreeMap<String, Result<v1::Count, String>>;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verification {
    /// Clear rows are a fault: a rewrite has sealed every row before.
    pub sealed_before: bool,
    pub members: Vec<VerifiedMember>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct VerifiedKey {
    pub key_id: u32,
    pub key_hex: String,
    pub rows: Decimal,
    /// As the cluster has it; null for one that it does not hold.
    pub state: Option<String>,
}

impl Verification {
    pub fn of(status: &EncryptionStatusReport, counts: &Counts, sealed_before: bool) -> Self {
        let states: BTreeMap<u32, String> =
            status.keys.iter().map(|standing| (standing.key.key_id, standing.key.state.clone())).collect();
        let members = counts.iter().map(|(name, count)| member(name, count, &states, sealed_before));
        Self { sealed_before, members: members.collect() }
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

fn member(
    name: &str,
    count: &Result<v1::Count, String>,
    states: &BTreeMap<u32, String>,
    sealed_before: bool,
) -> VerifiedMember {
    let (told, error) = match count {
        Ok(told) => (told.clone(), None),
        Err(error) => (v1::Count::default(), Some(error.clone())),
    };
    let key = |key: &v1::KeyCount| VerifiedKey {
        key_id: key.key_id,
        key_hex: key_hex(key.key_id),
        rows: Decimal(key.rows),
        state: states.get(&key.key_id).filter(|state| *state != "retired").cloned(),
    };
    let keys: Vec<VerifiedKey> = told.keys.iter().map(key).collect();
    let mut findings = Vec::new();
    if told.clear_rows > 0 && sealed_before {
        findings.push(format!("{} clear values after a rewrite", told.clear_rows));
    }
    for key in keys.iter().filter(|key| key.state.is_none()) {
        findings
            .push(format!("{} values under key {}, which the cluster does not hold", key.rows, key.key_id));
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
        let states = BTreeMap::from([(7, "active".to_owned()), (8, "retired".to_owned())]);
        let count = |clear_rows, keys: &[(u32, u64)], malformed_rows| {
            let keys = keys.iter().map(|(key_id, rows)| v1::KeyCount { key_id: *key_id, rows: *rows });
            Ok(v1::Count { clear_rows, keys: keys.collect(), malformed_rows, ..v1::Count::default() })
        };
        let found = |count, sealed| member("n1", &count, &states, sealed).findings.len();
        assert_eq!(found(count(0, &[(7, 100)], 0), true), 0);
        assert_eq!((found(count(3, &[], 0), false), found(count(3, &[], 0), true)), (0, 1));
        assert_eq!(found(count(0, &[(8, 1), (9, 1)], 2), true), 3);
        let members = vec![member("n1", &count(3, &[], 0), &states, true)];
        let verification = Verification { sealed_before: true, members };
        assert_eq!(verification.problem().unwrap().exit().code(), 9);
    }
}
