//! The crate `aes-gcm`, which asks the processor at run time what it can do.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};

use super::{Forged, KEY_BYTES, NONCE_BYTES, TAG_BYTES, TooMuch};

/// What a call uses of the stack, at most.
pub(super) const CALL_STACK_BYTES: usize = 8 << 10;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Both halves of a key clear themselves: this does not compile when the feature for it is lost.
    #[test]
    fn keys_are_cleared_when_dropped() {
        fn cleared<T: zeroize::ZeroizeOnDrop>() {}
        cleared::<Aes256Gcm>();
        cleared::<zeroize::Zeroizing<[u8; KEY_BYTES]>>();
    }

    /// A processor that can do it in hardware is not left to software, whatever the compiler was told.
    #[test]
    #[cfg(target_arch = "x86_64")]
    #[allow(clippy::disallowed_methods, reason = "asks the kernel for a second opinion")]
    fn instructions_of_the_processor_are_used() {
        let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let flags: Vec<&str> =
            told.lines().find(|line| line.starts_with("flags")).unwrap_or("").split(' ').collect();
        let has = |flag| flags.contains(&flag);
        assert_eq!(!name().contains("soft"), has("aes") && has("pclmulqdq") && has("avx"), "{}", name());
        assert_eq!(name().contains("vaes"), has("aes") && has("pclmulqdq") && has("vaes"), "{}", name());
    }
}
