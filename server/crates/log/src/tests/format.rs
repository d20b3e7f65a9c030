//! The bytes of a small segment are those drawn in `docs/formats/raft-log.md`.

use super::*;

/// The bytes of the drawn block that begins with this name: hexadecimal, and on each line a comment.
fn drawn(name: &str) -> Vec<u8> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/formats/raft-log.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = page.split("```").find(|block| block.starts_with(&format!("hex {name}\n")));
    let lines = block.unwrap_or_else(|| panic!("no block called {name}")).lines().skip(1);
    let digits: String = lines.map(|line| line.split('#').next().unwrap().replace(' ', "")).collect();
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .chunks(16)
        .map(|line| line.iter().map(|byte| format!("{byte:02x} ")).collect::<String>() + "\n")
        .collect()
}

fn write_the_example(dir: &Path) {
    let log = open(dir, Options { random: Same::shared(0x5e), ..small() }).unwrap();
    log.vote_now(vote(3)).unwrap();
    log.append_now(vec![entry(3, 0, b"first"), entry(3, 1, b"second")]).unwrap();
    log.save_committed(Some(id(3, 0)));
    log.truncate_now(Some(at(0))).unwrap();
    log.purge_now(id(3, 0)).unwrap();
    log.close().unwrap();
}

#[test]
fn a_small_log_has_the_drawn_bytes() {
    let dir = scratch();
    write_the_example(dir.path());
    let path = dir.path().join("log");
    assert_eq!(hex(&std::fs::read(path.join("identity")).unwrap()), hex(&drawn("identity")));
    let mut segment = std::fs::read(path.join("0000000001.log")).unwrap();
    assert_eq!(segment.len(), 2048);
    let end = segment.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    segment.truncate(end.next_multiple_of(8));
    assert_eq!(hex(&segment), hex(&drawn("segment")));
}

#[test]
fn the_drawn_bytes_open() {
    let dir = scratch();
    let path = dir.path().join("log");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("identity"), drawn("identity")).unwrap();
    let mut segment = drawn("segment");
    segment.resize(2048, 0);
    std::fs::write(path.join("0000000001.log"), segment).unwrap();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.vote(), Some(vote(3)));
    assert_eq!(
        (log.purged(), log.last_id(), log.committed()),
        (Some(id(3, 0)), Some(id(3, 0)), Some(id(3, 0)))
    );
    log.append_now(vec![entry(3, 1, b"on")]).unwrap();
}
