//! The commands about encryption against a node that plays a script: what is sent, how often, and how it ends.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fake;

use std::collections::BTreeSet;

use assert_cmd::Command;
use elastickv_proto::v1;
use fake::{Manner, Node, Play};
use serde_json::Value;

const ID: &str = "01937a5e-0000-7000-8000-000000000001";
const YES: [&str; 3] = ["--yes", "--expect-cluster", "demo"];

/// Runs a command and returns its exit status and its document.
fn admin(node: &Node, line: &[&str]) -> (i32, Value) {
    let mut command = Command::cargo_bin("elastickv-admin").unwrap();
    command.env_remove("ELASTICKV_ENDPOINT").timeout(std::time::Duration::from_secs(60));
    let line = [&["encryption"], line, &["-o", "json", "--endpoint", &node.address]].concat();
    let output = command.args(line).output().unwrap();
    let told = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), told)
}

fn operation(kind: v1::OperationKind, state: v1::OperationState, settled: bool) -> v1::Operation {
    let done = v1::Done { changed: true, first_index: 40, key_id: None };
    v1::Operation {
        kind: kind.into(),
        state: state.into(),
        settled,
        done: (state == v1::OperationState::Done).then_some(done),
        ..Default::default()
    }
}

fn passes() -> v1::Judgement {
    v1::Judgement { passed: true, ..Default::default() }
}

fn blocks() -> v1::Judgement {
    let finding = v1::Finding {
        check: "enabled".into(),
        member: "n3".into(),
        verdict: v1::Verdict::Blocks.into(),
        message: "off".into(),
        ..Default::default()
    };
    v1::Judgement { findings: vec![finding], ..Default::default() }
}

/// A step that runs, and is over when it is looked at for the second time.
fn scenes(kind: v1::OperationKind) -> Vec<v1::Operation> {
    let running = operation(kind, v1::OperationState::Running, false);
    vec![running.clone(), running, operation(kind, v1::OperationState::Done, true)]
}

fn play(kind: v1::OperationKind) -> Play {
    Play { judgement: passes(), scenes: scenes(kind), ..Default::default() }
}

fn sent(node: &Node) -> Vec<&'static str> {
    node.look(|play| play.steps.iter().map(|(name, _)| *name).collect())
}

#[test]
fn each_command_asks_for_its_step_and_waits_for_its_end() {
    use v1::OperationKind as Kind;
    for (line, kind, wanted) in [
        (&["bootstrap"][..], Kind::Bootstrap, "bootstrap"),
        (&["enable-storage-envelope"], Kind::EnableStorage, "enable storage"),
        (&["enable-raft-envelope"], Kind::EnableRaft, "enable raft"),
        (&["rotate-dek", "--purpose", "storage"], Kind::Rotate, "rotate storage"),
        (&["rotate-dek", "--purpose", "raft"], Kind::Rotate, "rotate raft"),
        (&["rewrap-deks"], Kind::Rewrap, "rewrap"),
    ] {
        let node = Node::start(play(kind));
        let (status, told) = admin(&node, &[line, &YES].concat());
        assert_eq!(
            (status, &told["changed"], &told["data"]["state"]),
            (0, &true.into(), &"done".into()),
            "{told}"
        );
        assert_eq!(sent(&node), [wanted]);
        assert_eq!(told["data"]["operation_id"], told["op_id"], "{told}");
        // The stream was lost between the two scenes, and another one begun.
        assert_eq!(node.look(|play| play.watches), 2);
    }
}

#[test]
fn a_dry_run_judges_and_sends_nothing() {
    for (judgement, wanted) in [(passes(), 0), (blocks(), 3)] {
        let node = Node::start(Play { judgement, ..play(v1::OperationKind::EnableStorage) });
        for line in [&["enable-storage-envelope", "--dry-run"][..], &["check", "storage-envelope"]] {
            let (status, told) = admin(&node, line);
            assert_eq!((status, &told["kind"]), (wanted, &"EncryptionCheck".into()), "{told}");
        }
        assert_eq!((sent(&node).len(), node.look(|play| play.checks)), (0, 2));
    }
}

#[test]
fn what_the_gate_blocks_is_not_even_asked_about() {
    let node = Node::start(Play { judgement: blocks(), ..play(v1::OperationKind::EnableStorage) });
    let (status, told) = admin(&node, &[&["enable-storage-envelope"], &YES[..]].concat());
    assert_eq!((status, &told["error"]["code"]), (3, &"EK-1201".into()), "{told}");
    assert_eq!(told["error"]["blocking"][0]["member"], "n3");
    assert_eq!((&told["changed"], sent(&node).len()), (&false.into(), 0));
}

