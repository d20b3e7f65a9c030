//! What the state machine decides, as transcripts. `UPDATE_GOLDENFILES=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]
#![allow(clippy::disallowed_methods, reason = "the scripts are files of the sources")]

mod support;

use std::path::{Path, PathBuf};

use support::script::Script;

fn scripts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let inside = |dir: &Path| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<_> = inside(&root).flat_map(|folder| inside(&folder).collect::<Vec<_>>()).collect();
    scripts.sort();
    scripts
}

#[test]
fn each_script_tells_what_it_told() {
    for script in scripts() {
        goldenscript::run(&mut Script::default(), &script)
            .unwrap_or_else(|error| panic!("{script:?}: {error}"));
    }
}

/// A rule that no transcript shows is a rule that nobody would miss.
#[test]
fn each_rejection_is_in_some_script() {
    let told: String = scripts().iter().map(|script| std::fs::read_to_string(script).unwrap()).collect();
    for code in 1..=33 {
        assert!(told.contains(&format!("REJECTED [{code}] ")), "rejection {code}");
    }
    let misfits =
        ["the entry is clear, and", "the group is not cut over", "does not accept", "travels clear"];
    for misfit in misfits {
        assert!(told.lines().any(|line| line.contains("MISFIT") && line.contains(misfit)), "{misfit}");
    }
    let writes = [
        "what came of those up to",
        "claims to be drawn",
        "is not above",
        "can not be judged",
        " changed at ",
        " is locked by ",
        "it was rolled back",
        "it was committed at",
        "what became of transactions",
        "claims to have begun",
        "no key is locked by",
        "is not locked by its transaction",
        "more keys would be locked",
    ];
    for rejection in writes {
        assert!(
            told.lines().any(|line| line.contains("REJECTED") && line.contains(rejection)),
            "{rejection}"
        );
    }
}
