//! The program as it is called, without a cluster.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn admin() -> Command {
    let mut command = Command::cargo_bin("elastickv-admin").unwrap();
    for variable in ["ELASTICKV_ENDPOINT", "COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.timeout(std::time::Duration::from_secs(30));
    command
}

/// An address where nobody listens: the port was free a moment ago and is held by nobody.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn document(output: &[u8]) -> Value {
    serde_json::from_slice(output)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(output)))
}

#[test]
fn a_command_line_that_is_not_understood_is_a_usage_error_in_four_lines() {
    for line in [
        &["cluster", "stats"][..],
        &["cluster", "status", "--frobnicate"],
        &["kv", "get"],
        &["kv", "scan", "--prefix", "a", "--start", "b"],
        &["cluster", "wait", "--for", "miracle"],
        &["cluster", "add-learner", "bad name", "a:1"],
        &["cluster", "add-learner", "n4", "no-port"],
        &["kv", "put", "a", "b", "--op-id", "7"],
        &["kv", "put", "a", "b", "--op-id", "01937a5e-0000-4000-8000-000000000001"],
        &["kv", "put", "a", "b", "--if-version", "present"],
        &["kv", "put", "a", "b", "--ttl", "0s"],
        &["kv", "export", "--resume"],
        &["kv", "delete-range", "--all", "--prefix", "a"],
        &["kv", "delete-range"],
        &["--endpoint", "nonsense", "cluster", "status"],
        &["--deadline", "soon", "cluster", "status"],
    ] {
        let output = admin().args(line).assert().code(2).stdout("").get_output().stderr.clone();
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.lines().count(), 4, "{line:?}: {text}");
        assert!(text.starts_with("error EK-0001: "), "{line:?}: {text}");
    }
}

#[test]
fn the_environment_names_endpoints_unless_it_is_empty() {
    let bad = admin().args(["cluster", "status"]).env("ELASTICKV_ENDPOINT", "nonsense").assert().code(2);
    bad.stderr(predicate::str::starts_with("error EK-0001: ELASTICKV_ENDPOINT: \"nonsense\""));
    admin().arg("version").env("ELASTICKV_ENDPOINT", "").assert().code(0);
}

#[test]
fn a_usage_error_has_an_envelope_too() {
    for flags in [&["-o", "json"][..], &["-ojson"], &["--output=json"], &["--output", "json"]] {
        let output =
            admin().args(["cluster", "wait"]).args(flags).assert().code(2).get_output().stdout.clone();
        let document = document(&output);
        assert_eq!(document["ok"], false);
        assert_eq!(document["command"], "cluster wait");
        assert_eq!(document["error"]["code"], "EK-0001");
        assert_eq!(document["exit_code"], 2);
    }
}

#[test]
fn without_arguments_the_help_is_shown_as_an_error() {
    admin().assert().code(2).stdout("").stderr(predicate::str::contains("Usage:"));
    admin().arg("kv").assert().code(2).stdout("").stderr(predicate::str::contains("scan"));
}

