//! Every typed name by which the server refuses is known here: an operator never reads "not understood"
//! of something that this very source tree says.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test reads the source tree"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use elastickv_admin::error::{Code, Reason};

/// What the names stand behind in the server's code.
const MARKS: [&str; 3] = ["Code::", "bad_request(", "limited("];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The string literal right after a mark, with at most a word and a comma in between.
fn name_after(text: &str) -> Option<&str> {
    let start = text.find('"').filter(|at| *at < 80)?;
    let between = text.get(..start)?;
    let plain =
        between.chars().all(|letter| letter.is_alphanumeric() || letter.is_whitespace() || letter == ',');
    let name = text.get(start + 1..)?.split('"').next()?;
    let pascal = name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric());
    (plain && pascal).then_some(name)
}

fn sent_by_the_server() -> BTreeSet<String> {
    let mut files = Vec::new();
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/rpc");
    sources(&server, &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for mark in MARKS {
            names.extend(text.split(mark).skip(1).filter_map(name_after).map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_reason_of_the_server_has_a_code_that_explains_itself() {
    let names = sent_by_the_server();
    // The search itself must not have gone blind.
    for certain in
        ["NotLeader", "NoQuorum", "OutcomeUnknown", "Busy", "EmptyKey", "KeyTooLarge", "UnknownGroup"]
    {
        assert!(names.contains(certain), "{certain} was not found in {names:?}");
    }
    let unknown: Vec<&String> = names.iter().filter(|name| Reason::parse(name).is_none()).collect();
    assert!(unknown.is_empty(), "no code for {unknown:?}");
}

/// What the interface promises, whether or not today's server sends it.
#[test]
fn every_promised_reason_has_a_code() {
    for name in [
        "NotLeader",
        "NoLeader",
        "NoQuorum",
        "OutcomeUnknown",
        "Busy",
        "StorageFull",
        "KeyTooLarge",
        "ValueTooLarge",
        "EmptyKey",
        "BadRequestId",
        "UnknownGroup",
        "NotReady",
        "Draining",
        "MembershipConflict",
        "ChangeInProgress",
        "UnknownMember",
        "NodeNameUsed",
        "NotAVoter",
        "AlreadyAMember",
        "ForeignCluster",
        "WrongNode",
        "LastVoter",
        "LaggingLearner",
        "Unreachable",
        "Fault",
    ] {
        let reason = Reason::parse(name).unwrap_or_else(|| panic!("{name} is not known"));
        assert_eq!(Code::find(&reason.code().to_string()), Some(reason.code()));
    }
}

/// What the replicas decide travels under the names they give it.
#[test]
fn every_rejection_of_the_replicas_has_a_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/crates/fsm/src/plan/rejection.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let numbered =
        text.split("pub fn code(&self) -> u32 {").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let name = |line: &str| {
        let rest = line.trim().strip_prefix("Rejection::")?;
        Some(rest.split(|letter: char| !letter.is_alphanumeric()).next()?.to_owned())
    };
    let names: Vec<String> = numbered.lines().filter_map(name).collect();
    assert!(names.len() >= 29 && names.contains(&"OperationRunning".to_owned()), "{names:?}");
    let unknown: Vec<&String> = names.iter().filter(|name| Reason::parse(name).is_none()).collect();
    assert!(unknown.is_empty(), "no code for {unknown:?}");
}