#[test]
fn what_can_not_be_undone_needs_a_confirmation_and_what_can_does_not() {
    for line in [
        &["enable-storage-envelope"][..],
        &["enable-storage-envelope", "--yes"],
        &["enable-raft-envelope", "--expect-cluster", "demo"],
        &["bootstrap"],
    ] {
        let node = Node::start(play(v1::OperationKind::EnableStorage));
        let (status, told) = admin(&node, line);
        assert_eq!((status, &told["error"]["code"]), (2, &"EK-0006".into()), "{line:?}: {told}");
        assert_eq!(sent(&node).len(), 0);
    }
    let node = Node::start(play(v1::OperationKind::Rotate));
    assert_eq!(admin(&node, &["rotate-dek", "--purpose", "raft"]).0, 0);
}

#[test]
fn another_cluster_than_the_expected_one_is_left_alone() {
    let node = Node::start(play(v1::OperationKind::EnableStorage));
    let (status, told) = admin(&node, &["bootstrap", "--yes", "--expect-cluster", "prod"]);
    assert_eq!((status, &told["error"]["code"]), (3, &"EK-1213".into()), "{told}");
    assert_eq!((sent(&node).len(), node.look(|play| play.checks)), (0, 0));
}

#[test]
fn what_is_done_already_is_sent_without_a_question() {
    let stage = v1::EncryptionStage { storage_index: Some(5), ..Default::default() };
    let mut done = operation(v1::OperationKind::EnableStorage, v1::OperationState::Done, true);
    done.done = Some(v1::Done { changed: false, first_index: 5, key_id: None });
    let play = Play { stage, judgement: blocks(), scenes: vec![done], ..Default::default() };
    let node = Node::start(play);
    let (status, told) = admin(&node, &["enable-storage-envelope"]);
    assert_eq!(
        (status, &told["changed"], &told["data"]["first_index"]),
        (0, &false.into(), &"5".into()),
        "{told}"
    );
    let (status, _) = admin(&node, &["enable-storage-envelope", "--detailed-exit-code"]);
    assert_eq!((status, node.look(|play| play.checks)), (10, 0));
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_id() {
    let node = Node::start(Play { manner: Manner::LosesFirst, ..play(v1::OperationKind::Rotate) });
    let (status, told) = admin(&node, &["rotate-dek", "--purpose", "storage"]);
    assert_eq!((status, &told["changed"]), (0, &true.into()), "{told}");
    let ids: BTreeSet<Vec<u8>> = node.look(|play| play.steps.iter().map(|(_, id)| id.clone()).collect());
    assert_eq!((sent(&node).len(), ids.len()), (2, 1));
}

#[test]
fn an_answer_that_stays_lost_is_an_unknown_outcome() {
    let node =
        Node::start(Play { manner: Manner::Refuses("OutcomeUnknown"), ..play(v1::OperationKind::Rotate) });
    let (status, told) = admin(&node, &["rotate-dek", "--purpose", "storage", "--deadline", "1200ms"]);
    assert_eq!((status, &told["changed"]), (13, &Value::Null), "{told}");
    let id = told["op_id"].as_str().unwrap();
    assert!(told["error"]["try"].as_str().unwrap().contains(&format!("--op-id {id}")), "{told}");
}

#[test]
fn not_waiting_and_waiting_too_long_end_with_eight_and_say_how_to_come_back() {
    let running = operation(v1::OperationKind::Rotate, v1::OperationState::Running, false);
    for flags in [&["--no-wait"][..], &["--deadline", "1s"]] {
        let node = Node::start(Play { scenes: vec![running.clone()], ..play(v1::OperationKind::Rotate) });
        let (status, told) = admin(&node, &[&["rotate-dek", "--purpose", "raft"], flags].concat());
        assert_eq!((status, &told["error"]["code"]), (8, &"EK-1603".into()), "{told}");
        let id = told["op_id"].as_str().unwrap();
        let back = format!("encryption rotate-dek --purpose raft --op-id {id}");
        assert!(told["error"]["try"].as_str().unwrap().contains(&back), "{told}");
        assert_eq!(sent(&node), ["rotate raft"]);
    }
}

/// A member that is down would keep the command from its end for as long as it may take.
#[test]
fn a_rotation_ends_without_a_member_that_is_down_and_a_cutover_does_not() {
    use v1::OperationKind as Kind;
    let waiting = v1::Waiting { member: "n3".into(), message: "no answer".into(), ..Default::default() };
    let missed = |kind| v1::Operation {
        waiting: vec![waiting.clone()],
        ..operation(kind, v1::OperationState::Done, false)
    };
    for (line, kind, wanted) in [
        (&["rotate-dek", "--purpose", "raft", "--deadline", "50s"][..], Kind::Rotate, 0),
        (&["enable-raft-envelope", "--deadline", "5s"], Kind::EnableRaft, 8),
    ] {
        let node =
            Node::start(Play { manner: Manner::NeverSilent, scenes: vec![missed(kind)], ..play(kind) });
        let began = std::time::Instant::now();
        let (status, told) = admin(&node, &[line, &YES].concat());
        assert_eq!((status, &told["changed"]), (wanted, &true.into()), "{told}");
        assert_eq!(told["warnings"].as_array().unwrap().len(), usize::from(wanted == 0), "{told}");
        assert!(began.elapsed().as_secs() < 20, "{line:?} took {:?}", began.elapsed());
    }
}

#[test]
fn an_interruption_looks_away_and_stops_nothing() {
    let running = operation(v1::OperationKind::Rotate, v1::OperationState::Running, false);
    let node = Node::start(Play { scenes: vec![running], ..play(v1::OperationKind::Rotate) });
    let line = ["encryption", "rotate-dek", "--purpose", "raft", "-o", "json", "--endpoint", &node.address];
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_elastickv-admin"))
        .args(line)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    node.wait_for_a_watcher();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["error"]["code"]), (Some(8), &"EK-1603".into()), "{told}");
    assert!(told["error"]["try"].as_str().unwrap().contains("--op-id"), "{told}");
}

