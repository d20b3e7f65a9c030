//! What a node is told of encryption. Whether anything is sealed is not among it: the cluster decides that.

use elastickv_kek::KekUri;

use super::{ConfigError, Name, Settings};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encryption {
    pub enabled: bool,
    pub kek: Option<KekUri>,
    pub kek_previous: Option<KekUri>,
    pub rotate_on_startup: bool,
    pub accept_exhausted_epoch: bool,
}

/// A setting that means nothing without another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{given} is given and {lacking} is not")]
pub struct Inconsistent {
    pub given: Name,
    pub lacking: Name,
}

impl Encryption {
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            enabled: settings.parse(Name::EncryptionEnabled)?,
            kek: place(settings, Name::Kek)?,
            kek_previous: place(settings, Name::KekPrevious)?,
            rotate_on_startup: settings.parse(Name::RotateOnStartup)?,
            accept_exhausted_epoch: settings.parse(Name::AcceptExhaustedEpoch)?,
        })
    }

    /// That there is a wrapping key is not asked here.
    pub fn check(&self) -> Result<(), Inconsistent> {
        let needs = [
            (Name::KekPrevious, self.kek_previous.is_some(), Name::Kek, self.kek.is_some()),
            (Name::Kek, self.kek.is_some(), Name::EncryptionEnabled, self.enabled),
            (Name::RotateOnStartup, self.rotate_on_startup, Name::EncryptionEnabled, self.enabled),
            (Name::AcceptExhaustedEpoch, self.accept_exhausted_epoch, Name::EncryptionEnabled, self.enabled),
        ];
        let unmet = needs.into_iter().find(|(_, given, _, met)| *given && !met);
        unmet.map_or(Ok(()), |(given, _, lacking, _)| Err(Inconsistent { given, lacking }))
    }
}

fn place(settings: &Settings, name: Name) -> Result<Option<KekUri>, ConfigError> {
    let parsed = settings.get(name).map(str::parse::<KekUri>).transpose();
    parsed.map_err(|error| ConfigError::Concealed { name, reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(pairs: &[(Name, &str)]) -> Result<Encryption, ConfigError> {
        Encryption::new(&Settings::of(pairs))
    }

    #[test]
    fn what_is_no_place_of_a_key_is_not_repeated() {
        let error = encryption(&[(Name::Kek, "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0")]).unwrap_err();
        assert!(error.to_string().starts_with("kek does not do: ") && !error.to_string().contains("c2Vj"));
        let error = encryption(&[(Name::EncryptionEnabled, "yes")]).unwrap_err();
        assert!(error.to_string().contains("encryption-enabled"), "a switch is on or off, never in between");
    }

    #[test]
    fn settings_that_mean_nothing_alone_are_named() {
        let checked = |pairs: &[(Name, &str)]| encryption(pairs).unwrap().check();
        let file = "file:/kek.bin";
        let enabled = (Name::EncryptionEnabled, "true");
        assert_eq!(checked(&[]), Ok(()));
        assert_eq!(checked(&[enabled]), Ok(()), "that a key is missing is another refusal");
        assert_eq!(checked(&[enabled, (Name::Kek, file), (Name::KekPrevious, file)]), Ok(()));
        let lacks = |given, lacking| Err(Inconsistent { given, lacking });
        assert_eq!(checked(&[(Name::Kek, file)]), lacks(Name::Kek, Name::EncryptionEnabled));
        assert_eq!(checked(&[enabled, (Name::KekPrevious, file)]), lacks(Name::KekPrevious, Name::Kek));
        for name in [Name::RotateOnStartup, Name::AcceptExhaustedEpoch] {
            assert_eq!(checked(&[(name, "true")]), lacks(name, Name::EncryptionEnabled));
        }
    }
}
