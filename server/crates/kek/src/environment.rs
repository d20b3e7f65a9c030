//! A wrapping key in an environment variable, in hexadecimal digits or in Base64.
//!
//! For trying things out. A variable can be read by whoever may look at the process, as long as it runs:
//! docs/adr/0014-key-in-the-environment.md says why it is not removed.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use elastickv_crypto::WrappingKey;
use elastickv_sys::random::SharedRandom;
use zeroize::Zeroizing;

use crate::error::TextFault;
use crate::local::{LocalKek, is_zero};
use crate::{KekError, Result};

const ALPHABETS: [&GeneralPurpose; 4] = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];

/// Base64 is decoded in groups of three bytes.
const DECODED_BYTES: usize = WrappingKey::BYTES.div_ceil(3) * 3;

pub(crate) fn open(name: &str, random: SharedRandom) -> Result<LocalKek> {
    let refused = |fault| KekError::Environment { name: name.to_owned(), fault };
    let text = match std::env::var(name) {
        Ok(text) => Zeroizing::new(text),
        Err(std::env::VarError::NotPresent) => return Err(refused(TextFault::Missing)),
        Err(std::env::VarError::NotUnicode(_)) => return Err(refused(TextFault::Malformed)),
    };
    let key = parse(&text).map_err(refused)?;
    tracing::warn!(
        variable = name,
        "the wrapping key comes from the environment, where whoever may look at this process can read it"
    );
    Ok(LocalKek::new(key, "env", name, random))
}

pub(crate) fn parse(text: &str) -> Result<WrappingKey, TextFault> {
    WrappingKey::load(|key| {
        decode(text.trim(), key).ok_or(TextFault::Malformed)?;
        if is_zero(key) { Err(TextFault::Zero) } else { Ok(()) }
    })
}

fn decode(text: &str, key: &mut [u8; WrappingKey::BYTES]) -> Option<()> {
    if hex::decode_to_slice(text, key).is_ok() {
        return Some(());
    }
    let mut decoded = Zeroizing::new([0; DECODED_BYTES]);
    let len =
        ALPHABETS.iter().find_map(|alphabet| alphabet.decode_slice(text, decoded.as_mut_slice()).ok())?;
    *key = decoded.get(..len)?.try_into().ok()?;
    Some(())
}
