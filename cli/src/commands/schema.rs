//! `schema`

use crate::args::SchemaArgs;
use crate::contexts::did_you_mean;
use crate::error::{CliError, Code};
use crate::model::{Done, SchemaReport, SchemaRow, SchemasReport};
use crate::schema::{KINDS, Kind};

pub fn one(name: &str) -> Result<Done<SchemaReport>, CliError> {
    let kind = Kind::find(name).ok_or_else(|| {
        let near = did_you_mean(name, KINDS.iter().map(|kind| kind.name));
        CliError::new(Code::UnknownKind, format!("there is no kind {name:?}{near}"))
    })?;
    Ok(Done::read(SchemaReport { of: kind.name.to_owned(), document: kind.schema() }))
}

pub fn all() -> Done<SchemasReport> {
    let row = |kind: &Kind| SchemaRow { kind: kind.name, form: kind.form.word() };
    Done::read(SchemasReport { kinds: KINDS.iter().map(row).collect() })
}

/// The kind that is asked for; none where all are to be listed.
pub fn asked(args: &SchemaArgs) -> Option<&str> {
    args.kind.as_deref().filter(|_| !args.list)
}
