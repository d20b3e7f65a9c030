//! How often something sealed did not open here, and why: for those who watch.
//!
//! What waits for a key is no failure. Everything else is: a node never meets such a thing while all is well.

use std::sync::atomic::{AtomicU64, Ordering};

use elastickv_crypto::CryptoError;

use crate::error::Lookup;

/// Why it did not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The key that it names is none of this node's, or serves something else.
    Key,
    /// It was changed, or stands where it was not put.
    Integrity,
    /// It is no envelope that this build knows.
    Malformed,
}

impl Failure {
    pub const ALL: [Failure; 3] = [Failure::Key, Failure::Integrity, Failure::Malformed];

    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Key => "key",
            Failure::Integrity => "integrity",
            Failure::Malformed => "malformed",
        }
    }
}

#[derive(Debug, Default)]
pub struct Failures {
    key: AtomicU64,
    integrity: AtomicU64,
    malformed: AtomicU64,
}

impl Failures {
    pub fn of(&self, failure: Failure) -> u64 {
        self.counter(failure).load(Ordering::Relaxed)
    }

    pub fn looked_up(&self, lookup: &Lookup) {
        match lookup {
            Lookup::NotOpen { .. } | Lookup::NoSealKey { .. } => {}
            Lookup::Unknown { .. } | Lookup::OtherPurpose { .. } | Lookup::Retired { .. } => {
                self.count(Failure::Key);
            }
        }
    }

    pub fn opened(&self, error: &CryptoError) {
        let failure = match error {
            CryptoError::Integrity { .. } => Failure::Integrity,
            CryptoError::OtherKey { .. } | CryptoError::OtherPurpose { .. } => Failure::Key,
            _ => Failure::Malformed,
        };
        self.count(failure);
    }

    fn count(&self, failure: Failure) {
        self.counter(failure).fetch_add(1, Ordering::Relaxed);
    }

    fn counter(&self, failure: Failure) -> &AtomicU64 {
        match failure {
            Failure::Key => &self.key,
            Failure::Integrity => &self.integrity,
            Failure::Malformed => &self.malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use elastickv_types::{KeyId, Purpose};

    use super::*;

    #[test]
    fn what_waits_is_no_failure_and_the_rest_is_told_apart() {
        let (failures, key) = (Failures::default(), KeyId::from_u32(7).expect("not zero"));
        let purpose = Purpose::Storage;
        failures.looked_up(&Lookup::NotOpen { key, purpose });
        failures.looked_up(&Lookup::Unknown { key, purpose });
        failures.opened(&CryptoError::Integrity { key });
        failures.opened(&CryptoError::Integrity { key });
        failures.opened(&CryptoError::ShortEnvelope { len: 1 });
        assert_eq!(Failure::ALL.map(|failure| failures.of(failure)), [1, 2, 1]);
    }
}
