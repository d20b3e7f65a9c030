//! What operators and scripts see, compared with files in tests/golden.
//!
//! `UPDATE_GOLDEN=1 cargo test -p elastickv-admin --test layouts` writes the files anew; the change then
//! shows in the diff, where a field that vanished or was renamed is a broken contract.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test reads its own files"
)]

mod golden_files;
mod samples;

use elastickv_admin::args::Format;
use elastickv_admin::error::{Blocker, CliError, Code, Warning};
use elastickv_admin::model::encryption::{ResyncKey, ResyncReport};
use elastickv_admin::model::{
    BackupKeysReport, BackupProof, BackupReport, Bytes, Credential, CredentialReport, Decimal,
    DeleteRangeReport, DemoReport, DigestReport, DigestRow, Done, DrainReport, ExplainReport, ExportReport,
    Facts, Finished, GetReport, HistoryReport, ImportReport, KekCheckReport, KekMadeReport, KekSchemesReport,
    LeaderTransfer, LeakFinding, LeakReport, MemberRow, MembersReport, MembershipChange, Millis, NeededKey,
    NodeIdsReport, Pair, PutReport, Report, RestoreReport, ScanReport, SnapshotReport, SnapshotRow,
    StageView, StatusReport, Step, Strictness, TxnReport, TxnRow, TxnVerb, VersionRow, WaitReport,
    WritesView, status_warnings, utc,
};
use elastickv_admin::notation::Notation;
use elastickv_admin::output::layout::Breadth;
use elastickv_admin::output::{Theme, envelope, failure, human};
use elastickv_types::KekLabel;

use golden_files::{CLI, check, compare, finished};

fn members(reachable: bool) -> Vec<MemberRow> {
    let row = |id: &str, role, reachable: bool| MemberRow {
        id: id.to_owned(),
        address: format!("10.0.0.1{}:50051", id.trim_start_matches('n')),
        role,
        reachable: Some(reachable),
        age_ms: reachable.then_some(Millis(2)),
        last_error: (!reachable).then(|| "no answer (2.0s)".to_owned()),
    };
    vec![row("n1", "leader", true), row("n2", "voter", true), row("n3", "voter", reachable)]
}

fn facts(reachable: bool) -> Facts {
    let cluster_id = Some("c7e1f0aa-3c52-4f1e-9d0b-6a1f2e3d4c5b".to_owned());
    Facts { cluster_id, members: members(reachable), ..Facts::default() }
}

fn change_facts() -> Facts {
    Facts { op_id: Some("01937a5e-0000-7000-8000-000000000001".parse().unwrap()), ..facts(true) }
}

fn status(survey: &elastickv_admin::client::Survey) -> Finished<StatusReport> {
    let report = StatusReport::of(survey, samples::NOW);
    let problem = report.problem();
    let warnings = status_warnings(survey);
    finished("cluster status", Done::read(report).with_problem(problem), Facts { warnings, ..facts(true) })
}

#[test]
fn credentials() {
    let made = |kind, name: &str, files: &[&str], access_entry: Option<&str>| CredentialReport {
        kind,
        name: name.to_owned(),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        valid_until: (kind != Credential::Token).then(|| "2027-11-21T20:00:00.000Z".to_owned()),
        access_list: access_entry.map(|_| "certificates"),
        access_entry: access_entry.map(str::to_owned),
    };
    let authority = made(Credential::Authority, "elastickv", &["certs/ca.key", "certs/ca.crt"], None);
    check("certs-ca", &finished("certs ca", Done::changed(authority, true), Facts::default()));
    let entry = "- name: alice\n  roles: [read]";
    let client = made(Credential::Client, "alice", &["certs/alice.key", "certs/alice.crt"], Some(entry));
    check("certs-client", &finished("certs client", Done::changed(client, true), Facts::default()));
}

