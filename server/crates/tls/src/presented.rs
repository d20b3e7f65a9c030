//! A certificate that was shown at a handshake, for as long as its connection stands.
//!
//! The handshake has found it good by the authorities of that moment. Authorities are replaced while connections stand: the one
//! that vouched for it may have been taken out since, because its key is in other hands. So it is judged again whenever the files
//! were replaced, as it would be if it were shown now.

use std::sync::atomic::{AtomicU64, Ordering};

use rustls::pki_types::CertificateDer;

use crate::{Live, Names};

#[derive(Debug)]
pub struct Presented {
    pub names: Names,
    /// The certificate itself, and those between it and an authority.
    chain: Vec<CertificateDer<'static>>,
    /// The generation of files by which it was last found good.
    judged: AtomicU64,
}

impl Presented {
    /// What was shown at a handshake with files of this generation, or of a later one.
    pub fn read(chain: &[CertificateDer<'_>], generation: u64) -> Result<Option<Self>, String> {
        let Some(own) = chain.first() else { return Ok(None) };
        let chain = chain.iter().map(|certificate| certificate.clone().into_owned()).collect();
        Ok(Some(Self { names: Names::read(own)?, chain, judged: AtomicU64::new(generation) }))
    }

    /// Whether the authorities of today vouch for it.
    pub fn is_vouched_for(&self, live: &Live, now_ms: u64) -> bool {
        // What is found out below is found by these files or by later ones.
        let generation = live.generation();
        if self.judged.load(Ordering::Relaxed) == generation {
            return true;
        }
        let vouched = live.vouches_for(&self.chain, now_ms);
        if vouched {
            self.judged.store(generation, Ordering::Relaxed);
        }
        vouched
    }
}
