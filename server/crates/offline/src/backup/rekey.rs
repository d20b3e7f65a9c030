//! Keys of a backup in the hands of whoever has the wrapping key: opened, proven, and wrapped for another cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_fsm::{FreshKey, Wrapping};
use elastickv_kek::{Kek, KekError, Wrapped};
use elastickv_sys::random::Random;
use elastickv_types::{ClusterId, KeyId, Purpose};
use tokio::time::Instant;

use super::BackupError;
use super::keys::BackupKey;
use super::verify::Verified;

/// For each call of a wrapping key.
const CALL: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    #[error(transparent)]
    Kek(#[from] KekError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("the label of the KEK is too long or not one line")]
    Label,
}

/// Keys for a cluster that does not exist yet.
#[derive(Debug)]
pub struct Rekeyed {
    pub cluster: ClusterId,
    pub(super) wrapped: BTreeMap<KeyId, Wrapping>,
    pub(super) fresh: Vec<FreshKey>,
}

/// What a wrapping key turned out to open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    /// Keys that it unwraps, to the keys that were wrapped.
    pub keys: u64,
    /// Of those, keys that a value was opened with.
    pub values: u64,
}

impl Verified {
    /// Unwraps every key that came along, and opens a value under each that any is sealed under.
    pub async fn prove_kek(&self, kek: &Kek) -> Result<Proof, RekeyError> {
        let mut proof = Proof::default();
        for (id, key, _) in self.keys() {
            let material = self.unwrap(kek, id, key).await?;
            proof.keys += 1;
            proof.values += u64::from(key.purpose == Purpose::Storage && self.prove(material)?);
        }
        Ok(proof)
    }

    /// Keys as a new cluster begins with them: those that came along in new wrappings, and one of each purpose that
    /// nobody has seen.
    pub async fn rekey(
        &self,
        kek: Option<&Kek>,
        cluster: ClusterId,
        random: &dyn Random,
    ) -> Result<Rekeyed, RekeyError> {
        let mut rekeyed = Rekeyed { cluster, wrapped: BTreeMap::new(), fresh: Vec::new() };
        let Some(kek) = kek.filter(|_| self.has_keys()) else { return Ok(rekeyed) };
        for (id, key, _) in self.keys() {
            let material = self.unwrap(kek, id, key).await?;
            let wrapping = wrapping(kek.wrap(cluster, &material, deadline()).await?)?;
            rekeyed.wrapped.insert(id, wrapping);
        }
        for purpose in Purpose::ALL {
            let id = self.draw_id(&rekeyed.fresh, random);
            let material = KeyMaterial::draw(id, purpose, |bytes| random.fill(bytes));
            let wrapping = wrapping(kek.wrap(cluster, &material, deadline()).await?)?;
            rekeyed.fresh.push(FreshKey { id, purpose, commitment: material.commitment(), wrapping });
        }
        Ok(rekeyed)
    }

    async fn unwrap(&self, kek: &Kek, id: KeyId, key: &BackupKey) -> Result<KeyMaterial, KekError> {
        let cluster = self.backup.manifest.cluster_id;
        let context = WrapContext { cluster, key: id, purpose: key.purpose };
        kek.unwrap(context, &key.wrapped, key.commitment, deadline()).await
    }

    /// Never one that the source ever used.
    fn draw_id(&self, taken: &[FreshKey], random: &dyn Random) -> KeyId {
        let control = self.head.applied.state.control.as_deref();
        loop {
            let raw = (random.u64() >> 32) as u32;
            let known = |id| control.is_some_and(|control| control.keys.get(id).is_some());
            let free = |id: &KeyId| !known(*id) && taken.iter().all(|fresh| fresh.id != *id);
            if let Some(id) = KeyId::from_u32(raw).filter(free) {
                return id;
            }
        }
    }
}

fn wrapping(wrapped: Wrapped) -> Result<Wrapping, RekeyError> {
    Wrapping::new(wrapped.key, wrapped.by).ok_or(RekeyError::Label)
}

fn deadline() -> Instant {
    Instant::now() + CALL
}
