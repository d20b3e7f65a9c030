//! Wrapping: a data key sealed by a key that is kept elsewhere.
//!
//! ```text
//! wrapped   nonce 12 random ‖ ciphertext 32 ‖ tag 16
//! AAD       "elastickv/dek/v1" ‖ cluster id 16 ‖ key id u32 ‖ purpose u8
//! ```
//!
//! A wrapping key is used rarely, a few times for each data key, so random nonces are safe here.

use bytes::{BufMut, Bytes};
use elastickv_types::{ClusterId, KeyId, Purpose, WrappedKey};

use crate::aead::{Aead, KEY_BYTES, NONCE_BYTES, TAG_BYTES};
use crate::key::{KeyMaterial, derive, no_secret_yet};
use crate::{CryptoError, Result};

const MARK: &[u8; 16] = b"elastickv/dek/v1";
const AAD_BYTES: usize = 16 + 16 + 4 + 1;
const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

const FINGERPRINT_LABEL: &[u8] = b"elastickv kek";
const FINGERPRINT_BYTES: usize = 4;

/// What a wrapping is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrapContext {
    pub cluster: ClusterId,
    pub key: KeyId,
    pub purpose: Purpose,
}

impl WrapContext {
    /// The additional data of a wrapping, whoever makes it.
    pub fn aad(&self) -> [u8; AAD_BYTES] {
        let mut out = [0; AAD_BYTES];
        let mut rest = &mut out[..];
        rest.put_slice(MARK);
        rest.put_slice(self.cluster.as_bytes());
        rest.put_u32(self.key.get());
        rest.put_u8(self.purpose.as_u8());
        out
    }
}

impl KeyMaterial {
    /// What a wrapping of this key in a cluster is bound to.
    pub fn context(&self, cluster: ClusterId) -> WrapContext {
        WrapContext { cluster, key: self.id(), purpose: self.purpose() }
    }
}

/// A key that wraps data keys and whose bytes this process holds. It can not be cloned, printed or read.
#[expect(missing_debug_implementations, reason = "a key can not be printed")]
pub struct WrappingKey {
    aead: Aead,
    fingerprint: [u8; FINGERPRINT_BYTES],
}

impl WrappingKey {
    pub const BYTES: usize = KEY_BYTES;

    /// Makes a key of the bytes that `read` puts in place.
    pub fn load<E>(read: impl FnOnce(&mut [u8; KEY_BYTES]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = no_secret_yet();
        read(&mut secret)?;
        let [a, b, c, d, ..] = derive(&secret, FINGERPRINT_LABEL);
        Ok(Self { aead: Aead::new(&secret), fingerprint: [a, b, c, d] })
    }

    /// A few derived bytes that tell one wrapping key from another and nothing of it.
    pub fn fingerprint(&self) -> [u8; FINGERPRINT_BYTES] {
        self.fingerprint
    }

    pub fn wrap(&self, cluster: ClusterId, key: &KeyMaterial, random: impl FnOnce(&mut [u8])) -> WrappedKey {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce);
        let mut out = Vec::with_capacity(WRAPPED_BYTES);
        out.put_slice(&nonce);
        let mut text = no_secret_yet();
        text.copy_from_slice(key.secret().as_slice());
        let aad = key.context(cluster).aad();
        let tag = self.aead.seal(&nonce, &aad, text.as_mut_slice()).expect("a key is not too much to seal");
        out.put_slice(text.as_slice());
        out.put_slice(&tag);
        WrappedKey::new(Bytes::from(out)).expect("a wrapping is neither empty nor too long")
    }

    pub fn unwrap(&self, context: WrapContext, wrapped: &WrappedKey) -> Result<KeyMaterial> {
        let WrapContext { key, purpose, .. } = context;
        let refused = CryptoError::Wrapping { key, purpose };
        let wrapped: &[u8; WRAPPED_BYTES] = wrapped.as_bytes().as_ref().try_into().map_err(|_| refused)?;
        let (nonce, sealed) = wrapped.split_first_chunk().ok_or(refused)?;
        let (text, tag) = sealed.split_last_chunk().ok_or(refused)?;
        let mut secret = no_secret_yet();
        secret.copy_from_slice(text);
        let opened = self.aead.open(nonce, &context.aad(), secret.as_mut_slice(), tag);
        opened.map_err(|_| refused)?;
        Ok(KeyMaterial::unwrapped(key, purpose, secret))
    }
}
