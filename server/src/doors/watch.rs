//! Certificates and the access file are looked at again and again, and taken over when they have changed and do.
//!
//! What can not be used is said at once, and again as long as it stands: whoever was to be shut out by it is still let in, and
//! the next start is refused. A file that is being written may be one by its form and lack its end, so what is new counts
//! once two looks have found the same.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use elastickv_sys::private::{self, Others};
use elastickv_tls::Refreshed;

use super::guard::{Guard, Locked};
use super::subjects::{LARGEST_FILE, Subjects};

const LOOK: Duration = Duration::from_secs(1);
const DAY_MS: u64 = 86_400_000;
/// From then on it is said that a certificate is running out, and how often.
const SOON_MS: u64 = 14 * DAY_MS;
const SAY_MS: u64 = DAY_MS / 4;
/// How often it is said that a file is still refused.
const AGAIN_MS: u64 = 3_600_000;

/// What was said and is not to be said each time.
#[derive(Default)]
struct Said {
    access: Refusal,
    certificates: Refusal,
    running_out_ms: u64,
    /// The access file as the last look found it, where that is not the one in use.
    found: Option<Vec<u8>>,
}

/// A file that stands there and can not be used.
#[derive(Default)]
struct Refusal {
    why: String,
    said_ms: u64,
}

impl Refusal {
    /// Whether to say it now: it is new, or was said long ago.
    fn is_to_be_said(&mut self, why: &str, now_ms: u64) -> bool {
        let say = self.why != why || now_ms >= self.said_ms.saturating_add(AGAIN_MS);
        if say {
            *self = Self { why: why.to_owned(), said_ms: now_ms };
        }
        say
    }
}

/// Keeps up with the files for as long as the process lives.
pub async fn watch(guard: Arc<Guard>) {
    let mut said = Said::default();
    while guard.locked.is_some() {
        let guard = guard.clone();
        // A file system that hangs must hold no thread of the runtime.
        said = elastickv_sys::task::blocking(move || look(&guard, said)).await.unwrap_or_default();
        tokio::time::sleep(LOOK).await;
    }
}

fn look(guard: &Guard, mut said: Said) -> Said {
    let (Some(locked), now) = (&guard.locked, guard.clock.unix_ms()) else { return said };
    look_at_certificates(locked, &mut said.certificates, now);
    look_at_subjects(locked, &mut said, now);
    let ends = locked.live.not_after_ms();
    if ends < now.saturating_add(SOON_MS) && now >= said.running_out_ms.saturating_add(SAY_MS) {
        tracing::warn!(days = ends.saturating_sub(now) / DAY_MS, "this node's certificate runs out");
        said.running_out_ms = now;
    }
    said
}

fn look_at_certificates(locked: &Locked, refusal: &mut Refusal, now: u64) {
    let why = match locked.live.refresh(now) {
        Refreshed::Replaced => {
            tracing::info!("new certificates are in use");
            String::new()
        }
        Refreshed::Refused(error) => error.to_string(),
        Refreshed::Same if locked.live.is_refused() => refusal.why.clone(),
        Refreshed::Same => String::new(),
    };
    if why.is_empty() {
        *refusal = Refusal::default();
    } else if refusal.is_to_be_said(&why, now) {
        tracing::warn!(error = why, "new certificates are not taken over; those before go on");
    }
}

fn look_at_subjects(locked: &Locked, said: &mut Said, now: u64) {
    let read = private::read(&locked.access_file, Others::Read, LARGEST_FILE);
    if read.as_ref().is_ok_and(|bytes| *bytes == locked.subjects.load().bytes) {
        said.found = None;
        return in_order(locked, said);
    }
    if let Ok(bytes) = read
        && said.found.as_ref() != Some(&bytes)
    {
        said.found = Some(bytes);
        return;
    }
    match Subjects::load(&locked.access_file) {
        // It was written to once more.
        Ok(subjects) if said.found.as_ref() != Some(&subjects.bytes) => {}
        Ok(subjects) => {
            locked.subjects.store(Arc::new(subjects));
            tracing::info!("a new access file is in use");
            in_order(locked, said);
        }
        Err(error) => {
            locked.access_refused.store(true, Ordering::Relaxed);
            if said.access.is_to_be_said(&error.to_string(), now) {
                tracing::warn!(%error, "the new access file is not taken over; the one before goes on");
            }
        }
    }
}

fn in_order(locked: &Locked, said: &mut Said) {
    locked.access_refused.store(false, Ordering::Relaxed);
    said.access = Refusal::default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_refused_is_said_again_every_hour() {
        let mut refusal = Refusal::default();
        assert!(refusal.is_to_be_said("line 3", 1_000_000_000_000));
        assert!(!refusal.is_to_be_said("line 3", 1_000_000_001_000));
        assert!(refusal.is_to_be_said("line 4", 1_000_000_002_000));
        assert!(!refusal.is_to_be_said("line 4", 1_000_000_001_000 + AGAIN_MS));
        assert!(refusal.is_to_be_said("line 4", 1_000_000_002_000 + AGAIN_MS));
    }
}