#[test]
fn wrapping_keys() {
    let file = "/etc/elastickv/kek".to_owned();
    let uri = format!("file:{file}");
    let made = KekMadeReport { file, uri: uri.clone(), version: "b9a0478b".to_owned() };
    check("kms-generate", &finished("kms generate", Done::changed(made, true), Facts::default()));
    let kek = KekLabel { provider: "file".into(), key: "kek".into(), version: "b9a0478b".into() };
    let found = |context_bound| KekCheckReport {
        uri: uri.clone(),
        kek: kek.clone(),
        open_ms: 0.146,
        wrap_ms: 0.03,
        unwrap_ms: 0.019,
        context_bound,
    };
    check("kms-check", &finished("kms check", Done::read(found(true)), Facts::default()));
    check("kms-check-unbound", &finished("kms check", Done::read(found(false)), Facts::default()));
    let schemes = Done::read(KekSchemesReport::default());
    check("kms-list-schemes", &finished("kms list-schemes", schemes, Facts::default()));
}

#[test]
fn planted_bytes() {
    let report = |findings: Vec<LeakFinding>, total| LeakReport {
        directory: "/var/lib/elastickv".to_owned(),
        files: Decimal(41),
        bytes: Decimal(3_221_225_472),
        canaries: Decimal(1000),
        canaries_found: Decimal(findings.len() as u64),
        findings_total: Decimal(total),
        findings,
    };
    let file = |name: &str| format!("/var/lib/elastickv/groups/1/{name}");
    let found = vec![
        LeakFinding { file: file("log/000001.log"), offset: Decimal(4096), canary_line: 3, spelling: "raw" },
        LeakFinding { file: file("state/7"), offset: Decimal(17), canary_line: 912, spelling: "base64" },
    ];
    let problem = || Some(CliError::new(Code::LeakFound, "2 of 1000 canaries are in the files"));
    let leaking = Done::read(report(found, 7)).with_problem(problem());
    check("scan-leak-found", &finished("scan leak", leaking, Facts::default()));
    check("scan-leak-clean", &finished("scan leak", Done::read(report(Vec::new(), 0)), Facts::default()));
}

#[test]
fn demonstrations() {
    let stage = |stage, ok, ms, evidence: &str| StageView {
        stage,
        ok,
        took_ms: Millis(ms),
        evidence: evidence.to_owned(),
    };
    let report = |last: StageView, directory: Option<&str>| DemoReport {
        stages: vec![
            stage("found", true, 912, "n1, n2, n3 serve; 40 writes acknowledged already"),
            stage("raft cutover", true, 2_310, "n1 killed in it, n2 leads; sealed from entry 57"),
            last,
        ],
        writes: WritesView {
            acknowledged: Decimal(1834),
            read: Decimal(229),
            refused: Decimal(2),
            unknown: Decimal(1),
            longest_gap_ms: Millis(1_402),
        },
        took_ms: Millis(25_020),
        directory: directory.map(str::to_owned),
    };
    let good = stage("leak scan, sealed", true, 2_101, "NONE in 163 files of 7 directories, 262 MiB");
    check("demo", &finished("demo walk", Done::read(report(good, None)), Facts::default()));
    let bad = stage("read back", false, 52, "live/000017 was acknowledged and is lost");
    let problem = CliError::new(Code::StageFailed, "read back: live/000017 was acknowledged and is lost");
    let failed = Done::read(report(bad, Some("/tmp/elastickv-demo-0b1f"))).with_problem(Some(problem));
    check("demo-failed", &finished("demo walk", failed, Facts::default()));
}

