//! Data keys.
//!
//! A key is first *material*: bytes that were just drawn or just unwrapped, which can be wrapped and told
//! apart by their commitment. Making it a [`Dek`] uses the material up and leaves only the cipher's schedule
//! of it. Which of the two envelopes a `Dek` seals is part of its type, so sealing one with the key of the
//! other does not compile. Neither form can be cloned, printed or read.

use std::fmt;
use std::marker::PhantomData;

use elastickv_types::{Commitment, KeyId, Purpose};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::aead::{Aead, KEY_BYTES};
use crate::context::{Context, EntryContext, RowContext};
use crate::{CryptoError, Result};

const COMMITMENT_LABEL: &[u8] = b"elastickv commit";

/// Secret bytes that stay where they are until they are cleared.
pub(crate) type Secret = Box<Zeroizing<[u8; KEY_BYTES]>>;

pub(crate) fn no_secret_yet() -> Secret {
    Box::new(Zeroizing::new([0; KEY_BYTES]))
}

/// Says of a secret which one it is, and nothing else.
pub(crate) fn derive(secret: &Secret, label: &[u8]) -> [u8; 32] {
    let mut derived = [0; 32];
    let expanded = Hkdf::<Sha256>::new(None, secret.as_slice()).expand(label, &mut derived);
    expanded.expect("one block of SHA-256 can always be expanded");
    derived
}

/// The bytes of a data key between being drawn or unwrapped and being used.
#[expect(missing_debug_implementations, reason = "a key can not be printed")]
pub struct KeyMaterial {
    id: KeyId,
    purpose: Purpose,
    secret: Secret,
}

impl KeyMaterial {
    /// Makes a new key of what a source of randomness writes.
    ///
    /// # Panics
    /// When it wrote nothing but zeroes: then it is broken, and a key that everybody knows is worse than none.
    pub fn draw(id: KeyId, purpose: Purpose, random: impl FnOnce(&mut [u8])) -> Self {
        let mut secret = no_secret_yet();
        random(secret.as_mut_slice());
        assert!(secret.iter().any(|byte| *byte != 0), "the source of randomness gave only zeroes");
        Self { id, purpose, secret }
    }

    pub(crate) fn unwrapped(id: KeyId, purpose: Purpose, secret: Secret) -> Self {
        Self { id, purpose, secret }
    }

    pub fn id(&self) -> KeyId {
        self.id
    }

    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    pub fn commitment(&self) -> Commitment {
        Commitment::new(derive(&self.secret, COMMITMENT_LABEL))
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What a data key is for, as a type.
pub trait Usage: sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    const PURPOSE: Purpose;
    #[doc(hidden)]
    const FLAGS: u8;
    /// What an envelope is bound to.
    #[doc(hidden)]
    type Context<'a>: Context;
}

/// Keys that seal the values of rows.
#[derive(Debug)]
pub enum Storage {}

/// Keys that seal the entries of Raft logs.
#[derive(Debug)]
pub enum Raft {}

impl sealed::Sealed for Storage {}
impl sealed::Sealed for Raft {}

impl Usage for Storage {
    const PURPOSE: Purpose = Purpose::Storage;
    const FLAGS: u8 = 0b0000_0001;
    type Context<'a> = RowContext<'a>;
}

impl Usage for Raft {
    const PURPOSE: Purpose = Purpose::Raft;
    const FLAGS: u8 = 0;
    type Context<'a> = EntryContext;
}

/// A data key, ready to seal and open.
#[expect(missing_debug_implementations, reason = "a key can not be printed")]
pub struct Dek<U: Usage> {
    id: KeyId,
    commitment: Commitment,
    pub(crate) aead: Aead,
    usage: PhantomData<fn() -> U>,
}

impl<U: Usage> Dek<U> {
    /// Makes material ready, and refuses material that was made for the other purpose.
    pub fn new(material: KeyMaterial) -> Result<Self> {
        let (key, found) = (material.id, material.purpose);
        if found != U::PURPOSE {
            return Err(CryptoError::OtherPurpose { key, asked: U::PURPOSE, found });
        }
        let commitment = material.commitment();
        Ok(Self { id: key, commitment, aead: Aead::new(&material.secret), usage: PhantomData })
    }

    pub fn id(&self) -> KeyId {
        self.id
    }

    pub fn commitment(&self) -> Commitment {
        self.commitment
    }
}
