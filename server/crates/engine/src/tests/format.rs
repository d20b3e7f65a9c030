//! The bytes that are drawn in docs/formats/state-store.md.

use super::name;
use crate::Batch;
use crate::subject::{Fjall, Subject};

const PAGE: &str = include_str!("../../../../../docs/formats/state-store.md");

/// The bytes under a heading of the page, which stand there in hexadecimal.
fn drawn(heading: &str) -> Vec<u8> {
    let part = PAGE.split(&format!("## {heading}\n")).nth(1).unwrap();
    let block = part.split("```hex\n").nth(1).unwrap().split("```").next().unwrap();
    let digits: Vec<_> = block.chars().filter(char::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

#[test]
fn a_batch_is_what_is_drawn() {
    let mut subject = Fjall::new();
    subject.engine().create_keyspace(&name("rows")).unwrap();
    let mut batch = Batch::default();
    batch.put(&name("rows"), "key", "value");
    batch.delete(&name("rows"), "gone");
    subject.engine().write(batch).unwrap();
    let drawn = drawn("A batch in the journal");
    subject.reopen();
    let journal = std::fs::read(subject.dir.path().join("0.jnl")).unwrap();
    assert_eq!(hex(&journal[journal.len() - drawn.len()..]), hex(&drawn));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