#[test]
fn coming_back_with_the_id_begins_nothing_anew() {
    let node = Node::start(play(v1::OperationKind::EnableStorage));
    let line = [&["enable-storage-envelope", "--op-id", ID], &YES[..]].concat();
    assert_eq!(admin(&node, &[&line[..], &["--no-wait"]].concat()).0, 8);
    // Without a confirmation: it was given when the operation began.
    let (status, told) = admin(&node, &["enable-storage-envelope", "--op-id", ID]);
    assert_eq!((status, &told["op_id"]), (0, &ID.into()), "{told}");
    assert_eq!(sent(&node), ["enable storage"]);
    let (status, told) = admin(&node, &["rewrap-deks", "--op-id", ID]);
    assert_eq!((status, &told["error"]["code"]), (2, &"EK-1242".into()), "{told}");
}

#[test]
fn a_refusal_ends_with_the_status_of_its_reason() {
    for (reason, wanted) in [
        ("OperationRunning", 11),
        ("MembershipChanged", 11),
        ("KekUnavailable", 12),
        ("KekMismatch", 12),
        ("NotBootstrapped", 3),
        ("OperationIdExpired", 2),
    ] {
        let node = Node::start(Play { manner: Manner::Refuses(reason), ..play(v1::OperationKind::Rewrap) });
        let (status, told) = admin(&node, &["rewrap-deks"]);
        assert_eq!((status, &told["changed"]), (wanted, &false.into()), "{reason}: {told}");
    }
}

#[test]
fn keys_go_by_the_beginning_of_their_ids() {
    let node = Node::start(Play::default());
    let (status, told) = admin(&node, &["keys", "show", "0x1122"]);
    assert_eq!((status, &told["data"]["key"]["key_hex"]), (0, &"0x11222222".into()), "{told}");
    assert_eq!(admin(&node, &["keys", "show", "0x11"]).1["error"]["code"], "EK-1302");
    assert_eq!(admin(&node, &["keys", "show", "7"]).1["error"]["code"], "EK-1301");
    let (status, told) = admin(&node, &["register-writer", "n3", "--key-id", "0x1122"]);
    assert_eq!((status, &told["data"]["rows"][0]["key_id"]), (0, &0x1122_2222.into()), "{told}");
    assert_eq!(told["data"]["rows"][0]["node"], "n3");
}

#[test]
fn a_history_is_read_page_by_page_up_to_the_limit() {
    let node = Node::start(Play::default());
    for (limit, wanted, more) in [("3", 3, true), ("20", 20, true), ("50", 50, false), ("90", 50, false)] {
        let (status, told) = admin(&node, &["history", "--limit", limit]);
        let operations = told["data"]["operations"].as_array().unwrap();
        assert_eq!((status, operations.len(), &told["data"]["more"]), (0, wanted, &more.into()), "{limit}");
        let indexes: BTreeSet<&str> =
            operations.iter().map(|one| one["ended_index"].as_str().unwrap()).collect();
        assert_eq!(indexes.len(), wanted);
    }
    let (status, told) = admin(&node, &["history", "--id", ID]);
    assert_eq!((status, &told["error"]["code"]), (2, &"EK-1244".into()), "{told}");
}

#[test]
fn there_is_no_way_back() {
    let node = Node::start(Play::default());
    let (status, told) = admin(&node, &["disable"]);
    assert_eq!((status, &told["error"]["code"]), (3, &"EK-1249".into()));
    assert!(told["data"]["steps"].as_array().is_some_and(|steps| steps.len() > 3));
}
