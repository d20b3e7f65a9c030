//! The committed completions, manual pages and tables are those the command tree makes now.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test reads the files of the source tree"
)]

use std::collections::BTreeSet;
use std::path::Path;

use elastickv_admin::generated::{DOCUMENT, everything};

const HOW: &str = "run: cargo run -p elastickv-admin --example generate";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn generated_files_are_up_to_date() {
    let document = std::fs::read_to_string(root().join(DOCUMENT)).unwrap();
    for page in everything(&document).unwrap() {
        let found = std::fs::read(root().join(&page.name)).unwrap_or_default();
        assert!(found == page.bytes, "{} is stale; {HOW}", page.name);
    }
}

#[test]
fn no_page_of_a_command_that_is_gone_is_left() {
    let document = std::fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let wanted: BTreeSet<String> = everything(&document).unwrap().into_iter().map(|page| page.name).collect();
    for directory in ["completions", "man"] {
        for entry in std::fs::read_dir(root().join(directory)).unwrap() {
            let name = format!("{directory}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(wanted.contains(&name), "{name} belongs to no command; remove it");
        }
    }
}

/// Sources the script in a real bash and asks what it offers behind some words.
fn offered_by_bash(words: &[&str]) -> Vec<String> {
    let script = root().join("completions/elastickv-admin.bash");
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let last = words.len() - 1;
    let program = format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={last}; \
         _elastickv_admin elastickv-admin '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        quoted.join(" "),
        words[last],
        words[last - 1],
    );
    let here = Path::new(env!("CARGO_BIN_EXE_elastickv-admin")).parent().unwrap();
    let path = format!("{}:{}", here.display(), std::env::var("PATH").unwrap());
    let output =
        std::process::Command::new("bash").args(["-c", &program]).env("PATH", path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let offers = |words: &[&str], wanted: &str| {
        let offered = offered_by_bash(words);
        assert!(offered.iter().any(|word| word == wanted), "{words:?} offers {offered:?}");
    };
    offers(&["elastickv-admin", "cl"], "cluster");
    offers(&["elastickv-admin", "cluster", "add"], "add-learner");
    offers(&["elastickv-admin", "cluster", "add-learner", "--prev"], "--previous-index");
    offers(&["elastickv-admin", "cluster", "wait", "--output", ""], "ndjson");
    offers(&["elastickv-admin", "kv", "get", "--keys", "b"], "base64");
    offers(&["elastickv-admin", "explain", "EK-1003"], "EK-1003");
}

/// Nobody listens there: nothing is offered, and nothing is said.
#[test]
fn values_of_a_cluster_that_does_not_answer_are_left_out_in_silence() {
    let words = ["elastickv-admin", "--endpoint", "127.0.0.1:1", "cluster", "remove", ""];
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_elastickv-admin"))
        .args(["--", "5"])
        .args(words)
        .env("ELASTICKV_ADMIN_COMPLETE", "bash")
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let offered = String::from_utf8(output.stdout).unwrap();
    assert!(offered.lines().all(|word| word.is_empty() || word.starts_with('-')), "{offered:?}");
}
