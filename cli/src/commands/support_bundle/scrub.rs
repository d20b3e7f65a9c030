//! What looks like a secret in a line of a log is left out, whoever wrote it and whosever it is.
//!
//! No line of a server shows one. This is for the case that one does after all: a token as `certs token` makes them, whatever stands
//! behind the word Bearer, and 32 bytes in hexadecimal, which a key or the hash of a token would be.

const LEFT_OUT: &str = "[left out]";
/// 32 bytes in Base64 for addresses, without padding.
const TOKEN: usize = 43;
/// 32 bytes in hexadecimal.
const KEY: usize = 64;

pub fn scrub(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut rest, mut is_bearer) = (line, false);
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_of_a_word(letter)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        out.push_str(if is_secret(word) || (is_bearer && !word.is_empty()) { LEFT_OUT } else { word });
        if !word.is_empty() {
            is_bearer = word.eq_ignore_ascii_case("bearer");
        }
        let next = behind.find(is_of_a_word).unwrap_or(behind.len());
        let (between, after) = behind.split_at(next);
        out.push_str(between);
        rest = after;
    }
    out
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

fn is_secret(word: &str) -> bool {
    let is_hex = word.len() >= KEY && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    // Names of parts and metrics are long as well, and have no capitals.
    let is_random = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    is_hex || (word.len() == TOKEN && is_random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_left_out() {
        let token = "Zr3aQ0c9-_8kS1mXvB7nY2tLw5uE4oI6pD0fGhJqRsA";
        let key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (line, wanted) in [
            (format!("who={token} did"), "who=[left out] did"),
            (format!("authorization: Bearer {token}"), "authorization: Bearer [left out]"),
            ("bearer abc, and more".to_owned(), "bearer [left out], and more"),
            (format!("sha256 \"{key}\""), "sha256 \"[left out]\""),
            (format!("{key}{key}"), "[left out]"),
        ] {
            assert_eq!(scrub(&line), wanted);
        }
        let harmless =
            "INFO elastickv::boot: 0193f2c4-7a11-4be2-9d57-2f1f6c0a8e31 ключ=größer 9f86d081884c7d65";
        assert_eq!(scrub(harmless), harmless);
    }
}
