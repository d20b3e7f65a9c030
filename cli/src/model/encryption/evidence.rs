//! `encryption report`: evidence of what is encrypted, for somebody who was not there.
//!
//! What members say of themselves, which keys there are and were, who did what and when, and what searches for planted
//! bytes came upon. The layout is fixed: two reports of one state differ in their times alone.

use elastickv_proto::v1;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::{EncryptionMember, EncryptionStatusReport};
use super::{KeyView, OperationView};
use crate::args::Format;
use crate::client::Survey;
use crate::error::{CliError, Code};
use crate::model::{Decimal, Report};
use crate::output::Table;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EvidenceReport {
    pub cluster_name: String,
    pub cluster_id: String,
    pub taken_at: String,
    /// The program that asked.
    pub made_by: String,
    /// Whose word keys, stage and history are.
    pub told_by: Option<String>,
    pub stage: Option<String>,
    pub bootstrap_index: Option<Decimal>,
    pub storage_index: Option<Decimal>,
    pub raft_index: Option<Decimal>,
    pub members: Vec<Attestation>,
    /// Members of one index have one state.
    pub members_agree: bool,
    /// Retired ones as well.
    pub keys: Vec<KeyView>,
    /// Oldest first.
    pub operations: Vec<OperationView>,
    /// Older ones are not in here.
    pub operations_cut: bool,
    pub leak_scans: Vec<LeakEvidence>,
}

/// What one member says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Attestation {
    pub name: String,
    pub role: &'static str,
    pub store_id: String,
    pub attested: bool,
    /// Why it did not.
    pub error: Option<String>,
    pub build: Option<String>,
    pub kek: Option<String>,
    pub stage: Option<String>,
    pub sidecar: Option<&'static str>,
    pub control_index: Option<Decimal>,
    pub fingerprint: Option<String>,
    /// Keys that it seals new data under.
    pub seals_under: Vec<u32>,
}

/// What `scan leak -o json` wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LeakEvidence {
    pub file: String,
    #[serde(flatten)]
    pub found: LeakFound,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LeakFound {
    pub directory: String,
    pub files: String,
    pub bytes: String,
    pub canaries: String,
    pub canaries_found: String,
}

#[derive(Deserialize)]
struct LeakDocument {
    kind: String,
    data: LeakFound,
}

impl LeakEvidence {
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, CliError> {
        let bad = |why: &str| CliError::new(Code::BadInput, format!("{file}: {why}"));
        let document: LeakDocument = serde_json::from_slice(text)
            .map_err(|error| bad(&format!("it is not what `scan leak -o json` writes: {error}")))?;
        match document.kind.as_str() {
            // Who looks for nothing finds nothing.
            "LeakScan" if !document.data.canaries.parse::<u64>().is_ok_and(|canaries| canaries > 0) => {
                Err(bad("it is of a search that looked for no canary"))
            }
            "LeakScan" => Ok(Self { file: file.to_owned(), found: document.data }),
            other => Err(bad(&format!("it is a document of kind {other}, not LeakScan"))),
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.canaries_found == "0"
    }
}

/// All that a report is made of.
#[expect(missing_debug_implementations, reason = "messages have none, so that nothing of theirs is printed")]
pub struct Gathered<'a> {
    pub survey: &'a Survey,
    pub status: &'a EncryptionStatusReport,
    pub keys: &'a [v1::EncryptionKey],
    /// Youngest first.
    pub operations: Vec<OperationView>,
    pub operations_cut: bool,
    pub leak_scans: Vec<LeakEvidence>,
}

impl EvidenceReport {
    pub fn of(gathered: Gathered<'_>) -> Self {
        let Gathered { survey, status, keys, mut operations, operations_cut, leak_scans } = gathered;
        operations.reverse();
        let mut keys: Vec<KeyView> = keys.iter().map(KeyView::from).collect();
        keys.sort_by_key(|key| (key.created_index, key.key_id));
        Self {
            cluster_name: status.cluster_name.clone(),
            cluster_id: survey.cluster_id.clone(),
            taken_at: status.taken_at.clone(),
            made_by: format!("elastickv-admin {}", env!("CARGO_PKG_VERSION")),
            told_by: status.told_by.clone(),
            stage: status.stage.clone(),
            bootstrap_index: status.bootstrap_index,
            storage_index: status.storage_index,
            raft_index: status.raft_index,
            members: status.members.iter().map(|member| attestation(survey, member)).collect(),
            members_agree: status.contradiction().is_none(),
            keys,
            operations,
            operations_cut,
            leak_scans,
        }
    }

    /// A search found planted bytes.
    pub fn leak(&self) -> Option<CliError> {
        let leaking = self.leak_scans.iter().find(|scan| !scan.is_clean())?;
        let LeakFound { canaries, canaries_found, directory, .. } = &leaking.found;
        let text = format!("{canaries_found} of {canaries} canaries are in {directory}");
        Some(CliError::new(Code::LeakFound, text))
    }
}

fn attestation(survey: &Survey, member: &EncryptionMember) -> Attestation {
    let entry = survey.member(&member.name).map(|seen| &seen.entry);
    let seals = member.keys.iter().filter(|key| key.seal_key).map(|key| key.key_id);
    Attestation {
        name: member.name.clone(),
        role: member.role,
        store_id: entry.map(|entry| entry.store_id.clone()).unwrap_or_default(),
        attested: member.answered,
        error: member.error.clone(),
        build: member.build.as_ref().map(|build| format!("{} ({})", build.version, build.sha)),
        kek: member.kek.as_ref().map(ToString::to_string),
        stage: member.stage.clone(),
        sidecar: member.sidecar,
        control_index: member.control_index,
        fingerprint: member.fingerprint.clone(),
        seals_under: seals.collect(),
    }
}

impl Report for EvidenceReport {
    const KIND: &'static str = "EncryptionEvidence";

    fn table(&self) -> Table {
        Table::new().line(self.short().trim_end())
    }

    fn short(&self) -> String {
        let attested = self.members.iter().filter(|member| member.attested).count();
        let stage = self.stage.as_deref().unwrap_or("unknown");
        let (name, members) = (&self.cluster_name, self.members.len());
        format!("{name} stage={stage} attested={attested}/{members} keys={}\n", self.keys.len())
    }

    /// It is a document, however wide the terminal is.
    fn verbatim(&self, format: Format) -> Option<Vec<u8>> {
        matches!(format, Format::Table | Format::Wide).then(|| self.markdown().into_bytes())
    }
}