#[test]
fn help_is_a_result() {
    admin()
        .args(["cluster", "--help"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(predicate::str::contains("Words:"));
    admin().args(["--version"]).assert().code(0).stdout(predicate::str::starts_with("elastickv-admin "));
}

#[test]
fn nobody_listening_means_not_connected_and_nothing_sent() {
    for verb in [
        &["cluster", "status"][..],
        &["cluster", "members"],
        &["cluster", "digest"],
        &["cluster", "snapshot", "--all"],
        &["cluster", "drain", "n1"],
        &["cluster", "remove", "n1", "--yes", "--expect-cluster", "demo"],
        &["kv", "get", "a"],
        &["kv", "put", "a", "b"],
        &["kv", "delete", "a"],
        &["kv", "scan"],
        &["kv", "history", "a"],
        &["kv", "export"],
        &["kv", "delete-range", "--all", "--yes", "--expect-cluster", "demo"],
    ] {
        let endpoint = nobody();
        let assert = admin()
            .args(verb)
            .args(["--endpoint", &endpoint, "--deadline", "3s"])
            .assert()
            .code(5)
            .stdout("");
        let text = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let [what, state, hint, read] = lines.as_slice() else { panic!("{verb:?}: {text}") };
        assert_eq!(
            *what,
            format!("error EK-1001: cannot connect to {endpoint} (connection refused)"),
            "{verb:?}"
        );
        assert_eq!(*state, "  state nothing was sent");
        assert!(hint.starts_with("  try   elastickv-admin "), "{hint}");
        assert_eq!(*read, "  read  elastickv-admin explain EK-1001");
    }
}

#[test]
fn not_connected_in_json_and_yaml() {
    let endpoint = nobody();
    let line = ["kv", "put", "a", "secret", "--endpoint", &endpoint, "-o"];
    let output = admin().args(line).arg("json").assert().code(5).get_output().stdout.clone();
    let told = document(&output);
    assert_eq!(told["schema"], "elastickv.admin/v1");
    assert_eq!(told["kind"], "KvPut");
    assert_eq!(
        (&told["ok"], &told["changed"], &told["exit_code"]),
        (&false.into(), &false.into(), &5.into())
    );
    assert_eq!(told["error"]["name"], "CannotConnect");
    assert_eq!(told["error"]["blocking"][0]["member"], endpoint.as_str());
    assert!(told["op_id"].as_str().is_some_and(|id| id.len() == 36), "{told}");
    assert!(!String::from_utf8_lossy(&output).contains("secret"));
    let yaml = admin().args(line).arg("yaml").assert().code(5).get_output().stdout.clone();
    let yaml: Value = serde_yaml::from_slice(&yaml).unwrap();
    assert_eq!(yaml["error"], told["error"]);
}

#[test]
fn the_operation_id_given_is_the_one_reported() {
    let id = "01937a5e-0000-7000-8000-000000000001";
    let line = ["kv", "delete", "a", "--op-id", id, "--endpoint", &nobody(), "-o", "ndjson"];
    let output = admin().args(line).assert().code(5).get_output().stdout.clone();
    assert_eq!(output.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert_eq!(document(&output)["op_id"], id);
}

#[test]
fn all_endpoints_are_tried_and_named() {
    let (one, two) = (nobody(), nobody());
    admin()
        .args(["kv", "get", "a"])
        .env("ELASTICKV_ENDPOINT", format!("{one},{two}"))
        .assert()
        .code(5)
        .stderr(predicate::str::contains(one.as_str()).and(predicate::str::contains(two.as_str())))
        // What the environment holds need not be repeated in a command to paste.
        .stderr(predicate::str::contains("--endpoint 127").not());
}

/// A peer that accepts and then says nothing. A write is not sent to a node that has not shown to be
/// alive, so its fate is known.
#[test]
fn a_silent_peer_is_given_up_after_the_call_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    let line = ["--endpoint", &endpoint, "--timeout", "300ms", "--deadline", "1s", "-o", "json"];
    for verb in [&["cluster", "status"][..], &["kv", "get", "a"], &["kv", "put", "a", "b"]] {
        let output = admin().args(verb).args(line).assert().code(5).get_output().stdout.clone();
        let told = document(&output);
        assert_eq!(
            (&told["error"]["code"], &told["changed"]),
            (&"EK-1006".into(), &false.into()),
            "{verb:?}"
        );
        assert!(told["error"]["message"].as_str().unwrap().contains("no answer"), "{told}");
    }
}

#[test]
fn waiting_ends_with_its_own_status() {
    let line =
        ["cluster", "wait", "--for", "ready", "--deadline", "400ms", "--endpoint", &nobody(), "-o", "json"];
    let output = admin().args(line).assert().code(8).get_output().stdout.clone();
    let told = document(&output);
    assert_eq!((&told["data"]["met"], &told["error"]["code"]), (&false.into(), &"EK-1601".into()));
}

#[test]
fn input_that_is_not_in_its_notation_is_refused_before_anything_is_sent() {
    for line in [
        &["kv", "get", "--keys", "hex", "abc"][..],
        &["kv", "put", "--values", "base64", "k", "%%%"],
        &["kv", "put", "k", "--value-file", "/does/not/exist"],
        &["kv", "scan", "--keys", "escaped", "--prefix", "\\q"],
    ] {
        admin().args(line).assert().code(2).stderr(predicate::str::contains("EK-0004"));
    }
}

#[test]
fn raw_bytes_and_documents_exclude_each_other() {
    admin()
        .args(["kv", "get", "a", "--raw", "-o", "json"])
        .assert()
        .code(2)
        .stdout(predicate::str::contains("EK-0001"));
}

#[test]
fn every_code_is_explained() {
    let output = admin().args(["explain", "-o", "json"]).assert().code(0).get_output().stdout.clone();
    let told = document(&output);
    let codes = told["data"]["codes"].as_array().unwrap();
    assert!(codes.len() > 40);
    for code in ["EK-1003", "1003", "noquorum"] {
        admin()
            .args(["explain", code])
            .assert()
            .code(0)
            .stdout(predicate::str::starts_with("EK-1003 NoQuorum"));
    }
    admin().args(["explain", "EK-9999"]).assert().code(2).stderr(predicate::str::contains("EK-0005"));
}

#[test]
fn version_names_the_build() {
    let output = admin().args(["version", "-o", "json"]).assert().code(0).get_output().stdout.clone();
    let told = document(&output);
    assert_eq!(told["kind"], "Version");
    assert!(told["data"]["build_sha"].as_str().is_some_and(|sha| !sha.is_empty()));
}

#[test]
fn completions_are_scripts_as_they_are() {
    for (shell, mark) in [
        ("bash", "complete -o nosort"),
        ("zsh", "#compdef elastickv-admin"),
        ("fish", "complete --keep-order --exclusive --command elastickv-admin"),
    ] {
        admin().args(["completions", shell]).assert().code(0).stdout(predicate::str::contains(mark));
    }
}

#[test]
fn manual_pages_go_where_they_are_wanted() {
    let directory = tempfile::tempdir().unwrap();
    admin().arg("man").arg(directory.path()).assert().code(0);
    assert!(directory.path().join("elastickv-admin-cluster-status.1").exists());
    admin().args(["man", "/does/not/exist"]).assert().code(1).stderr(predicate::str::contains("EK-0011"));
}

/// The reader takes one line and goes, as `| head -1` does.
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    for line in [&["explain"][..], &["completions", "zsh"], &["explain", "-o", "json"], &["--help"]] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_elastickv-admin"))
            .args(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""), "{line:?}");
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_elastickv-admin"))
        .args(["explain", "1003"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("EK-0011"));
}

#[test]
fn colours_come_only_when_wanted() {
    let escape = predicate::str::contains("\u{1b}[");
    admin().args(["explain"]).assert().stdout(escape.clone().not());
    admin().args(["explain", "--color", "always"]).assert().stdout(escape.clone());
    admin().args(["explain", "--color", "always", "--color", "never"]).assert().code(2);
    let line = ["kv", "get", "a", "--endpoint", &nobody()];
    admin().args(line).assert().stderr(escape.clone().not());
    admin().args(line).args(["--color", "always"]).assert().stderr(escape);
}

#[test]
fn columns_decide_how_wide_a_table_is() {
    for columns in [40usize, 80, 200] {
        let assert = admin().arg("explain").env("COLUMNS", columns.to_string()).assert().code(0);
        let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{columns}: {text}");
    }
}

#[test]
fn ascii_output_is_ascii() {
    let assert = admin().args(["explain", "--ascii"]).assert().code(0);
    assert!(assert.get_output().stdout.is_ascii());
}

#[test]
fn progress_is_told_beside_the_result() {
    let line = ["cluster", "wait", "--for", "leader", "--deadline", "2600ms", "--endpoint", &nobody()];
    let json = admin().args(line).args(["--progress", "json", "-o", "json"]).assert().code(8);
    let told = String::from_utf8(json.get_output().stderr.clone()).unwrap();
    let first: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert!(first["progress"].as_str().unwrap().contains("cannot connect"), "{told}");
    document(&json.get_output().stdout);
    let off =
        admin().args(line).args(["--progress", "off", "-o", "short"]).assert().code(8).stdout("not met\n");
    assert!(String::from_utf8_lossy(&off.get_output().stderr).starts_with("error EK-1601"));
}

/// Runs `kms check` and returns the exit status and the error's code.
fn check_kek(uri: &str) -> (i32, Value) {
    let output = admin().args(["kms", "check", uri, "-o", "json"]).output().unwrap();
    let told = document(&output.stdout);
    (output.status.code().unwrap(), told)
}

#[test]
fn a_wrapping_key_is_made_once_and_passes_its_check() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kek");
    admin().args(["kms", "generate"]).arg(&path).assert().code(0);
    let made = std::fs::read(&path).unwrap();
    assert_eq!((made.len(), path.metadata().unwrap().permissions().mode() & 0o7777), (32, 0o600));
    let again = admin().args(["kms", "generate"]).arg(&path).assert().code(3);
    again.stderr(predicate::str::starts_with("error EK-1504"));
    assert_eq!(std::fs::read(&path).unwrap(), made, "the file was touched");

    let (status, told) = check_kek(&format!("file:{}", path.display()));
    assert_eq!((status, &told["data"]["context_bound"]), (0, &Value::Bool(true)), "{told}");
    assert_eq!(told["data"]["kek"]["provider"], "file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (status, told) = check_kek(&format!("file:{}", path.display()));
    assert_eq!((status, &told["error"]["code"]), (12, &Value::from("EK-1501")), "{told}");
    let (status, told) = check_kek(&format!("file:{}", dir.path().join("none").display()));
    assert_eq!((status, &told["error"]["code"]), (12, &Value::from("EK-1501")), "{told}");
}

#[test]
fn certificates_and_tokens_are_made_once_and_keys_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let certs = |line: &[&str]| {
        let mut command = admin();
        command.arg("certs").args(line).arg("--dir").arg(dir.path().join("certs")).args(["-o", "json"]);
        command
    };
    let mode =
        |name: &str| dir.path().join("certs").join(name).metadata().unwrap().permissions().mode() & 0o7777;
    certs(&["node", "n1"]).assert().code(2).stdout(predicate::str::contains("EK-1103"));
    certs(&["ca"]).assert().code(0);
    certs(&["node", "n1", "--host", "10.0.0.11,n1.example.com"]).assert().code(0);
    certs(&["client", "alice"]).assert().code(0).stdout(predicate::str::contains("name: alice"));
    let token = certs(&["token", "backup"]).assert().code(0).get_output().stdout.clone();
    for name in ["ca", "n1", "alice"] {
        assert_eq!((mode(&format!("{name}.key")), mode(&format!("{name}.crt"))), (0o600, 0o644), "{name}");
    }
    assert_eq!(mode("backup.token"), 0o600);
    let secret = std::fs::read_to_string(dir.path().join("certs/backup.token")).unwrap();
    assert_eq!(secret.trim().len(), 43);
    assert!(!String::from_utf8_lossy(&token).contains(secret.trim()), "the token itself is printed");
    for again in [&["ca"][..], &["node", "n1"], &["client", "alice"], &["token", "backup"]] {
        certs(again).assert().code(3).stdout(predicate::str::contains("EK-1104"));
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("certs/backup.token")).unwrap(), secret);
    certs(&["client", "../alice"]).assert().code(2);
    certs(&["node", "n2", "--host", "not a host"]).assert().code(2);
}