#[test]
fn backups() {
    let report = |proof| BackupReport {
        directory: "/backup/2026-11-21".to_owned(),
        cluster_id: "c7e1f0aa-3c52-4f1e-9d0b-6a1f2e3d4c5b".to_owned(),
        cluster_name: "prod-tokyo".to_owned(),
        node: "n2".to_owned(),
        taken_at: utc(1_793_520_843_007),
        read_ts: "117540181968000000".to_owned(),
        applied_index: Decimal(184_273),
        bytes: Decimal(3_221_225_472),
        rows: Decimal(41_205),
        clear_rows: Decimal(2),
        sealed_rows: Decimal(41_203),
        proof,
    };
    check("backup-create", &finished("backup create", Done::read(report(None)), Facts::default()));
    let proof = BackupProof { keys_unwrapped: 3, values_opened: 2 };
    check("backup-verify", &finished("backup verify", Done::read(report(Some(proof))), Facts::default()));
    let kek = KekLabel { provider: "file".into(), key: "kek".into(), version: "b9a0478b".into() };
    let keys = vec![NeededKey {
        key_id: 0x1234_5678,
        key_hex: "0x12345678".to_owned(),
        purpose: "storage",
        rows: Decimal(41_203),
        kek,
    }];
    let needs = BackupKeysReport {
        directory: "/backup/2026-11-21".to_owned(),
        cluster_name: "prod-tokyo".to_owned(),
        keys,
    };
    check("backup-needs-keys", &finished("backup needs-keys", Done::read(needs), Facts::default()));
    let restored = RestoreReport {
        directory: "/var/lib/elastickv".to_owned(),
        node: "r1".to_owned(),
        address: "10.0.0.21:50051".to_owned(),
        cluster_id: "01937a5e-3c52-4f1e-9d0b-6a1f2e3d4c5b".to_owned(),
        cluster_name: "prod-restored".to_owned(),
        store_id: "0c7f4f3e-7d1c-4b59-8f4e-0f3c9a6f2b11".to_owned(),
        source_cluster_id: "c7e1f0aa-3c52-4f1e-9d0b-6a1f2e3d4c5b".to_owned(),
        rows: Decimal(41_205),
        bytes: Decimal(3_221_225_472),
        applied_index: Decimal(184_273),
        sealed: true,
    };
    check("backup-restore", &finished("backup restore", Done::changed(restored, true), Facts::default()));
}

#[test]
fn sidecars_made_anew() {
    let key = |key_id: u32, purpose| ResyncKey {
        key_id,
        key_hex: format!("{key_id:#010x}"),
        purpose,
        state: "active",
        local_epoch: 8,
    };
    let file = "/var/lib/elastickv/encryption/keys.json";
    let report = ResyncReport {
        directory: "/var/lib/elastickv".to_owned(),
        node: "n3".to_owned(),
        in_order: false,
        source: "store",
        leader_asked: true,
        control_index: Decimal(184_100),
        kept_aside: Some(format!("{file}.aside-1")),
        damage: Some(format!("{file} is damaged: field active is missing")),
        keys: vec![key(0x1234_5678, "storage"), key(0x9abc_def0, "raft")],
    };
    check("resync", &finished("encryption resync-sidecar", Done::changed(report, true), Facts::default()));
}

#[test]
fn node_ids() {
    let names = |of: &[&str]| of.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
    let report = NodeIdsReport::of(&names(&["n1", "n2"]), &names(&["n4"]));
    check("node-ids", &finished("encryption probe-node-id", Done::read(report), Facts::default()));
}

#[test]
fn status_of_a_healthy_cluster() {
    let finished = status(&samples::healthy());
    assert_eq!(finished.exit.code(), 0);
    assert!(finished.facts.warnings.is_empty(), "{:?}", finished.facts.warnings);
    check("status-healthy", &finished);
}

#[test]
fn status_of_a_troubled_cluster() {
    let finished = status(&samples::troubled());
    assert_eq!(finished.exit.code(), 7);
    check("status-troubled", &finished);
}

#[test]
fn status_without_a_quorum() {
    let finished = status(&samples::without_quorum());
    assert_eq!(finished.exit.code(), 7);
    assert!(finished.facts.warnings.iter().any(|warning| warning.code == Code::NoLeader));
    check("status-no-quorum", &finished);
}

