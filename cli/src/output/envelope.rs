//! The envelope: one shape for every result and every failure that a program reads.
//!
//! Within `elastickv.admin/v1` fields are only added. Numbers that can pass 2^53 (indexes, terms, sizes,
//! timestamps) are strings, durations are numbers of milliseconds, times are RFC 3339 in UTC.

use schemars::JsonSchema;
use serde::Serialize;

use super::Query;
use crate::error::{Blocker, CliError, Warning};
use crate::model::{Facts, Finished, MemberRow, Report};

pub const SCHEMA: &str = "elastickv.admin/v1";

#[derive(Debug, Serialize, JsonSchema)]
pub struct Envelope<'a, R> {
    schema: &'static str,
    kind: &'static str,
    command: &'a str,
    ok: bool,
    exit_code: u8,
    /// Null when it is not known.
    changed: Option<bool>,
    op_id: Option<String>,
    cluster_id: Option<&'a str>,
    data: Option<&'a R>,
    warnings: Vec<WarningBody<'a>>,
    error: Option<ErrorBody<'a>>,
    members: &'a [MemberRow],
}

#[derive(Debug, Serialize, JsonSchema)]
struct WarningBody<'a> {
    code: String,
    name: &'static str,
    message: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ErrorBody<'a> {
    code: String,
    name: &'static str,
    message: &'a str,
    state: &'a str,
    r#try: String,
    blocking: &'a [Blocker],
}

/// One item of a result that is written while it arrives, before its envelope.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Item<'a, T> {
    schema: &'static str,
    kind: &'static str,
    item: &'a T,
}

/// A failure to write a document; only a bug in a report can cause it.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("a report can not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a report can not be written as YAML: {0}")]
    Yaml(#[from] serde_yaml::Error),
}

pub fn json<R: Report>(finished: &Finished<R>, cli: &str) -> Result<String, WriteError> {
    Ok(serde_json::to_string_pretty(&envelope(finished, cli))? + "\n")
}

pub fn ndjson<R: Report>(finished: &Finished<R>, cli: &str) -> Result<String, WriteError> {
    Ok(serde_json::to_string(&envelope(finished, cli))? + "\n")
}

pub fn yaml<R: Report>(finished: &Finished<R>, cli: &str) -> Result<String, WriteError> {
    Ok(serde_yaml::to_string(&envelope(finished, cli))?)
}

/// Parts of the document.
pub fn parts<R: Report>(finished: &Finished<R>, cli: &str, query: &Query) -> Result<String, WriteError> {
    Ok(query.lines(&serde_json::to_value(envelope(finished, cli))?))
}

pub fn item<T: Serialize>(kind: &'static str, item: &T) -> Result<String, WriteError> {
    Ok(serde_json::to_string(&Item { schema: SCHEMA, kind, item })? + "\n")
}

fn envelope<'a, R: Report>(finished: &'a Finished<R>, cli: &str) -> Envelope<'a, R> {
    let Finished { command, result, facts, exit } = finished;
    let done = result.as_ref().ok();
    let error = finished.error();
    Envelope {
        schema: SCHEMA,
        kind: R::KIND,
        command,
        ok: error.is_none(),
        exit_code: exit.code(),
        changed: finished.changed(),
        op_id: op_id(facts),
        cluster_id: facts.cluster_id.as_deref(),
        data: done.map(|done| &done.report),
        warnings: facts.warnings.iter().map(warning_body).collect(),
        error: error.map(|error| error_body(error, cli)),
        members: &facts.members,
    }
}

fn op_id(facts: &Facts) -> Option<String> {
    facts.op_id.map(|id| id.to_string())
}

fn warning_body(warning: &Warning) -> WarningBody<'_> {
    WarningBody { code: warning.code.to_string(), name: warning.code.entry().name, message: &warning.message }
}

fn error_body<'a>(error: &'a CliError, cli: &str) -> ErrorBody<'a> {
    ErrorBody {
        code: error.code().to_string(),
        name: error.code().entry().name,
        message: error.message(),
        state: error.state_text(),
        r#try: error.hint_text(cli),
        blocking: error.blocking(),
    }
}
