//! From what an operator typed to the one key that is meant.

use elastickv_proto::v1;

use crate::error::{CliError, Code};
use crate::model::encryption::key_hex;

/// The key whose id was typed: in decimal, in hexadecimal behind `0x`, or the beginning of one of them. A whole id is
/// that key's, even if another one begins so.
pub fn resolve<'a>(typed: &str, keys: &'a [v1::EncryptionKey]) -> Result<&'a v1::EncryptionKey, CliError> {
    let typed = typed.trim().to_ascii_lowercase();
    let spelling = |key: &v1::EncryptionKey| match typed.starts_with("0x") {
        true => key_hex(key.key_id),
        false => key.key_id.to_string(),
    };
    if let Some(key) = keys.iter().find(|key| Some(key.key_id) == whole(&typed)) {
        return Ok(key);
    }
    let begins = |key: &&v1::EncryptionKey| has_digits(&typed) && spelling(key).starts_with(&typed);
    let found: Vec<&v1::EncryptionKey> = keys.iter().filter(begins).collect();
    match found.as_slice() {
        [key] => Ok(key),
        [] => Err(CliError::new(Code::UnknownKeyId, format!("no data key has the id {typed:?}"))),
        several => {
            let ids: Vec<String> = several.iter().map(|key| spelling(key)).collect();
            let text = format!("{typed:?} is the beginning of {}", ids.join(", "));
            Err(CliError::new(Code::AmbiguousKeyId, text))
        }
    }
}

fn whole(typed: &str) -> Option<u32> {
    match typed.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => typed.parse().ok(),
    }
}

/// Nothing, and `0x` alone, is the beginning of everything and means nobody.
fn has_digits(typed: &str) -> bool {
    !typed.trim_start_matches("0x").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Result<u32, Code> {
        let key = |key_id| v1::EncryptionKey { key_id, ..Default::default() };
        let keys = [key(305_419_896), key(305), key(286_331_153), key(0x1234_0000)];
        resolve(typed, &keys).map(|key| key.key_id).map_err(|error| error.code())
    }

    #[test]
    fn a_key_goes_by_decimal_hex_or_the_beginning_of_one() {
        for typed in ["305419896", "0x12345678", "0X12345678", "3054", "0x12345"] {
            assert_eq!(found(typed), Ok(305_419_896), "{typed}");
        }
        assert_eq!(found("2"), Ok(286_331_153));
    }

    #[test]
    fn a_whole_id_is_that_key_though_another_begins_so() {
        assert_eq!(found("305"), Ok(305));
        assert_eq!(found("0x131"), Ok(305));
    }

    #[test]
    fn what_fits_none_or_several_is_an_error() {
        for typed in ["", "0x", "9", "0xf", "key", "-1", "99999999999"] {
            assert_eq!(found(typed), Err(Code::UnknownKeyId), "{typed:?}");
        }
        assert_eq!(found("0x1234"), Err(Code::AmbiguousKeyId));
        assert_eq!(found("30"), Err(Code::AmbiguousKeyId));
    }
}
