//! Starting: this load's epochs and token are on the disk before anything can be sealed.
//!
//! The order is that of [`load`](crate::load), with the sidecar leading where there is one, and the store behind it: should the
//! sidecar be lost in the middle of a start, store and log still tell which one that was. Whatever moment a
//! crash hits, the next start either begins anew or goes on with the epochs that are recorded already. What is
//! refused is refused before anything is written, and spends no epoch.

use std::sync::Arc;

use elastickv_sys::point;
use elastickv_sys::random::SharedRandom;
use elastickv_types::LoadToken;

use crate::Keystore;
use crate::epoch::{Exhausted, Registration};
use crate::error::Result;
use crate::load::{LoadMark, LoadTrace, Others};
use crate::sidecar::{Recorded, Sidecar, SidecarFile};

/// What a start needs of its node.
#[derive(Debug)]
pub struct Start<'a> {
    pub file: SidecarFile,
    pub others: Others<'a>,
    pub random: SharedRandom,
    pub exhausted: Exhausted,
}

impl<'a> Start<'a> {
    /// Goes through a start with the sidecar that was loaded, if there is one.
    pub fn run(self, found: Option<Recorded>) -> Result<Arc<Keystore>> {
        self.check(found)?.run()
    }

    /// Finds out whether there can be a start, and writes nothing.
    pub fn check(self, found: Option<Recorded>) -> Result<Checked<'a>> {
        let lead = found.as_ref().map(|found| found.sidecar().load);
        if let Some(found) = &found {
            let sidecar = found.sidecar();
            let sidecar = begun(sidecar, LoadMark::begin(lead, || self.draw()));
            sidecar.keys.iter().try_for_each(|(key, entry)| entry.refuse_exhausted(*key, self.exhausted))?;
        }
        let agreed = self.others.told()?.agree(lead)?;
        let mark = LoadMark::begin(agreed, || self.draw());
        Ok(Checked { start: self, found, mark })
    }

    fn draw(&self) -> LoadToken {
        LoadToken::new(self.random.u64())
    }
}

/// A start against which nothing is to be said.
#[derive(Debug)]
pub struct Checked<'a> {
    start: Start<'a>,
    found: Option<Recorded>,
    mark: LoadMark,
}

impl Checked<'_> {
    /// What this load is going to register. Nothing of it is written yet.
    pub fn registrations(&self) -> Vec<Registration> {
        let Some(found) = &self.found else { return Vec::new() };
        let begun = begun(found.sidecar(), self.mark);
        begun.registrations(self.mark.token()).collect()
    }

    pub fn run(self) -> Result<Arc<Keystore>> {
        point!(StartChecked);
        #[cfg(feature = "testing")]
        if let Some(found) = self.found.clone().filter(|_| crate::watch::is_repeating()) {
            let (Start { file, random, exhausted, .. }, load) = (self.start, found.sidecar().load.token());
            return Ok(Keystore::new(file, load, exhausted, random, Some(found)));
        }
        let recorded = match &self.found {
            Some(found) => Some(self.with_sidecar(found)?),
            None => {
                self.without_sidecar()?;
                None
            }
        };
        let Start { file, random, exhausted, .. } = self.start;
        Ok(Keystore::new(file, self.mark.token(), exhausted, random, recorded))
    }

    fn with_sidecar(&self, found: &Recorded) -> Result<Recorded> {
        let (Start { file, others, .. }, last) = (&self.start, found.sidecar());
        let mut sidecar = begun(last, self.mark);
        sidecar.keys.iter().for_each(|(key, entry)| entry.warn_of_exhaustion(*key));
        let starting =
            if sidecar == *last { found.clone() } else { file.save(Some(found), sidecar.clone())? };
        point!(StartRecorded);
        let begun = LoadTrace { mark: self.mark, reached: sidecar.reached() };
        let trace = LoadTrace { mark: self.mark.settled(), ..begun };
        others.tell_store(begun)?;
        point!(StoreTold);
        others.tell_log(trace)?;
        point!(LogTold);
        others.tell_store(trace)?;
        sidecar.load = trace.mark;
        let recorded = file.save(Some(&starting), sidecar)?;
        point!(StartSettled);
        Ok(recorded)
    }

    /// The state store leads.
    fn without_sidecar(&self) -> Result<()> {
        let others = self.start.others;
        others.tell_store(self.mark.into())?;
        point!(StoreTold);
        others.tell_log(self.mark.settled().into())?;
        point!(LogTold);
        others.tell_store(self.mark.settled().into())?;
        point!(StartSettled);
        Ok(())
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
