//! Keys in the environment.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

const VARIABLE: &str = "ELASTICKV_TEST_WRAPPING_KEY";
const EXPECTED: &str = "ELASTICKV_TEST_EXPECTED";

fn open(name: &str) -> Result<Kek> {
    Kek::open(&KekUri::Environment(name.to_owned()), random())
}

#[test]
fn both_spellings_are_the_same_key() {
    let bytes: [u8; 32] = std::array::from_fn(|at| 0xf0 ^ at as u8);
    let padded = STANDARD.encode(bytes);
    let url = padded.replace('+', "-").replace('/', "_");
    let spellings = [
        hex::encode(bytes),
        hex::encode_upper(bytes),
        padded.clone(),
        url,
        format!(" {}\n", hex::encode(bytes)),
    ];
    let prints: Vec<_> =
        spellings.iter().map(|text| environment::parse(text).map(|key| key.fingerprint()).ok()).collect();
    assert!(prints[0].is_some() && prints.iter().all(|print| *print == prints[0]), "{prints:?}");
    assert!(environment::parse(padded.trim_end_matches('=')).is_ok());
}

#[test]
fn other_texts_are_none() {
    let short = STANDARD.encode([7; 31]);
    let long = STANDARD.encode([7; 33]);
    for text in ["", "secret", &"f".repeat(63), &"f".repeat(65), &"g".repeat(64), &short, &long] {
        assert_eq!(environment::parse(text).err(), Some(TextFault::Malformed), "{text}");
    }
    assert_eq!(environment::parse(&"0".repeat(64)).err(), Some(TextFault::Zero));
    let missing = KekError::Environment { name: "NOT_SET_ANYWHERE".to_owned(), fault: TextFault::Missing };
    assert_eq!(open("NOT_SET_ANYWHERE").err(), Some(missing));
}

/// Runs itself with a variable set: a process can not set its own safely.
#[test]
fn a_variable_is_read_and_an_error_does_not_repeat_it() {
    if let Ok(expected) = std::env::var(EXPECTED) {
        let told = format!("{:?}", open(VARIABLE));
        assert!(told.contains(&expected), "{told}");
        assert!(!told.contains("abadcafe"), "{told}");
        return;
    }
    let name = std::thread::current().name().unwrap().to_owned();
    for (value, expected) in
        [("abadcafe".repeat(8), "provider: \"env\""), ("abadcafe".repeat(7), "Malformed")]
    {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args([&name, "--exact", "--nocapture"]).env(VARIABLE, value).env(EXPECTED, expected);
        let told = again.output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert!(String::from_utf8_lossy(&told.stdout).contains("1 passed"));
    }
}
