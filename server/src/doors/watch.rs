//! Certificates and the access file are looked at again and again, and taken over when they have changed and do.

use std::sync::Arc;
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

/// What was said and is not to be said each time.
#[derive(Default)]
struct Said {
    /// Why the access file was refused.
    refused: Option<String>,
    running_out_ms: u64,
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
    match locked.live.refresh(now) {
        Refreshed::Replaced => tracing::info!("new certificates are in use"),
        Refreshed::Refused(error) => {
            tracing::warn!(%error, "new certificates are not taken over; those before go on");
        }
        Refreshed::Same => {}
    }
    said.refused = look_at_subjects(locked, said.refused);
    let ends = locked.live.not_after_ms();
    if ends < now.saturating_add(SOON_MS) && now >= said.running_out_ms.saturating_add(SAY_MS) {
        tracing::warn!(days = ends.saturating_sub(now) / DAY_MS, "this node's certificate runs out");
        said.running_out_ms = now;
    }
    said
}

fn look_at_subjects(locked: &Locked, refused: Option<String>) -> Option<String> {
    let read = private::read(&locked.access_file, Others::Read, LARGEST_FILE);
    if read.is_ok_and(|bytes| bytes == locked.subjects.load().bytes) {
        return None;
    }
    match Subjects::load(&locked.access_file) {
        Ok(subjects) => {
            locked.subjects.store(Arc::new(subjects));
            tracing::info!("a new access file is in use");
            None
        }
        Err(error) => {
            let text = error.to_string();
            if refused.as_ref() != Some(&text) {
                tracing::warn!(%error, "the new access file is not taken over; the one before goes on");
            }
            Some(text)
        }
    }
}
