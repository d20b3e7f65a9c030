//! New keys: drawn here, or brought along by whoever asks, and wrapped by this node's KEK.

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_fsm::{Cohort, KeyTable, List, MOST_KEYS, NewKey, Rewrapped, UnixMillis, Wrapping};
use elastickv_kek::{KekError, Wrapped};
use elastickv_sys::random::Random;
use elastickv_types::{Commitment, KeyId, Purpose, WrappedKey};
use tokio::time::Instant;

use super::{Supplied, SuppliedKey};
use crate::keks::{CALL, Keks};
use crate::ports::{ProbeKey, Standing};

/// Why a key can not be had.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyTrouble {
    #[error(transparent)]
    Kek(#[from] KekError),
    #[error("a wrapped key came without the id that it is bound to")]
    WithoutId,
    #[error("both keys that came have id {0}")]
    SameId(KeyId),
    #[error("the label of the KEK is too long or not one line")]
    Label,
    #[error("{0} was named as a writer and is none of those that the gate heard, or at another epoch")]
    Writer(String),
}

impl KeyTrouble {
    pub fn name(&self) -> &'static str {
        match self {
            KeyTrouble::Kek(KekError::Mismatch { .. }) => "KekMismatch",
            KeyTrouble::Kek(error) if error.is_transient() => "KekUnavailable",
            KeyTrouble::Kek(_) => "KekRefused",
            KeyTrouble::WithoutId | KeyTrouble::SameId(_) => "BadKeyId",
            KeyTrouble::Label => "BadKekLabel",
            KeyTrouble::Writer(_) => "WriterMismatch",
        }
    }

    /// Whether it is likely to pass by itself.
    pub fn passes(&self) -> bool {
        matches!(self, KeyTrouble::Kek(error) if error.is_transient())
    }
}

/// What new keys are made with.
#[derive(Clone, Copy)]
pub struct Maker<'a> {
    pub standing: &'a Standing,
    pub keks: &'a Keks,
    pub random: &'a dyn Random,
    pub now: UnixMillis,
}

