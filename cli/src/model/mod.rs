//! Reports: what a command found out or did. They serialise for machines, which makes their fields a
//! contract, and lay themselves out for people.

mod amounts;
mod backup;
mod bulk;
mod change;
mod contexts;
mod credential;
mod demo;
mod digest;
pub mod doctor;
pub mod encryption;
mod history;
mod kms;
mod kv;
mod leak;
mod log_level;
mod members;
mod node;
mod node_ids;
mod rows;
mod schemas;
mod silence;
mod snapshot;
mod status;
mod support;
mod tools;
mod txn;
mod wait;
mod warnings;

pub use amounts::{Decimal, Millis, bytes_text, duration_text, utc};
pub use backup::{BackupKeysReport, BackupProof, BackupReport, NeededKey, RestoreReport};
pub use bulk::{DeleteRangeReport, ExportReport, ImportReport};
pub use change::{LeaderTransfer, MembershipChange, Step};
pub use contexts::{
    ContextChangeReport, ContextReport, ContextRow, ContextStep, ContextTestReport, ContextsReport,
    SettingView,
};
pub use credential::{Credential, CredentialReport};
pub use demo::{DemoReport, StageView, WritesView};
pub use digest::{DigestReport, DigestRow};
pub use history::{HistoryReport, VersionRow};
pub use kms::{
    KekCheckReport, KekMadeReport, KekScheme, KekSchemesReport, kek_label, perhaps_kek_label, precise_ms,
};
pub use kv::{Bytes, DeleteReport, GetReport, Pair, PutReport, ScanReport};
pub use leak::{LeakFinding, LeakReport};
pub use log_level::{LogLevelReport, LogLevelRow, LogView};
pub use members::{MemberEntry, MembersReport};
pub use node::{DrainReport, UndrainReport};
pub use node_ids::{NodeIdRow, NodeIdsReport};
pub use rows::MemberRow;
pub use schemas::{SchemaReport, SchemaRow, SchemasReport};
pub use snapshot::{SnapshotReport, SnapshotRow};
pub use status::{BuildView, DiskView, GroupView, MemberView, ReasonView, StatusReport};
pub use support::{BundledFile, LeftOut, SupportReport};
pub use tools::{CompletionsReport, ExplainReport, PagesReport, VersionReport};
pub use txn::{TxnReport, TxnRow, TxnVerb};
pub use wait::WaitReport;
pub use warnings::{silent_members, warnings as status_warnings};

use elastickv_types::RequestId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::Format;
use crate::error::{CliError, Exit, Warning};
use crate::output::{Table, human};

/// What a command found out. Serialises for machines, lays itself out for people.
pub trait Report: Serialize + JsonSchema {
    /// The name of this shape in the envelope.
    const KIND: &'static str;

    fn table(&self) -> Table;

    /// The essentials for a script, in lines.
    fn short(&self) -> String {
        human::render_short(&self.table())
    }

    /// Bytes that are the result themselves and are written as they are, where a table would be in the way.
    fn verbatim(&self, _format: Format) -> Option<Vec<u8>> {
        None
    }
}

/// A command that came to its end.
#[derive(Debug)]
pub struct Done<R> {
    pub report: R,
    /// Whether anything in the cluster is different now.
    pub changed: bool,
    /// There is a report, and yet the command did not succeed: some members failed, a check found a fault.
    pub problem: Option<CliError>,
}

impl<R> Done<R> {
    /// Something was looked at.
    pub fn read(report: R) -> Self {
        Self { report, changed: false, problem: None }
    }

    pub fn changed(report: R, changed: bool) -> Self {
        Self { report, changed, problem: None }
    }

    pub fn with_problem(mut self, problem: Option<CliError>) -> Self {
        self.problem = problem;
        self
    }
}

/// What a command learnt by the way, whether it succeeded or not.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    pub op_id: Option<RequestId>,
    pub cluster_id: Option<String>,
    pub members: Vec<MemberRow>,
    pub warnings: Vec<Warning>,
}

/// A result, ready to be shown.
#[derive(Debug)]
pub struct Finished<R> {
    pub command: String,
    pub result: Result<Done<R>, CliError>,
    pub facts: Facts,
    pub exit: Exit,
}

/// What the caller wants a success to be told apart by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strictness {
    pub fail_on_warnings: bool,
    pub detailed_exit_code: bool,
}

impl<R> Finished<R> {
    pub fn new(
        command: impl Into<String>,
        result: Result<Done<R>, CliError>,
        facts: Facts,
        strictness: Strictness,
    ) -> Self {
        let exit = exit_of(&result, &facts, strictness);
        Self { command: command.into(), result, facts, exit }
    }

    pub fn error(&self) -> Option<&CliError> {
        match &self.result {
            Ok(done) => done.problem.as_ref(),
            Err(error) => Some(error),
        }
    }

    /// None when nobody can know.
    pub fn changed(&self) -> Option<bool> {
        match &self.result {
            Ok(done) => Some(done.changed),
            // A command of several steps has done some of them.
            Err(error) => (!matches!(error.exit(), Exit::OutcomeUnknown | Exit::Partial)).then_some(false),
        }
    }
}

fn exit_of<R>(result: &Result<Done<R>, CliError>, facts: &Facts, strictness: Strictness) -> Exit {
    match result {
        Err(error) => error.exit(),
        Ok(Done { problem: Some(problem), .. }) => problem.exit(),
        Ok(_) if strictness.fail_on_warnings && !facts.warnings.is_empty() => Exit::Warnings,
        Ok(done) if strictness.detailed_exit_code && !done.changed => Exit::NothingToDo,
        Ok(_) => Exit::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn exit(result: Result<Done<()>, CliError>, warnings: usize, strictness: Strictness) -> Exit {
        let warnings = vec![Warning::new(Code::MixedBuilds, "two"); warnings];
        exit_of(&result, &Facts { warnings, ..Facts::default() }, strictness)
    }

    #[test]
    fn the_exit_status_tells_problems_before_warnings_before_nothing_done() {
        let strict = Strictness { fail_on_warnings: true, detailed_exit_code: true };
        let lax = Strictness::default();
        let problem = || Done::read(()).with_problem(Some(CliError::new(Code::Partial, "one is silent")));
        assert_eq!(exit(Ok(problem()), 1, strict), Exit::Partial);
        assert_eq!(exit(Ok(Done::read(())), 1, strict), Exit::Warnings);
        assert_eq!(exit(Ok(Done::read(())), 1, lax), Exit::Done);
        assert_eq!(exit(Ok(Done::changed((), false)), 0, strict), Exit::NothingToDo);
        assert_eq!(exit(Ok(Done::changed((), true)), 0, strict), Exit::Done);
        assert_eq!(exit(Err(CliError::new(Code::NoLeader, "none")), 0, lax), Exit::NotConnected);
    }
}
