//! Taking any text for the place of a key, or for a key. Panics are the failures that a fuzzer looks for.

use crate::{KekUri, environment};

/// Takes these bytes for a place. What is one is written as it was read.
pub fn uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<KekUri>() {
        Ok(uri) => assert_eq!(uri.to_string().parse(), Ok(uri), "written and read again it is another"),
        Err(error) => {
            assert!(!leaks(text, &format!("{error} {error:?}")), "an error repeats what it refuses")
        }
    }
}

/// Takes these bytes for a key in the environment.
pub fn key_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if environment::parse(text).is_ok() {
        assert!((43..=64).contains(&text.trim().len()), "{} letters are a key", text.len());
    }
}

/// Whether a stretch of one text, long enough to be no accident, stands in another.
fn leaks(text: &str, told: &str) -> bool {
    const LONG: usize = 12;
    let stretches =
        text.char_indices().filter_map(|(at, _)| text.get(at..).and_then(|rest| rest.get(..LONG)));
    stretches.into_iter().any(|stretch| told.contains(stretch))
}
