//! What the page of the format draws is what is read and written.

use std::path::Path;

use elastickv_types::KeyId;

use super::super::keys;
use super::super::manifest::Manifest;
use super::super::seal::facts_of_bytes;
use super::super::{BackupError, KeyCount};

fn drawn(what: &str) -> &'static str {
    let page = include_str!("../../../../../../docs/formats/backup.md");
    let (_, rest) = page.split_once(&format!("```json {what}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn read(text: &str) -> Result<Manifest, BackupError> {
    Manifest::parse(Path::new("MANIFEST.json"), text.as_bytes())
}

#[test]
fn the_drawn_manifest_is_read_and_written() {
    let text = drawn("manifest");
    let manifest = read(text).unwrap();
    assert_eq!(manifest.keys, [KeyCount { key_id: 16_909_060, rows: 41_203 }]);
    assert_eq!(manifest.files.get("keys.json"), Some(&facts_of_bytes(drawn("keys").as_bytes())));
    assert_eq!(String::from_utf8(manifest.text().unwrap()).unwrap(), text);
}

#[test]
fn a_manifest_that_says_something_else_is_refused_by_name() {
    let text = drawn("manifest");
    assert!(matches!(read(&text.replace("backup/v1", "backup/v2")), Err(BackupError::Schema { .. })));
    assert!(matches!(
        read(&text.replace("\"rows\": 41205", "\"rows\": 41206")),
        Err(BackupError::Altered { .. })
    ));
    assert!(matches!(read(&text.replace("clear_rows", "grey_rows")), Err(BackupError::Unreadable { .. })));
    assert!(matches!(read(text.trim_end().trim_end_matches('}')), Err(BackupError::Unreadable { .. })));
    for elsewhere in ["../keys.json", ".keys", ""] {
        let mut manifest = read(text).unwrap();
        let facts = manifest.files.remove("keys.json").unwrap();
        manifest.files.insert(elsewhere.to_owned(), facts);
        let text = String::from_utf8(manifest.text().unwrap()).unwrap();
        assert!(matches!(read(&text), Err(BackupError::Unreadable { .. })), "{elsewhere:?}");
    }
}

#[test]
fn the_drawn_keys_are_read() {
    let parsed = keys::parse(Path::new("keys.json"), drawn("keys").as_bytes()).unwrap();
    let key = &parsed.keys[&KeyId::from_u32(16_909_060).unwrap()];
    assert_eq!((key.wrapped.as_bytes().len(), key.kek.version.as_str()), (60, "2207f30c"));
    for (good, bad) in
        [("\"version\": 1", "\"version\": 2"), ("\"active\",", "\"lively\","), ("EBES", "%%%%")]
    {
        let text = drawn("keys").replace(good, bad);
        assert!(keys::parse(Path::new("keys.json"), text.as_bytes()).is_err(), "{bad}");
    }
}