#[test]
fn status_in_yaml_and_in_one_line() {
    let finished = status(&samples::healthy());
    compare("status-healthy.yaml", &envelope::yaml(&finished, CLI).unwrap()).unwrap();
    let line = envelope::ndjson(&finished, CLI).unwrap();
    assert_eq!(line.lines().count(), 1);
}

#[test]
fn warnings_of_a_troubled_cluster() {
    let lines = status_warnings(&samples::troubled())
        .iter()
        .map(|warning| failure::warning_line(warning, &Theme::PLAIN))
        .collect::<String>();
    compare("warnings-troubled.txt", &lines).unwrap();
}

#[test]
fn members_of_a_cluster() {
    check(
        "members",
        &finished("cluster members", Done::read(MembersReport::of(&samples::troubled())), facts(true)),
    );
}

#[test]
fn a_change_of_the_membership() {
    let report = MembershipChange {
        cluster_name: "prod-tokyo".to_owned(),
        step: Step::AddLearner,
        member: "n4".to_owned(),
        address: "10.0.0.14:50051".to_owned(),
        membership_index: Decimal(184_303),
        unchanged: false,
    };
    check("add-learner", &finished("cluster add-learner", Done::changed(report, true), change_facts()));
}

#[test]
fn a_new_leader() {
    let report = LeaderTransfer {
        cluster_name: "prod-tokyo".to_owned(),
        from: "n2".to_owned(),
        to: "n1".to_owned(),
        term: Some(Decimal(5)),
        unchanged: false,
    };
    check(
        "transfer-leader",
        &finished("cluster transfer-leader", Done::changed(report, true), change_facts()),
    );
}

#[test]
fn digests_that_differ() {
    let row = |member: &str, digest: Option<u8>, differs| DigestRow {
        member: member.to_owned(),
        role: "voter",
        digest: digest.map(|byte| format!("{byte:02x}").repeat(32)),
        rows: digest.map(|_| Decimal(190_211)),
        keys: digest.map(|_| Decimal(102_004)),
        differs,
        error: digest.is_none().then(|| "no answer (2.0s)".to_owned()),
    };
    let report = DigestReport {
        cluster_name: "prod-tokyo".to_owned(),
        group_id: Decimal(1),
        index: Decimal(184_302),
        ts: Decimal(117_540_181_968_000_000),
        equal: Some(false),
        members: vec![row("n1", Some(0xab), false), row("n2", Some(0xcd), true), row("n3", None, false)],
    };
    let problem = report.problem();
    let finished = finished("cluster digest", Done::read(report).with_problem(problem), facts(false));
    assert_eq!(finished.exit.code(), 9);
    check("digest-differs", &finished);
}

#[test]
fn snapshots_of_some_members() {
    let report = SnapshotReport {
        cluster_name: "prod-tokyo".to_owned(),
        group_id: Decimal(1),
        purged: true,
        members: vec![
            SnapshotRow {
                member: "n1".to_owned(),
                index: Some(Decimal(184_302)),
                bytes: Some(Decimal(52_428_800)),
                first_log_index: Some(Decimal(184_303)),
                error: None,
            },
            SnapshotRow {
                member: "n3".to_owned(),
                index: None,
                bytes: None,
                first_log_index: None,
                error: Some("connection refused".to_owned()),
            },
        ],
    };
    let problem = report.problem();
    let finished =
        finished("cluster snapshot", Done::changed(report, true).with_problem(problem), facts(false));
    assert_eq!(finished.exit.code(), 7);
    check("snapshot-partial", &finished);
}

#[test]
fn a_drained_node() {
    let report = DrainReport { member: "n2".to_owned(), transferred: Decimal(1), unchanged: false };
    check("drain", &finished("cluster drain", Done::changed(report, true), change_facts()));
}