#[test]
fn what_is_shown_is_shown_to_nobody_in_clear() {
    for flag in ["--tls-cert", "--tls-key", "--tls-server-name", "--token-file"] {
        let refused = admin().args(["kv", "get", "k", flag, "x"]).assert().code(2);
        refused.stderr(predicate::str::contains("needs --tls-ca"));
    }
}

#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    let secret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    for place in [secret.to_owned(), format!("env:{secret}"), format!("vault:{secret}")] {
        let output = admin().args(["kms", "check", &place]).assert().code(2).get_output().clone();
        let told =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("EK-1503") && !told.contains("00112233"), "{told}");
    }
}

#[test]
fn a_key_in_the_environment_works_with_a_warning() {
    let key = "aa".repeat(32);
    let check = ["kms", "check", "env:TRIAL_KEK", "-o", "json"];
    let output = admin().args(check).env("TRIAL_KEK", &key).assert().code(0).get_output().clone();
    let told = document(&output.stdout);
    assert_eq!(told["warnings"][0]["code"], "EK-1506", "{told}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&key));
    let (status, told) = check_kek("env:TRIAL_KEK_THAT_IS_NOT_SET");
    assert_eq!((status, &told["error"]["code"]), (12, &Value::from("EK-1501")), "{told}");
}

#[test]
fn names_that_clash_in_nonces_are_refused() {
    admin().args(["encryption", "probe-node-id", "n1", "n2", "n3"]).assert().code(0);
    admin().args(["encryption", "probe-node-id"]).assert().code(2);
}

#[test]
fn planted_bytes_are_found_unless_the_directory_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let (node, canaries) = (dir.path().join("n1"), dir.path().join("canaries"));
    std::fs::create_dir_all(node.join("groups/1")).unwrap();
    std::fs::write(&canaries, "# planted\ntext:a canary in a mine\n").unwrap();
    std::fs::write(node.join("groups/1/table"), b"0123456789a canary in a mine").unwrap();
    let scan = |file: &std::path::Path| {
        let mut command = admin();
        command.args(["scan", "leak", "-o", "json", "--data-dir"]);
        command.arg(&node).arg("--canary-file").arg(file).assert()
    };
    let read = |assert: assert_cmd::assert::Assert| -> serde_json::Value {
        serde_json::from_slice(&assert.get_output().stdout).unwrap()
    };
    let held = elastickv_datadir::lock(&elastickv_sys::files::SystemFiles, &node).unwrap();
    assert_eq!(read(scan(&canaries).code(11))["error"]["code"], "EK-1701");
    drop(held);
    let found = read(scan(&canaries).code(9));
    let finding = &found["data"]["findings"][0];
    assert!(finding["file"].as_str().unwrap().ends_with("groups/1/table"), "{finding}");
    assert_eq!((&finding["offset"], &finding["canary_line"]), (&"10".into(), &2.into()));
    assert!(!found.to_string().contains("a mine"), "{found}");
    std::fs::write(node.join("groups/1/table"), b"0123456789").unwrap();
    assert_eq!(read(scan(&canaries).code(0))["data"]["findings_total"], "0");
    std::fs::write(&canaries, "no canary").unwrap();
    assert_eq!(read(scan(&canaries).code(2))["error"]["name"], "BadCanaries");
}
