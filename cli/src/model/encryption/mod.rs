//! What the commands about encryption find out and do.

mod disable;
mod evidence;
mod evidence_markdown;
mod forecast;
mod history;
mod job;
mod judgement;
mod keys;
mod operation;
mod resync;
mod simulation;
mod status;
mod status_table;
mod status_warnings;
mod verification;
mod words;
mod writers;

pub use disable::DisableReport;
pub use evidence::{EvidenceReport, Gathered, LeakEvidence};
pub use forecast::{ForecastReport, GivenRates};
pub use history::HistoryReport;
pub use job::{JobMemberView, JobReport, JobView};
pub use judgement::{CheckReport, FindingView, JudgementView};
pub use keys::{KeyReport, KeyView, KeysReport, full_id_text};
pub use operation::{OperationReport, OperationView, WaitingView};
pub use resync::{ResyncKey, ResyncReport};
pub use simulation::{BackupNeed, SimulationReport, Unreadable};
pub use status::{EncryptionStatusReport, MemberReply};
pub use verification::{Counts, Verification};
pub use words::{key_hex, kind_word, operation_text, purpose_word, stage_text};
pub use writers::{RegisteredReport, RegisteredRow};
