//! Steps: what an operation changes in the control group.

use bytes::Bytes;
use elastickv_types::{Commitment, KekLabel, KeyId, LogId, LogIndex, Purpose, WrappedKey};

use super::{Cohort, List, Origin, UnixMillis};

/// A data key in the wrapping of a KEK, and whose KEK that is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrapping {
    wrapped: WrappedKey,
    /// Elsewhere, since three texts are more in memory than a whole wrapped key may be in an entry.
    kek: Box<KekLabel>,
}

impl Wrapping {
    /// The longest part of a label.
    pub const LONGEST_LABEL: usize = 512;

    /// `None` for a label that is longer than any provider gives or holds control characters, each of which
    /// takes six times as much where labels are kept as text.
    pub fn new(wrapped: WrappedKey, kek: KekLabel) -> Option<Self> {
        let parts = [&kek.provider, &kek.key, &kek.version];
        let fits = |part: &&String| part.len() <= Self::LONGEST_LABEL && !part.contains(char::is_control);
        parts.iter().all(fits).then(|| Self { wrapped, kek: Box::new(kek) })
    }

    pub fn wrapped(&self) -> &Bytes {
        self.wrapped.as_bytes()
    }

    pub fn kek(&self) -> &KekLabel {
        &self.kek
    }
}

/// The most keys that a cluster holds; retired ones are not held. Every node keeps all of them in one file
/// outside of its store, and a table that does not fit there would stop each replica at the same entry.
pub const MOST_KEYS: usize = 256;

/// The last time that a key can claim to be made at, the first moment of the year 9999: beyond it there are
/// times that those who keep it as text can not write.
pub const LAST_CREATED: UnixMillis = UnixMillis::new(253_370_764_800_000);

/// A key as it enters the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewKey {
    pub id: KeyId,
    pub wrapping: Wrapping,
    pub commitment: Commitment,
    pub created: UnixMillis,
    pub cohort: Cohort,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bootstrap {
    pub storage: NewKey,
    pub raft: NewKey,
    /// The membership that the gate judged.
    pub membership: LogId,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Install {
    pub purpose: Purpose,
    pub key: NewKey,
    /// The key that is active now.
    pub replaces: KeyId,
}

/// A key in its new wrapping; the commitment says that it is still the same key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewrapped {
    pub key: KeyId,
    pub commitment: Commitment,
    pub wrapping: Wrapping,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retire {
    pub key: KeyId,
    /// Where it was closed: what was checked since then is true of this closing only.
    pub closed: LogIndex,
    pub membership: LogId,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Bootstrap(Box<Bootstrap>),
    Install(Box<Install>),
    Rewrap(List<Rewrapped, MOST_KEYS>),
    Retire(Retire),
    EnableStorage { membership: LogId },
    Activate { key: KeyId, replaces: KeyId },
    Close { key: KeyId },
}

/// A step, and whether it is the last one of its operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepCommand {
    pub origin: Origin,
    pub last: bool,
    pub step: Step,
}

/// What kind of step, as it is numbered in entries. Bootstrap has an opcode of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubTag {
    Bootstrap = 0,
    Install = 1,
    Rewrap = 2,
    Retire = 3,
    EnableStorage = 4,
    Activate = 6,
    Close = 7,
}

impl SubTag {
    pub const ALL: [SubTag; 7] = [
        SubTag::Bootstrap,
        SubTag::Install,
        SubTag::Rewrap,
        SubTag::Retire,
        SubTag::EnableStorage,
        SubTag::Activate,
        SubTag::Close,
    ];

    pub fn from_u32(raw: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.as_u32() == raw)
    }

    pub fn as_u32(self) -> u32 {
        self as u32
    }
}

/// What tells the steps of one operation apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StepTag {
    pub tag: SubTag,
    /// Of a step that brings a new key, whose id says nothing: repeated, it names another one.
    pub purpose: Option<Purpose>,
    /// Of a step that names a key of the table.
    pub key: Option<KeyId>,
}

impl Step {
    pub fn tag(&self) -> StepTag {
        let alone = |tag| StepTag { tag, purpose: None, key: None };
        let of_key = |tag, key| StepTag { key: Some(key), ..alone(tag) };
        match self {
            Step::Bootstrap(_) => alone(SubTag::Bootstrap),
            Step::Install(install) => StepTag { purpose: Some(install.purpose), ..alone(SubTag::Install) },
            Step::Rewrap(_) => alone(SubTag::Rewrap),
            Step::Retire(retire) => of_key(SubTag::Retire, retire.key),
            Step::EnableStorage { .. } => alone(SubTag::EnableStorage),
            Step::Activate { key, .. } => of_key(SubTag::Activate, *key),
            Step::Close { key } => of_key(SubTag::Close, *key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded_and_keep_to_one_line() {
        let wrapping = |part: &str| {
            let kek = KekLabel { provider: "file".into(), key: part.to_owned(), version: "1".into() };
            Wrapping::new(WrappedKey::new(Bytes::from_static(b"wrapped")).unwrap(), kek)
        };
        assert!(wrapping(&"x".repeat(Wrapping::LONGEST_LABEL)).is_some());
        assert!(wrapping(&"x".repeat(Wrapping::LONGEST_LABEL + 1)).is_none());
        assert!(wrapping("a\u{1}b").is_none() && wrapping("a\nb").is_none());
    }
}
