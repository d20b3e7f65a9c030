//! Documents before a judge that knows nothing of this program: JSON Schema by Python's `jsonschema`.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use elastickv_tests::{python, workspace};
use serde_json::{Value, json};

use super::operator::Operator;

/// Says how many documents were judged; none where there is no Python and nobody insists.
pub fn by_python(operator: &Operator) -> Result<usize> {
    let Some(interpreter) = python::environment()? else { return Ok(0) };
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut documents = Vec::new();
    for one in operator.told() {
        let Some(document) = &one.document else { continue };
        let kind = document["kind"].as_str().context("a document without a kind")?.to_owned();
        if !schemas.contains_key(&kind) {
            let printed = operator.run(&format!("schema {kind}"), "", &[])?;
            ensure!(printed.status.success(), "{kind} has no schema");
            schemas.insert(kind.clone(), serde_json::from_slice(&printed.stdout)?);
        }
        documents.push(json!({ "line": one.line, "kind": kind, "document": document }));
    }
    let count = documents.len();
    let script = workspace::root().join("tests/python/contract.py");
    let mut judge =
        Command::new(interpreter).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let input = json!({ "schemas": schemas, "documents": documents });
    judge.stdin.take().context("a pipe")?.write_all(input.to_string().as_bytes())?;
    let said = judge.wait_with_output()?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    Ok(count)
}
