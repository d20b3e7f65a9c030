//! Contexts as they are written, chosen and kept to.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[allow(dead_code, reason = "other tests play more")]
mod fake;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use assert_cmd::Command;
use elastickv_proto::v1;
use fake::{Node, Play};
use serde_json::Value;

/// The id of the cluster that the fake node is of, and another one.
const OURS: &str = "07070707-0707-0707-0707-070707070707";
const THEIRS: &str = "08080808-0808-0808-0808-080808080808";

/// A user's home.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("elastickv/admin.yaml")
    }

    fn command(&self) -> Command {
        let mut command = Command::cargo_bin("elastickv-admin").unwrap();
        for variable in ["ELASTICKV_ENDPOINT", "ELASTICKV_CONTEXT", "COLUMNS"] {
            command.env_remove(variable);
        }
        command.env("XDG_CONFIG_HOME", self.0.path()).timeout(std::time::Duration::from_secs(60));
        command
    }

    fn run(&self, line: &str) -> (i32, Value) {
        let words = line.split(' ').chain(["-o", "json"]);
        let output = self.command().args(words).output().unwrap();
        let told = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), told)
    }

    fn done(&self, line: &str) -> Value {
        let (status, told) = self.run(line);
        assert_eq!(status, 0, "{line}: {told}");
        told
    }

    fn refused(&self, line: &str, status: i32, code: &str) -> Value {
        let (ended, told) = self.run(line);
        assert_eq!((ended, &told["error"]["code"]), (status, &code.into()), "{line}: {told}");
        told
    }
}

fn node() -> Node {
    let done = v1::Operation {
        state: v1::OperationState::Done.into(),
        settled: true,
        done: Some(v1::Done { changed: true, ..Default::default() }),
        ..Default::default()
    };
    let judgement = v1::Judgement { passed: true, ..Default::default() };
    Node::start(Play { judgement, scenes: vec![done.clone(), done], ..Default::default() })
}

#[test]
fn contexts_are_written_chosen_shown_and_removed() {
    let home = Home::new();
    assert_eq!(home.done("context list")["data"]["contexts"].as_array().unwrap().len(), 0);
    home.refused("context add dev", 2, "EK-0001");
    let added = home.done("context add dev --endpoint d:1,e:2 --token-file t --tls-ca /ca.crt");
    assert_eq!((&added["data"]["step"], &added["changed"]), (&"added".into(), &true.into()));
    home.done("context add prod --endpoint p:1 --protected --rewrite-rate 5MiB/s --use");
    home.refused("context add prod --endpoint p:2", 3, "EK-0014");
    home.done("context add prod --endpoint p:2 --replace");
    let kept = home.done("context list")["data"]["contexts"][1].clone();
    assert_eq!(kept["protected"], true, "nobody took its protection off: {kept}");
    home.done("context add prod --endpoint p:2 --replace --unprotected");
    assert_eq!(home.done("context list")["data"]["contexts"][1]["protected"], false);
    let rows = home.done("context list")["data"]["contexts"].clone();
    assert_eq!((&rows[0]["name"], &rows[0]["current"]), (&"dev".into(), &false.into()));
    assert_eq!((&rows[1]["name"], &rows[1]["current"]), (&"prod".into(), &true.into()));
    assert_eq!(rows[1]["endpoints"], serde_json::json!(["p:2"]));

    let shown = home.done("context show dev")["data"]["settings"].clone();
    let token = shown.as_array().unwrap().iter().find(|row| row["name"] == "token-file").unwrap();
    assert!(token["value"].as_str().unwrap().starts_with('/'), "{token}");
    home.refused("context use prud", 2, "EK-0013");
    assert_eq!(home.done("context use dev")["changed"], true);
    assert_eq!(home.done("context use dev")["changed"], false);
    home.done("context remove dev");
    home.refused("context show", 2, "EK-0013");
    let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_counts_is_shown_with_where_it_comes_from() {
    let home = Home::new();
    home.done("context add prod --endpoint p:1 --tls-ca /ca.crt --use");
    let source = |command: &mut Command, setting: &str| {
        let output = command.args(["context", "show", "--resolved", "-o", "json"]).output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = told["data"]["settings"].as_array().unwrap().clone();
        let row = rows.iter().find(|row| row["name"] == setting).unwrap();
        format!("{} from {}", row["value"].as_str().unwrap_or("-"), row["source"].as_str().unwrap())
    };
    assert_eq!(source(&mut home.command(), "endpoints"), "p:1 from context prod");
    assert_eq!(source(&mut home.command(), "context"), "prod from file of contexts");
    assert_eq!(source(&mut home.command(), "token-file"), "- from default");
    let mut command = home.command();
    let given = source(command.env("ELASTICKV_ENDPOINT", "v:1"), "endpoints");
    assert_eq!(given, "v:1 from environment (ELASTICKV_ENDPOINT)");
    let mut command = home.command();
    let given = source(command.env("ELASTICKV_ENDPOINT", "v:1").args(["--endpoint", "f:1"]), "endpoints");
    assert_eq!(given, "f:1 from command line");
    let mut command = home.command();
    let given = source(command.env("ELASTICKV_CONTEXT", "none"), "tls-ca");
    assert_eq!(given, "- from default");
}

#[test]
fn a_file_that_can_not_be_understood_names_the_line_and_stops_only_what_needs_it() {
    let home = Home::new();
    home.done("context add prod --endpoint p:1 --protected");
    let text = std::fs::read_to_string(home.file()).unwrap();
    std::fs::write(home.file(), text.replace("protected", "protekted")).unwrap();
    let told = home.refused("cluster status", 2, "EK-0012");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("line 7") && message.ends_with("did you mean protected?"), "{message}");
    home.refused("context list", 2, "EK-0012");
    home.refused("context use prod", 2, "EK-0012");
    home.done("version");
    home.done("explain EK-0012");
    home.refused("--context none --endpoint 127.0.0.1:1 --deadline 1s cluster status", 5, "EK-1001");
}

