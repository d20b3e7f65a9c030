//! What doctor, forecast, report, levels and bundles look like, compared with files in tests/golden.

use crate::encryption_samples::{self as said, OLD_KEY, RAFT_KEY, STORAGE_KEY};
use crate::golden_files::{CLI, check, compare, finished};
use crate::samples;
use elastickv_admin::client::Survey;
use elastickv_admin::model::doctor::{DoctorReport, Examination, of_encryption, of_gate, of_survey};
use elastickv_admin::model::encryption::{
    EncryptionStatusReport, EvidenceReport, ForecastReport, Gathered, GivenRates, JudgementView,
    LeakEvidence, MemberReply, OperationView,
};
use elastickv_admin::model::{
    BundledFile, Decimal, Done, Facts, LeftOut, LogLevelReport, LogLevelRow, LogView, SupportReport,
};
use elastickv_proto::v1;

fn encryption(survey: &Survey, replies: &MemberReply) -> EncryptionStatusReport {
    EncryptionStatusReport::of(survey, replies, samples::NOW)
}

fn doctor(survey: &Survey, replies: &MemberReply, gate: &v1::Judgement) -> DoctorReport {
    let mut examination = Examination::default();
    examination.examined("members, leader, disks", of_survey(survey, samples::NOW));
    examination.examined("keys, sidecars, stage", of_encryption(&encryption(survey, replies)));
    examination.examined("wrapping keys", of_gate(&JudgementView::from(gate)));
    examination.not_named("backups", "the cluster knows of none; name them with --backup DIR");
    examination.report("prod-tokyo", samples::NOW, CLI)
}

#[test]
fn a_doctor_with_nothing_to_say() {
    let report = doctor(&samples::healthy(), &said::sealed(), &v1::Judgement::default());
    assert!(report.problem().is_none());
    check("doctor-well", &finished("doctor", Done::read(report), Facts::default()));
}

#[test]
fn a_doctor_with_much_to_say() {
    let report = doctor(&samples::troubled(), &said::troubled(), &said::judgement(false));
    let problem = report.problem();
    let finished = finished("doctor", Done::read(report).with_problem(problem), Facts::default());
    assert_eq!(finished.exit.code(), 9);
    check("doctor-troubled", &finished);
}

#[test]
fn budgets_by_date() {
    let survey = samples::healthy();
    let status = encryption(&survey, &said::sealed());
    let measured = ForecastReport::of(&survey, &status, GivenRates::default());
    check("encryption-forecast", &finished("encryption forecast", Done::read(measured), Facts::default()));
    let given = GivenRates { seals_per_second: Some(20_000.0), starts_per_day: Some(0.5) };
    let told = ForecastReport::of(&survey, &status, given);
    check("encryption-forecast-given", &finished("encryption forecast", Done::read(told), Facts::default()));
}

#[test]
fn evidence() {
    let survey = samples::healthy();
    let status = encryption(&survey, &said::sealed());
    let keys = [
        said::key(OLD_KEY, v1::Purpose::Storage, v1::KeyState::Retiring, 95),
        said::key(STORAGE_KEY, v1::Purpose::Storage, v1::KeyState::Active, 3),
        said::key(RAFT_KEY, v1::Purpose::Raft, v1::KeyState::Active, 95),
    ];
    let done = OperationView::from(&said::rotation(v1::OperationState::Done));
    let scan =
        br#"{"kind":"LeakScan","data":{"directory":"/var/lib/elastickv","files":"41","bytes":"3221225472",
        "canaries":"1000","canaries_found":"0"}}"#;
    let report = EvidenceReport::of(Gathered {
        survey: &survey,
        status: &status,
        keys: &keys,
        operations: vec![done],
        operations_cut: false,
        leak_scans: vec![LeakEvidence::parse("n1.json", scan).unwrap()],
    });
    assert!(report.leak().is_none());
    compare("encryption-report.md", &report.markdown()).unwrap();
    check("encryption-report", &finished("encryption report", Done::read(report), Facts::default()));
}

#[test]
fn levels_of_logs() {
    let view = |level: &str, until: Option<&str>| LogView {
        level: level.to_owned(),
        configured: "info".to_owned(),
        until: until.map(str::to_owned),
    };
    let row = |name: &str, log: Option<LogView>, before: Option<&str>| LogLevelRow {
        name: name.to_owned(),
        error: log.is_none().then(|| "no answer (2.0s)".to_owned()),
        log,
        before: before.map(str::to_owned),
        ..LogLevelRow::default()
    };
    let report = LogLevelReport {
        cluster_name: "prod-tokyo".to_owned(),
        members: vec![
            row("n1", Some(view("debug", Some("2026-11-01T08:24:03.007Z"))), Some("info")),
            row("n2", Some(view("info", None)), None),
            row("n3", None, None),
        ],
    };
    let problem = report.problem();
    let done = Done::changed(report, true).with_problem(problem);
    check("log-level", &finished("cluster log-level", done, Facts::default()));
}

#[test]
fn bundles() {
    let file = |name: &str, bytes| BundledFile {
        name: name.to_owned(),
        bytes: Decimal(bytes),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
    };
    let left_out = vec![
        LeftOut { what: "keys and values of users".into(), because: "nothing here asks for them".into() },
        LeftOut { what: "settings and metrics of n3".into(), because: "no answer (2.0s)".into() },
    ];
    let files = vec![file("status.json", 4711), file("nodes/n1/metrics.txt", 20_113)];
    let name = "elastickv-support-prod-tokyo-20261101T081403Z.tar.gz";
    let silent = vec!["n3".to_owned()];
    let report = SupportReport::new(std::path::Path::new(name), 31_232, files, left_out).without(silent);
    check("support-bundle", &finished("support-bundle", Done::read(report), Facts::default()));
}
