//! What operators and scripts see of encryption, compared with files in tests/golden.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test reads its own files"
)]

mod encryption_samples;
mod golden_files;
mod looking;
mod samples;

use elastickv_admin::client::Survey;
use elastickv_admin::error::Code;
use elastickv_admin::model::encryption::{
    BackupNeed, CheckReport, DisableReport, EncryptionStatusReport, HistoryReport, JudgementView, KeyReport,
    KeyView, KeysReport, MemberReply, OperationReport, OperationView, RegisteredReport, RegisteredRow,
    SimulationReport,
};
use elastickv_admin::model::{Decimal, Done, Facts, Finished, Strictness};
use elastickv_admin::output::layout::Breadth;
use elastickv_admin::output::{Theme, failure, human};
use elastickv_proto::v1;
use elastickv_types::KekLabel;
use encryption_samples::{self as said, OLD_KEY, RAFT_KEY, STORAGE_KEY};
use golden_files::{CLI, check, compare, finished};

const AGAIN: &str =
    "{cli} encryption rotate-dek --purpose storage --op-id 01937a5e-0000-7000-8000-000000000001";

fn status(survey: &Survey, replies: &MemberReply) -> Finished<EncryptionStatusReport> {
    let report = EncryptionStatusReport::of(survey, replies, samples::NOW);
    let problem = report.problem();
    let facts = Facts { warnings: report.warnings(), ..Facts::default() };
    finished("encryption status", Done::read(report).with_problem(problem), facts)
}

fn warned<R>(finished: &Finished<R>) -> Vec<Code> {
    finished.facts.warnings.iter().map(|warning| warning.code).collect()
}

#[test]
fn status_of_a_cluster_that_is_well() {
    let finished = status(&samples::healthy(), &said::sealed());
    assert_eq!((finished.exit.code(), warned(&finished)), (0, Vec::new()));
    check("encryption-status", &finished);
}

#[test]
fn status_before_there_are_keys() {
    let survey = samples::healthy();
    let finished = status(&survey, &said::clear(&survey));
    assert_eq!((finished.exit.code(), warned(&finished)), (0, Vec::new()));
    check("encryption-status-clear", &finished);
}

/// What the last one left says counts as long as nobody leads.
#[test]
fn status_without_a_leader() {
    let mut replies = said::sealed();
    replies.retain(|name, _| name == "n1");
    let finished = status(&samples::without_quorum(), &replies);
    assert_eq!(finished.exit.code(), 7);
    let report = &finished.result.as_ref().unwrap().report;
    assert_eq!((report.leader.as_deref(), report.told_by.as_deref()), (None, Some("n1")));
    assert_eq!(report.stage.as_deref(), Some("storage-sealed"));
}

/// Each thing that can be wrong is told, by its code, and nothing else is.
#[test]
fn status_of_a_cluster_in_trouble() {
    let finished = status(&samples::troubled(), &said::troubled());
    assert_eq!(finished.exit.code(), 7);
    let mut codes = warned(&finished);
    codes.sort_by_key(|code| code.entry().number);
    let wanted = [
        Code::MemberSilent,
        Code::NotCapable,
        Code::NotCapable,
        Code::EpochNearlyExhausted,
        Code::KeyNotOpen,
        Code::KeyNotOpen,
        Code::NonceBudgetLow,
        Code::KeyOld,
        Code::SidecarBehind,
        Code::SidecarMissing,
        Code::KeksDiffer,
    ];
    assert_eq!(codes, wanted);
    check("encryption-status-troubled", &finished);
    let lines = finished.facts.warnings.iter().map(|warning| failure::warning_line(warning, &Theme::PLAIN));
    compare("encryption-warnings-troubled.txt", &lines.collect::<String>()).unwrap();
}

/// The fingerprint counts at an equal index only.
#[test]
fn members_that_differ_at_one_index_are_a_fault() {
    let mut replies = said::sealed();
    let facts = replies.get_mut("n3").unwrap().as_mut().ok().unwrap().facts.as_mut().unwrap();
    facts.fingerprint = vec![0xcd; 32].into();
    let finished = status(&samples::healthy(), &replies);
    assert_eq!(
        finished.error().map(|error| (error.code(), error.exit().code())),
        Some((Code::StateDiffers, 9))
    );
    let facts = replies.get_mut("n3").unwrap().as_mut().ok().unwrap().facts.as_mut().unwrap();
    facts.control_index = Some(184_101);
    assert_eq!(status(&samples::healthy(), &replies).exit.code(), 0);
}

