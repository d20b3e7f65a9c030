//! Every kind of document that the program writes has a schema.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use elastickv_admin::schema::{KINDS, Kind};

/// Names of kinds as the sources have them.
fn kinds_below(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            kinds_below(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once("const KIND: &'static str = \"") {
            let (name, after) = after.split_once('"').unwrap();
            found.insert(name.to_owned());
            rest = after;
        }
    }
}

#[test]
fn every_kind_of_the_sources_has_a_schema() {
    let mut found = BTreeSet::new();
    kinds_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let listed: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
    assert!(found.len() > 40, "{found:?}");
    assert_eq!(listed, found, "cli/src/schema.rs lists the kinds");
}

/// The documents that are kept as golden files have no field that their schema does not name.
#[test]
fn golden_documents_have_the_fields_of_their_schemas() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut looked_at = 0;
    for entry in std::fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let document: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let kind = document["kind"].as_str().unwrap();
        let schema = Kind::find(kind).unwrap_or_else(|| panic!("{kind}")).schema();
        let named = |fields: &serde_json::Value| -> BTreeSet<String> {
            fields.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
        };
        assert_eq!(named(&document), named(&schema["properties"]), "{}", path.display());
        looked_at += 1;
    }
    assert!(looked_at > 40, "{looked_at}");
}