#[test]
fn a_wait_that_ended() {
    let report = WaitReport {
        conditions: vec!["ready".to_owned()],
        waited_ms: Millis(60_000),
        met: false,
        missing: vec!["n3 does not answer (connection refused)".to_owned()],
    };
    let problem = CliError::new(Code::WaitEnded, "not after 60s: n3 does not answer (connection refused)");
    let finished = finished("cluster wait", Done::read(report).with_problem(Some(problem)), facts(false));
    assert_eq!(finished.exit.code(), 8);
    check("wait-ended", &finished);
}

#[test]
fn keys_and_values() {
    let bytes = |bytes: &[u8]| Bytes::new(bytes, Notation::Text);
    let report = ScanReport {
        pairs: vec![
            Pair { key: bytes(b"user/1"), value: Some(bytes("größe\n".as_bytes())) },
            Pair { key: bytes(b"user/\x00\xff"), value: Some(bytes(&[0xde, 0xad, 0xbe, 0xef])) },
            Pair {
                key: bytes(b"user/with-a-rather-long-key/and-a-long-value"),
                value: Some(bytes(&[b'x'; 60])),
            },
        ],
        count: Decimal(3),
        more: false,
        read_ts: Some(Decimal(117_540_181_968_000_000)),
        stale: false,
        keys_only: false,
    };
    check("scan", &finished("kv scan", Done::read(report), Facts::default()));
    let report = PutReport {
        key: bytes(b"user/1"),
        value_bytes: Decimal(8),
        commit_index: Decimal(184_303),
        commit_ts: Some(Decimal(117_540_181_968_000_000)),
        ttl_ms: Some(Millis(600_000)),
        already_applied: false,
    };
    check("put", &finished("kv put", Done::changed(report, true), change_facts()));
}

#[test]
fn versions_of_a_key() {
    let row = |ms: u64, value: Option<&[u8]>, expires: Option<u64>| VersionRow {
        commit_ts: Decimal(ms << 16),
        committed: utc(ms),
        deleted: value.is_none(),
        expires: expires.map(utc),
        value: value.map(|value| Bytes::new(value, Notation::Text)),
    };
    let report = HistoryReport {
        key: Bytes::new(*b"user/1", Notation::Text),
        versions: vec![
            row(1_793_520_843_007, Some("größe\n".as_bytes()), Some(1_793_521_443_007)),
            row(1_793_520_843_000, None, None),
            row(1_793_434_443_000, Some(&[b'x'; 60]), None),
        ],
        more: true,
    };
    check("history", &finished("kv history", Done::read(report), Facts::default()));
}

#[test]
fn a_transaction() {
    let row = |line, verb, key: &str, value: Option<&str>, commit_ts: Option<u64>| TxnRow {
        line,
        verb,
        key: Bytes::new(key, Notation::Text),
        value: value.map(|value| Bytes::new(value, Notation::Text)),
        commit_ts: commit_ts.map(Decimal),
    };
    let report = TxnReport {
        rows: vec![
            row(2, TxnVerb::Check, "seat/12", None, None),
            row(3, TxnVerb::Get, "guest/ada", Some("no seat yet"), Some(117_540_181_967_000_000)),
            row(4, TxnVerb::Get, "guest/bob", None, None),
            row(5, TxnVerb::Put, "guest/ada", None, None),
            row(6, TxnVerb::Delete, "waiting/ada", None, None),
        ],
        start_ts: Decimal(117_540_181_967_900_000),
        commit_ts: Some(Decimal(117_540_181_968_000_000)),
        commit_index: Some(Decimal(184_303)),
        already_applied: false,
        retries: 1,
    };
    check("txn", &finished("kv txn", Done::changed(report, true), change_facts()));
}

