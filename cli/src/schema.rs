//! What documents for programs look like: JSON Schema of every kind, from the types that are written.
//!
//! There is no second description: the schema of a kind is made of its report's type and the envelope around it, and
//! comments of fields become descriptions. Within a version fields are only added, so readers pass over what they do
//! not know, and the schemas allow it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::model::{self, Pair, Report, encryption};
use crate::output::envelope::{Envelope, Item, SCHEMA};
use crate::usage::Nothing;

/// A kind of document.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    pub form: Form,
    document: fn() -> Schema,
}

/// How a document of the kind comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The result of a command, in its envelope.
    Result,
    /// One of many lines before the envelope, with `-o ndjson`.
    Line,
}

impl Form {
    pub fn word(self) -> &'static str {
        match self {
            Form::Result => "a result",
            Form::Line => "a line of -o ndjson",
        }
    }
}

macro_rules! kinds {
    ($($report:ty,)+) => {
        /// Every kind there is, by name.
        pub const KINDS: &[Kind] = &[$(
            Kind {
                name: <$report>::KIND,
                form: Form::Result,
                document: root::<Envelope<'static, $report>>,
            },
        )+ Kind { name: Pair::KIND, form: Form::Line, document: root::<Item<'static, Pair>> }];
    };
}

kinds! {
    Nothing,
    model::BackupReport,
    model::BackupKeysReport,
    model::DigestReport,
    model::LogLevelReport,
    model::MembersReport,
    model::SnapshotReport,
    model::StatusReport,
    model::WaitReport,
    model::CompletionsReport,
    model::ContextReport,
    model::ContextChangeReport,
    model::ContextTestReport,
    model::ContextsReport,
    model::CredentialReport,
    model::doctor::DoctorReport,
    model::DemoReport,
    encryption::CheckReport,
    encryption::DisableReport,
    encryption::EvidenceReport,
    encryption::ForecastReport,
    encryption::HistoryReport,
    encryption::KeyReport,
    encryption::KeysReport,
    encryption::OperationReport,
    encryption::EncryptionStatusReport,
    encryption::RegisteredReport,
    model::ExplainReport,
    model::KekCheckReport,
    model::KekMadeReport,
    model::KekSchemesReport,
    model::DeleteReport,
    model::DeleteRangeReport,
    model::ExportReport,
    model::GetReport,
    model::HistoryReport,
    model::ImportReport,
    model::PutReport,
    model::ScanReport,
    model::TxnReport,
    model::LeaderTransfer,
    model::LeakReport,
    model::MembershipChange,
    model::DrainReport,
    model::NodeIdsReport,
    model::UndrainReport,
    model::PagesReport,
    model::RestoreReport,
    encryption::SimulationReport,
    encryption::JobReport,
    model::SchemaReport,
    model::SchemasReport,
    encryption::ResyncReport,
    model::SupportReport,
    model::VersionReport,
}

fn root<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

impl Kind {
    pub fn find(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The schema of a whole document of this kind.
    pub fn schema(&self) -> Value {
        let mut schema = (self.document)();
        let whole = schema.ensure_object();
        whole.insert("$id".to_owned(), format!("urn:{SCHEMA}:{}", self.name).into());
        whole.insert("title".to_owned(), self.name.into());
        let properties = whole.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties {
            properties.insert("schema".to_owned(), json!({ "const": SCHEMA }));
            properties.insert("kind".to_owned(), json!({ "const": self.name }));
        }
        schema.to_value()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_are_named_once() {
        let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn a_schema_names_the_fields_that_are_always_there() {
        let schema = Kind::find("ClusterStatus").unwrap().schema();
        let required: Vec<&str> =
            schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for field in ["schema", "kind", "ok", "exit_code", "data", "warnings", "error", "members"] {
            assert!(required.contains(&field), "{field}: {schema:#}");
        }
        assert_eq!(schema["properties"]["kind"]["const"], "ClusterStatus");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}