fn checked(fits: bool) -> Finished<CheckReport> {
    let judgement = JudgementView::from(&said::judgement(fits));
    let problem = judgement.refusal();
    let facts = Facts { warnings: judgement.warnings(), ..Facts::default() };
    let report = CheckReport { cluster_name: "prod-tokyo".to_owned(), judgement };
    finished("encryption check", Done::read(report).with_problem(problem), facts)
}

#[test]
fn a_gate_that_refuses_names_all_that_blocks() {
    let finished = checked(false);
    assert_eq!(finished.exit.code(), 3);
    check("encryption-check-refused", &finished);
    let text = failure::four_lines(finished.error().unwrap(), CLI, "elastickv-admin", &Theme::PLAIN);
    compare("encryption-check-refused.error.txt", &text).unwrap();
}

#[test]
fn a_gate_that_lets_through_with_a_remark() {
    let finished = checked(true);
    assert_eq!(finished.exit.code(), 0);
    check("encryption-check-passed", &finished);
    let strict = Strictness { fail_on_warnings: true, ..Strictness::default() };
    let again = Finished::new("encryption check", finished.result, finished.facts, strict);
    assert_eq!(again.exit.code(), 4);
}

fn need(directory: &str, rows: u64, wrapped: bool) -> BackupNeed {
    let kek = || KekLabel { provider: "file".into(), key: "kek.bin".into(), version: "1".into() };
    BackupNeed {
        directory: directory.to_owned(),
        taken_at: "2026-11-21T10:15:00Z".to_owned(),
        rows: Decimal(rows),
        wrapped_by: wrapped.then(kek),
    }
}

#[test]
fn a_key_that_is_to_go_shows_what_needs_it() {
    let judgement = JudgementView::from(&said::key_in_the_way());
    let problem = judgement.refusal();
    let backups = vec![
        need("/backup/2026-08-01", 41_203_118, true),
        need("/backup/2026-09-01", 12, false),
        need("/backup/2026-11-21", 0, false),
    ];
    let report = SimulationReport::new("prod-tokyo".to_owned(), OLD_KEY, judgement, backups);
    let facts = Facts { warnings: report.warnings(), ..Facts::default() };
    let finished = finished("encryption retire-dek", Done::read(report).with_problem(problem), facts);
    assert_eq!((finished.exit.code(), warned(&finished)), (3, vec![Code::BackupNeedsKey; 2]));
    check("encryption-retire-simulated", &finished);
}

fn operation(command: &str, told: &v1::Operation) -> Finished<OperationReport> {
    let operation = OperationView::from(told);
    let problem = operation.problem(AGAIN);
    let changed = operation.changed == Some(true);
    let report = OperationReport { cluster_name: "prod-tokyo".to_owned(), operation, next: None };
    finished(command, Done::changed(report, changed).with_problem(problem), Facts::default())
}

#[test]
fn a_rotation_that_is_done() {
    let finished = operation("encryption rotate-dek", &said::rotation(v1::OperationState::Done));
    assert_eq!((finished.exit.code(), finished.changed()), (0, Some(true)));
    check("encryption-rotate-done", &finished);
}

#[test]
fn a_rotation_that_goes_on_says_how_to_come_back() {
    let finished = operation("encryption rotate-dek", &said::rotation(v1::OperationState::Running));
    assert_eq!(finished.exit.code(), 8);
    check("encryption-rotate-running", &finished);
    let text = failure::four_lines(finished.error().unwrap(), CLI, "elastickv-admin", &Theme::PLAIN);
    compare("encryption-rotate-running.error.txt", &text).unwrap();
}

#[test]
fn a_rotation_that_was_overtaken_is_a_conflict() {
    let finished = operation("encryption rotate-dek", &said::rotation(v1::OperationState::Refused));
    assert_eq!(finished.exit.code(), 11);
    check("encryption-rotate-refused", &finished);
}

