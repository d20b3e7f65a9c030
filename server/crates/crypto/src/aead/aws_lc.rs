//! The crate `aws-lc-rs`: assembly chosen at run time, in a library that clears its keys itself.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{Forged, KEY_BYTES, NONCE_BYTES, TAG_BYTES, TooMuch};

/// It clears what it used itself.
pub(super) const CALL_STACK_BYTES: usize = 0;

pub(super) struct Key(Box<LessSafeKey>);

impl Key {
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("the cipher takes keys of this length");
        Self(Box::new(LessSafeKey::new(key)))
    }

    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], TooMuch> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), text).map_err(|_| TooMuch)?;
        tag.as_ref().try_into().map_err(|_| TooMuch)
    }

    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text);
        opened.map(|_| ()).map_err(|_| Forged)
    }
}

pub(super) fn name() -> &'static str {
    "aws-lc"
}
