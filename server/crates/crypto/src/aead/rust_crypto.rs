//! The crate `aes-gcm`, which asks the processor at run time what it can do.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};

use super::{Forged, KEY_BYTES, NONCE_BYTES, TAG_BYTES, TooMuch};

pub(super) struct Key(Box<Aes256Gcm>);

impl Key {
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Box::new(Aes256Gcm::new(key.into())))
    }

    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], TooMuch> {
        let sealed = self.0.encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text));
        sealed.map(Into::into).map_err(|_| TooMuch)
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        let opened = self.0.decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text), tag.into());
        opened.map_err(|_| Forged)
    }
}

/// Asks the processor what the crates below ask it.
#[cfg(target_arch = "x86_64")]
pub(super) fn name() -> &'static str {
    let carryless = is_x86_feature_detected!("avx") && is_x86_feature_detected!("pclmulqdq");
    let wide = is_x86_feature_detected!("vaes");
    let widest = wide && is_x86_feature_detected!("avx512f");
    match (is_x86_feature_detected!("aes"), carryless) {
        (true, true) if widest => "aes-gcm: vaes (512 bit), clmul",
        (true, true) if wide => "aes-gcm: vaes (256 bit), clmul",
        (true, true) => "aes-gcm: aes-ni, clmul",
        (true, false) => "aes-gcm: aes-ni, soft ghash (slow)",
        (false, _) => "aes-gcm: soft (slow)",
    }
}

#[cfg(target_arch = "aarch64")]
pub(super) fn name() -> &'static str {
    match std::arch::is_aarch64_feature_detected!("aes") {
        true => "aes-gcm: armv8 aes, pmull",
        false => "aes-gcm: soft (slow)",
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn name() -> &'static str {
    "aes-gcm: soft (slow)"
}
