//! One run of a script, from its moment to its commit.

use std::collections::{BTreeMap, BTreeSet};

use elastickv_proto::v1;
use elastickv_types::RequestId;

use super::super::commit;
use super::script::{Act, Step};
use crate::args::kv::TxnArgs;
use crate::client::{Aim, Plan, Session, rpc};
use crate::error::CliError;
use crate::model::{Bytes, Decimal, TxnReport, TxnRow, TxnVerb};

pub struct Attempt<'a> {
    pub session: &'a Session,
    pub args: &'a TxnArgs,
    pub plan: Plan,
    pub steps: &'a [Step],
    /// The same in every attempt: those that failed have not taken effect.
    pub op_id: RequestId,
}

/// What is known of the keys that are read.
type Read = BTreeMap<Vec<u8>, v1::ReadResult>;
/// What the script has written so far, the last write of each key.
type Written = BTreeMap<Vec<u8>, v1::Mutation>;

impl Attempt<'_> {
    pub async fn run(&self) -> Result<TxnReport, CliError> {
        self.session.progress().say("reading");
        let begun =
            self.session.call(Plan::read(Aim::Anyone), &v1::BeginRequest { at: 0 }, rpc::begin).await?;
        let start_ts = begun.message.ts;
        let read = self.read(start_ts).await?;
        let (rows, written) = self.rows(&read)?;
        let conditions: Vec<v1::Condition> = self.steps.iter().filter_map(condition).collect();
        let mut report = TxnReport {
            rows,
            start_ts: Decimal(start_ts),
            commit_ts: None,
            commit_index: None,
            already_applied: false,
            retries: 0,
        };
        if written.is_empty() && conditions.is_empty() {
            // All reads are of one moment already.
            return Ok(report);
        }
        self.session.progress().say("waiting for the transaction to be acknowledged");
        let request = v1::CommitRequest {
            start_ts,
            read_keys: read.into_keys().map(Into::into).collect(),
            read_ranges: Vec::new(),
            conditions,
            mutations: written.into_values().collect(),
            request_id: self.op_id.as_bytes().to_vec().into(),
        };
        let told = self.session.call(self.plan.clone(), &request, rpc::commit).await?.message;
        report.commit_ts = Some(Decimal(told.commit_ts)).filter(|ts| ts.0 > 0);
        report.commit_index = Some(Decimal(told.index)).filter(|index| index.0 > 0);
        report.already_applied = told.already_applied;
        Ok(report)
    }

    /// Every key of a get, each once.
    async fn read(&self, ts: u64) -> Result<Read, CliError> {
        let keys: BTreeSet<&Vec<u8>> =
            self.steps.iter().filter(|step| step.act == Act::Get).map(|step| &step.key).collect();
        let mut wanted: Vec<bytes::Bytes> = keys.into_iter().map(|key| key.clone().into()).collect();
        let mut read = Read::new();
        while !wanted.is_empty() {
            let request = v1::ReadRequest { ts, keys: wanted.clone() };
            let told = self.session.call(Plan::read(Aim::Anyone), &request, rpc::read).await?.message;
            let answered = told.results.len().clamp(1, wanted.len());
            let keys = wanted.drain(..answered).map(|key| key.to_vec());
            read.extend(keys.zip(told.results));
        }
        Ok(read)
    }

    /// Goes through the script once more, now that it is known what its reads find.
    fn rows(&self, read: &Read) -> Result<(Vec<TxnRow>, Written), CliError> {
        let mut written = Written::new();
        let mut rows = Vec::new();
        for step in self.steps {
            let mut row = TxnRow {
                line: step.line,
                verb: TxnVerb::Get,
                key: Bytes::new(step.key.clone(), self.args.notation.keys),
                value: None,
                commit_ts: None,
            };
            match &step.act {
                Act::Get => self.show(&mut row, &step.key, read, &written),
                Act::Check(_) => row.verb = TxnVerb::Check,
                Act::Put { value, ttl } => {
                    row.verb = TxnVerb::Put;
                    written.insert(step.key.clone(), commit::put(step.key.clone(), value.clone(), *ttl)?);
                }
                Act::Delete => {
                    row.verb = TxnVerb::Delete;
                    written.insert(step.key.clone(), commit::delete(step.key.clone()));
                }
            }
            rows.push(row);
        }
        Ok((rows, written))
    }

    fn show(&self, row: &mut TxnRow, key: &[u8], read: &Read, written: &Written) {
        let shown = |value: &bytes::Bytes| Some(Bytes::new(value.clone(), self.args.notation.values));
        match (written.get(key).and_then(|mutation| mutation.change.as_ref()), read.get(key)) {
            (Some(v1::mutation::Change::Put(value)), _) => row.value = shown(value),
            (None, Some(found)) if found.found => {
                row.value = shown(&found.value);
                row.commit_ts = Some(Decimal(found.commit_ts));
            }
            _ => {}
        }
    }
}

fn condition(step: &Step) -> Option<v1::Condition> {
    match &step.act {
        Act::Check(expected) => {
            Some(v1::Condition { key: step.key.clone().into(), expected: Some(*expected) })
        }
        Act::Get | Act::Put { .. } | Act::Delete => None,
    }
}