#[test]
fn another_cluster_than_the_pinned_one_is_asked_for_nothing() {
    let (home, node) = (Home::new(), node());
    let endpoint = &node.address;
    let added = home.done(&format!("context add ours --endpoint {endpoint} --pin --use"));
    assert_eq!(added["data"]["cluster_id"], OURS);
    home.done("cluster status");
    home.done("encryption rotate-dek --purpose raft");
    assert_eq!(home.done("context test")["data"]["pinned"], true);
    let sent = node.look(|play| (play.steps.len(), play.checks));

    home.done(&format!("context add theirs --endpoint {endpoint} --cluster-id {THEIRS}"));
    for line in [
        "cluster status",
        "cluster members",
        "kv get a",
        "kv put a b",
        "kv scan",
        "encryption status",
        "encryption keys list",
        "encryption rotate-dek --purpose raft",
        "encryption rewrite status",
        "context test theirs",
    ] {
        let told = home.refused(&format!("--context theirs {line}"), 3, "EK-1229");
        assert!(told["error"]["message"].as_str().unwrap().contains(OURS), "{told}");
        assert_eq!(told["changed"], false);
    }
    assert_eq!(node.look(|play| (play.steps.len(), play.checks)), sent);
    // The control: the same endpoint without the pin.
    home.done(&format!("--context none --endpoint {endpoint} encryption rotate-dek --purpose raft"));
    assert_eq!(node.look(|play| play.steps.len()), sent.0 + 1);
}

#[test]
fn a_protected_context_wants_a_reason_and_the_clusters_name() {
    let (home, node) = (Home::new(), node());
    home.done(&format!("context add prod --endpoint {} --protected --use", node.address));
    home.done(&format!("context add open --endpoint {}", node.address));
    let rotate = "encryption rotate-dek --purpose raft";
    for line in [
        rotate,
        "kv put a b",
        "kv import --file /nowhere",
        "cluster drain n1",
        "encryption rewrite pause",
        "encryption bootstrap --yes --expect-cluster demo",
    ] {
        let told = home.refused(line, 2, "EK-0016");
        assert!(told["error"]["message"].as_str().unwrap().contains("--reason"), "{told}");
    }
    let told = home.refused(&format!("{rotate} --reason why"), 2, "EK-0016");
    assert!(told["error"]["message"].as_str().unwrap().contains("--expect-cluster"), "{told}");
    home.refused("encryption bootstrap --reason why", 2, "EK-0006");
    home.refused(&format!("{rotate} --reason why --expect-cluster other"), 3, "EK-1213");
    assert_eq!(node.look(|play| play.steps.len()), 0);
    // What changes nothing is not asked about.
    home.done(&format!("{rotate} --dry-run"));
    home.done("cluster status");
    home.done(&format!("{rotate} --reason why --expect-cluster demo"));
    assert_eq!(node.look(|play| play.steps.len()), 1);
    // The control: the same without protection.
    home.done(&format!("--context open {rotate}"));
    assert_eq!(node.look(|play| play.steps.len()), 2);
}

#[test]
fn names_of_contexts_are_offered_behind_the_cursor() {
    let home = Home::new();
    home.done("context add prod-tokyo --endpoint p:1");
    home.done("context add staging --endpoint s:1");
    let offered = |words: &[&str]| {
        let mut command = home.command();
        command.env("ELASTICKV_ADMIN_COMPLETE", "bash").args(["--", &(words.len() - 1).to_string()]);
        let output = command.args(words).output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|word| !word.starts_with('-')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(offered(&["elastickv-admin", "--context", "p"]), ["prod-tokyo"]);
    assert_eq!(offered(&["elastickv-admin", "context", "use", ""]), ["prod-tokyo", "staging"]);
    std::fs::write(home.file(), "nonsense: [").unwrap();
    assert!(offered(&["elastickv-admin", "context", "use", ""]).is_empty());
}