#[test]
fn a_cutover_that_a_member_has_yet_to_apply() {
    let finished = operation("encryption enable-storage-envelope", &said::cutover_in_part());
    assert_eq!((finished.exit.code(), finished.changed()), (8, Some(true)));
    check("encryption-cutover-waiting", &finished);
}

#[test]
fn a_cutover_that_its_gate_refused_shows_the_gate() {
    let judgement = JudgementView::from(&said::judgement(false));
    let kind = "enable-storage-envelope".to_owned();
    let operation = OperationView::stopped_by(judgement, &said::OPERATION, kind);
    let problem = operation.problem(AGAIN);
    let report = OperationReport { cluster_name: "prod-tokyo".to_owned(), operation, next: None };
    let finished = finished(
        "encryption enable-storage-envelope",
        Done::read(report).with_problem(problem),
        Facts::default(),
    );
    assert_eq!((finished.exit.code(), finished.error().unwrap().blocking().len()), (3, 2));
    check("encryption-cutover-refused", &finished);
}

#[test]
fn data_keys() {
    use v1::{KeyState, Purpose};
    let raft = v1::EncryptionKey {
        closed_index: Some(190_000),
        last_sealed: vec![v1::LastSealed { group_id: 1, index: 184_299 }],
        floors: vec![1],
        ..said::key(RAFT_KEY, Purpose::Raft, KeyState::Closed, 30)
    };
    let gone = v1::EncryptionKey {
        kek: None,
        closed_index: Some(180_000),
        retired_index: Some(181_000),
        writers: Vec::new(),
        ..said::key(OLD_KEY, Purpose::Storage, KeyState::Retired, 92)
    };
    let keys = [gone, said::key(STORAGE_KEY, Purpose::Storage, KeyState::Active, 3), raft];
    let list = KeysReport {
        cluster_name: "prod-tokyo".to_owned(),
        applied_index: Decimal(184_302),
        keys: keys.iter().map(KeyView::from).collect(),
    };
    check("encryption-keys-list", &finished("encryption keys list", Done::read(list), Facts::default()));
    let show = KeyReport {
        cluster_name: "prod-tokyo".to_owned(),
        applied_index: Decimal(184_302),
        key: KeyView::from(&keys[2]),
    };
    check("encryption-keys-show", &finished("encryption keys show", Done::read(show), Facts::default()));
}

#[test]
fn a_history() {
    let operations = [
        said::rotation(v1::OperationState::Running),
        said::rotation(v1::OperationState::Refused),
        said::cutover_in_part(),
        said::rotation(v1::OperationState::Done),
    ];
    let report = HistoryReport {
        cluster_name: "prod-tokyo".to_owned(),
        operations: operations.iter().map(OperationView::from).collect(),
        more: true,
    };
    check("encryption-history", &finished("encryption history", Done::read(report), Facts::default()));
}

#[test]
fn registered_writers() {
    let row = |key_id: u32, changed| RegisteredRow {
        key_id,
        key_hex: format!("{key_id:#010x}"),
        node: Some("n3".to_owned()),
        full_id_hex: "0x08b37d07b558d826".to_owned(),
        local_epoch: 8,
        changed,
    };
    let report = RegisteredReport {
        cluster_name: "prod-tokyo".to_owned(),
        applied_index: Some(Decimal(184_306)),
        rows: vec![row(STORAGE_KEY, true), row(RAFT_KEY, false)],
    };
    check(
        "encryption-register-writer",
        &finished("encryption register-writer", Done::changed(report, true), Facts::default()),
    );
}

#[test]
fn the_way_out() {
    let report = DisableReport::default();
    let problem = report.problem();
    let finished =
        finished("encryption disable", Done::read(report).with_problem(Some(problem)), Facts::default());
    assert_eq!(finished.exit.code(), 3);
    check("encryption-disable", &finished);
}

#[test]
fn ascii_means_ascii() {
    let ascii = Theme { ascii: true, ..Theme::PLAIN };
    let report = EncryptionStatusReport::of(&samples::troubled(), &said::troubled(), samples::NOW);
    let table = elastickv_admin::model::Report::table(&report);
    assert!(human::render(&table, &ascii, Breadth::Everything).text.is_ascii());
}
