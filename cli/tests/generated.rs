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

const HOW: &str = "run: cargo run -p elastickv-admin -- generate .";

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