impl Maker<'_> {
    pub async fn pair(&self, supplied: &Supplied, cohort: &Cohort) -> Result<[NewKey; 2], KeyTrouble> {
        check_writers(supplied, cohort)?;
        let storage = self.key(Purpose::Storage, &supplied.storage, cohort, None).await?;
        let raft = self.key(Purpose::Raft, &supplied.raft, cohort, Some(storage.id)).await?;
        match storage.id == raft.id {
            true => Err(KeyTrouble::SameId(raft.id)),
            false => Ok([storage, raft]),
        }
    }

    pub async fn one(
        &self,
        purpose: Purpose,
        supplied: &Supplied,
        cohort: &Cohort,
    ) -> Result<NewKey, KeyTrouble> {
        check_writers(supplied, cohort)?;
        self.key(purpose, supplied.key(purpose), cohort, None).await
    }

    async fn key(
        &self,
        purpose: Purpose,
        supplied: &SuppliedKey,
        cohort: &Cohort,
        taken: Option<KeyId>,
    ) -> Result<NewKey, KeyTrouble> {
        let cluster = self.standing.cluster;
        let (id, commitment, wrapped) = match (supplied.id, &supplied.wrapped) {
            (None, Some(_)) => return Err(KeyTrouble::WithoutId),
            (Some(id), Some(wrapped)) => {
                let key = self.open(id, purpose, wrapped).await?;
                let by = self.keks.current.label();
                (id, key.commitment(), Wrapped { key: wrapped.clone(), by })
            }
            (given, None) => {
                let id = given.unwrap_or_else(|| draw_id(&self.standing.control.keys, taken, self.random));
                let key = KeyMaterial::draw(id, purpose, |bytes| self.random.fill(bytes));
                (id, key.commitment(), self.keks.wrap(cluster, &key).await?)
            }
        };
        let wrapping = Wrapping::new(wrapped.key, wrapped.by).ok_or(KeyTrouble::Label)?;
        Ok(NewKey { id, wrapping, commitment, created: self.now, cohort: cohort.clone() })
    }

    /// Whether the keys that came along are what they are said to be.
    pub async fn opens(&self, supplied: &Supplied) -> Result<(), KeyTrouble> {
        for purpose in Purpose::ALL {
            match supplied.key(purpose) {
                SuppliedKey { id: None, wrapped: Some(_) } => return Err(KeyTrouble::WithoutId),
                SuppliedKey { id: Some(id), wrapped: Some(wrapped) } => {
                    self.open(*id, purpose, wrapped).await?;
                }
                SuppliedKey { wrapped: None, .. } => {}
            }
        }
        match (supplied.storage.id, supplied.raft.id) {
            (Some(storage), Some(raft)) if storage == raft => Err(KeyTrouble::SameId(raft)),
            _ => Ok(()),
        }
    }

    /// It is only taken if this node's KEK opens it: then everybody's does who passed the gate.
    async fn open(
        &self,
        key: KeyId,
        purpose: Purpose,
        wrapped: &WrappedKey,
    ) -> Result<KeyMaterial, KeyTrouble> {
        let context = WrapContext { cluster: self.standing.cluster, key, purpose };
        Ok(self.keks.current.unwrap_unknown(context, wrapped, Instant::now() + CALL).await?)
    }

    /// Every key that is held, in a wrapping of the current KEK.
    pub async fn rewrapped(&self) -> Result<List<Rewrapped, MOST_KEYS>, KeyTrouble> {
        let cluster = self.standing.cluster;
        let mut keys = Vec::new();
        for (id, row) in self.standing.control.keys.unretired() {
            let Some(old) = &row.wrapping else { continue };
            let context = WrapContext { cluster, key: id, purpose: row.purpose };
            let (key, _) = self.keks.unwrap(context, old.wrapped(), row.commitment).await?;
            let wrapped = self.keks.wrap(cluster, &key).await?;
            let wrapping = Wrapping::new(wrapped.key, wrapped.by).ok_or(KeyTrouble::Label)?;
            keys.push(Rewrapped { key: id, commitment: row.commitment, wrapping });
        }
        Ok(List::new(keys).expect("no more keys are held than a list of them takes"))
    }
}

/// A key that guards nothing, to see who can open what this node wraps.
pub async fn probe(standing: &Standing, keks: &Keks, random: &dyn Random) -> Result<ProbeKey, KekError> {
    let id = draw_id(&standing.control.keys, None, random);
    let key = KeyMaterial::draw(id, Purpose::Storage, |bytes| random.fill(bytes));
    let (purpose, commitment): (Purpose, Commitment) = (key.purpose(), key.commitment());
    let wrapped = keks.wrap(standing.cluster, &key).await?;
    Ok(ProbeKey { key: id, purpose, commitment, wrapped })
}

/// Never 0, and never one that the cluster ever used.
fn draw_id(keys: &KeyTable, taken: Option<KeyId>, random: &dyn Random) -> KeyId {
    loop {
        let raw = (random.u64() >> 32) as u32;
        let fresh = KeyId::from_u32(raw).filter(|id| keys.get(*id).is_none() && Some(*id) != taken);
        if let Some(id) = fresh {
            return id;
        }
    }
}

/// Given writers are confirmed, never believed: each is one that answered, at the epoch it has.
fn check_writers(supplied: &Supplied, cohort: &Cohort) -> Result<(), KeyTrouble> {
    let heard = |given: &super::SuppliedWriter| {
        cohort.iter().any(|writer| writer.node == given.node && writer.epoch == given.epoch)
    };
    match supplied.writers.iter().find(|given| !heard(given)) {
        Some(given) => Err(KeyTrouble::Writer(given.node.to_string())),
        None => Ok(()),
    }
}