#[test]
fn commands_that_go_over_many_keys() {
    let report = ExportReport {
        file: Some("users.ndjson".to_owned()),
        read_ts: Decimal(117_540_181_968_000_000),
        pairs: Decimal(1_204_551),
        resumed_behind: Decimal(800_000),
    };
    let piped = ExportReport { file: None, ..report.clone() };
    assert_eq!(piped.verbatim(Format::Table).as_deref(), Some(&b""[..]));
    check("export", &finished("kv export", Done::read(report), facts(true)));
    let report = ImportReport {
        file: Some("users.ndjson".to_owned()),
        pairs: Decimal(1_204_551),
        over: Decimal(12),
        resumed_behind: Decimal(0),
        last_commit_ts: Some(Decimal(117_540_181_968_000_000)),
    };
    check("import", &finished("kv import", Done::changed(report, true), facts(true)));
    let report = DeleteRangeReport {
        start: Bytes::new(*b"user/", Notation::Text),
        end: Bytes::new(*b"user0", Notation::Text),
        deleted: Decimal(1_204_551),
        at_least: false,
        commit_ts: Some(Decimal(117_540_181_968_000_000)),
    };
    check("delete-range", &finished("kv delete-range", Done::changed(report, true), facts(true)));
}

#[test]
fn a_value_alone_is_what_get_prints() {
    let report = |raw, value: Option<&[u8]>| GetReport {
        key: Bytes::new(*b"k", Notation::Text),
        exists: value.is_some(),
        value: value.map(|value| Bytes::new(value, Notation::Text)),
        read_at_index: Decimal(9),
        commit_ts: None,
        read_ts: None,
        expires: None,
        stale: false,
        raw,
    };
    assert_eq!(report(false, Some(b"a\x00")).verbatim(Format::Table).unwrap(), b"a\\x00\n");
    assert_eq!(report(true, Some(b"a\x00")).verbatim(Format::Table).unwrap(), b"a\x00");
    assert_eq!(report(false, None).verbatim(Format::Table).unwrap(), b"");
    assert_eq!(report(false, Some(b"a")).verbatim(Format::Wide), None);
    check("get", &finished("kv get", Done::read(report(false, Some(b"hello"))), Facts::default()));
}

#[test]
fn an_explanation() {
    check(
        "explain",
        &finished("explain", Done::read(ExplainReport::one(Code::NoQuorum, CLI)), Facts::default()),
    );
}

#[test]
fn a_failure_has_the_same_envelope() {
    let error =
        CliError::new(Code::NoQuorum, "leader n2 hears from no majority: 1 of 3 voters answer, 2 are needed")
            .blocked_by(vec![Blocker { member: "n3".to_owned(), reason: "no answer (2.0s)".to_owned() }]);
    let warnings = vec![Warning::new(Code::MixedBuilds, "members run different builds: 71ab03f, 9f2c1e0")];
    let facts = Facts { warnings, ..facts(false) };
    let finished: Finished<PutReport> = Finished::new("kv put", Err(error), facts, Strictness::default());
    compare("failure.json", &envelope::json(&finished, CLI).unwrap()).unwrap();
    compare("failure.yaml", &envelope::yaml(&finished, CLI).unwrap()).unwrap();
    let text = failure::four_lines(finished.error().unwrap(), CLI, "elastickv-admin", &Theme::PLAIN);
    compare("failure.txt", &text).unwrap();
}

#[test]
fn an_unknown_outcome_says_neither_changed_nor_unchanged() {
    let error =
        CliError::new(Code::OutcomeUnknown, "the change was sent to 10.0.0.11:50051: no answer (10s)");
    let finished: Finished<PutReport> =
        Finished::new("kv put", Err(error), change_facts(), Strictness::default());
    assert_eq!(finished.exit.code(), 13);
    compare("outcome-unknown.json", &envelope::json(&finished, CLI).unwrap()).unwrap();
}

/// Letters of our own are replaced; what users wrote is masked, never dropped.
#[test]
fn ascii_means_ascii() {
    let ascii = Theme { ascii: true, ..Theme::PLAIN };
    for survey in [samples::healthy(), samples::troubled(), samples::without_quorum()] {
        let table = StatusReport::of(&survey, samples::NOW).table();
        assert!(human::render(&table, &ascii, Breadth::Everything).text.is_ascii());
    }
}
