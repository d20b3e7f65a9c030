//! Starting: this load's epochs and token are on the disk before anything can be sealed.
//!
//! The order is that of [`load`](crate::load), with the sidecar leading where there is one. Whatever moment a
//! crash hits, the next start either begins anew or goes on with the epochs that are recorded already. What is
//! refused is refused before anything is written, and spends no epoch.

use std::sync::Arc;

use elastickv_sys::random::SharedRandom;
use elastickv_types::LoadToken;

use crate::Keystore;
use crate::epoch::Exhausted;
use crate::error::Result;
use crate::load::{LoadMark, Others, Told};
use crate::sidecar::{Recorded, Sidecar, SidecarFile};

/// What a start needs of its node.
#[derive(Debug)]
pub struct Start<'a> {
    pub file: SidecarFile,
    pub others: Others<'a>,
    pub random: SharedRandom,
    pub exhausted: Exhausted,
}

impl Start<'_> {
    /// Goes through a start with the sidecar that was loaded, if there is one.
    pub fn run(self, found: Option<Recorded>) -> Result<Arc<Keystore>> {
        let told = self.others.told()?;
        let (mark, recorded) = match found {
            Some(found) => self.with_sidecar(&found, told)?,
            None => (self.without_sidecar(told)?, None),
        };
        let load = mark.token();
        Ok(Keystore::new(self.file, load, self.exhausted, self.random, recorded))
    }

    fn with_sidecar(&self, found: &Recorded, told: Told) -> Result<(LoadMark, Option<Recorded>)> {
        let last = found.sidecar();
        let agreed = told.agree(Some(last.load))?;
        let mark = LoadMark::begin(agreed, || self.draw());
        let mut sidecar = begun(last, mark);
        for (key, entry) in &sidecar.keys {
            entry.refuse_exhausted(*key, self.exhausted)?;
            entry.warn_of_exhaustion(*key);
        }
        let starting =
            if sidecar == *last { found.clone() } else { self.file.save(Some(found), sidecar.clone())? };
        let settled = mark.settled();
        self.others.tell_store(settled)?;
        self.others.tell_log(settled)?;
        sidecar.load = settled;
        Ok((settled, Some(self.file.save(Some(&starting), sidecar)?)))
    }

    /// The state store leads.
    fn without_sidecar(&self, told: Told) -> Result<LoadMark> {
        let mark = LoadMark::begin(told.agree(None)?, || self.draw());
        self.others.tell_store(mark)?;
        self.others.tell_log(mark.settled())?;
        self.others.tell_store(mark.settled())?;
        Ok(mark.settled())
    }

    fn draw(&self) -> LoadToken {
        LoadToken::new(self.random.u64())
    }
}

/// The sidecar of a start that is under way. One that was under way already has its epochs.
///
/// Every key moves on, closed ones too: a store that is behind replays entries of a time when they were not.
fn begun(last: &Sidecar, mark: LoadMark) -> Sidecar {
    let mut sidecar = last.clone();
    if last.load != mark {
        sidecar.load = mark;
        sidecar.keys.values_mut().for_each(|entry| entry.advance(mark.token()));
    }
    sidecar
}
