//! Epochs travel with 32 bits and have 16: one that does not fit is no epoch, whoever sent it.

use elastickv_proto::{self as wire, v1};
use elastickv_types::{LocalEpoch, LocalEpochOutOfRange};

use crate::error::{CliError, Code};

fn all(epochs: impl IntoIterator<Item = u32>) -> Result<(), LocalEpochOutOfRange> {
    epochs.into_iter().try_for_each(|raw| LocalEpoch::from_wire(raw).map(|_| ()))
}

pub fn of_status(told: &v1::EncryptionStatusResponse) -> Result<(), LocalEpochOutOfRange> {
    let keys = told.facts.iter().flat_map(|facts| &facts.keys);
    all(keys.flat_map(|key| std::iter::once(key.local_epoch).chain(key.registered_epoch)))?;
    all(writers(&told.keys))
}

pub fn of_keys(told: &[v1::EncryptionKey]) -> Result<(), CliError> {
    all(writers(told)).map_err(misunderstood)
}

pub fn of_registered(told: &wire::RegisterEncryptionWriterResponse) -> Result<(), CliError> {
    all(told.registered.iter().map(|row| row.local_epoch)).map_err(misunderstood)
}

fn writers(keys: &[v1::EncryptionKey]) -> impl Iterator<Item = u32> {
    keys.iter().flat_map(|key| &key.writers).map(|writer| writer.local_epoch)
}

fn misunderstood(error: LocalEpochOutOfRange) -> CliError {
    CliError::new(Code::Unexpected, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_of_more_than_sixteen_bits_is_found_wherever_it_is() {
        let key = |local_epoch, registered_epoch| v1::EncryptionStatusResponse {
            facts: Some(v1::MemberFacts {
                keys: vec![v1::MemberKey { local_epoch, registered_epoch, ..Default::default() }],
                ..Default::default()
            }),
            ..Default::default()
        };
        assert!(of_status(&key(0xFFFF, Some(0xFFFF))).is_ok());
        assert!(of_status(&key(0x1_0000, None)).is_err());
        assert!(of_status(&key(0, Some(0x1_0007))).is_err());
        let row = |local_epoch| wire::RegisterEncryptionWriterResponse {
            registered: vec![wire::RegisteredWriter { local_epoch, ..Default::default() }],
            ..Default::default()
        };
        assert!(of_registered(&row(7)).is_ok());
        assert_eq!(of_registered(&row(70_000)).unwrap_err().code(), Code::Unexpected);
        let writer = v1::Writer { local_epoch: 70_000, ..Default::default() };
        assert!(of_keys(&[v1::EncryptionKey { writers: vec![writer], ..Default::default() }]).is_err());
    }
}
