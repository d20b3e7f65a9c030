//! Test builds only: a wrapping key that is out of reach for as long as a file says so.
//!
//! ```text
//! fail       every call is answered with "not for now"
//! hang       no call is answered
//! fail 3     the same from the fourth call on that is made since the file says so
//! ```
//!
//! Without the file, or with anything else in it, nothing is in the way. Each call that was hit leaves a line beside the
//! file, so that a test knows what it hit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_sys::files::{Open, SharedFiles};
use elastickv_types::{ClusterId, KekLabel, WrappedKey};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use crate::{Kek, KekError, KekProvider, Result, Wrapped};

const LOOK: Duration = Duration::from_millis(20);
const LONGEST: u64 = 64;

struct Faulty {
    kek: Kek,
    files: SharedFiles,
    switch: PathBuf,
    /// What the file said last, and the calls since then.
    said: Mutex<(String, u64)>,
}

impl Kek {
    /// The same key, which can be used only while this file does not say otherwise.
    pub fn failing_by(self, files: SharedFiles, switch: &Path) -> Self {
        let said = Mutex::default();
        Self::new(Arc::new(Faulty { kek: self, files, switch: switch.to_owned(), said }))
    }
}

impl Faulty {
    fn says(&self) -> String {
        let read = self.files.read(&self.switch, LONGEST).unwrap_or_default();
        String::from_utf8_lossy(&read).trim().to_owned()
    }

    /// Whether this call is hit, by what the file says now.
    fn hits(&self, says: &str) -> bool {
        let mut said = self.said.lock();
        if said.0 != says {
            *said = (says.to_owned(), 0);
        }
        said.1 += 1;
        let (mode, through) = says.split_once(' ').unwrap_or((says, "0"));
        let through: u64 = through.parse().unwrap_or(0);
        matches!(mode, "fail" | "hang") && said.1 > through
    }

    fn note(&self, call: &str, says: &str) {
        let path = self.switch.with_extension("hits");
        let line = format!("{says}: {call}\n");
        let how = if self.files.exists(&path).unwrap_or(false) { Open::Write } else { Open::New };
        let noted = self.files.open(&path, how).and_then(|file| {
            let end = file.len()?;
            file.write_all_at(line.as_bytes(), end)
        });
        noted.expect("a fault that is not noted is not counted");
    }

    async fn pass(&self, call: &str) -> Result<()> {
        let says = self.says();
        if !self.hits(&says) {
            return Ok(());
        }
        self.note(call, &says);
        if says.starts_with("fail") {
            let (provider, reason) = (self.kek.label().provider, "a test keeps it away".to_owned());
            return Err(KekError::Unavailable { provider, reason });
        }
        while self.says() == says {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

impl KekProvider for Faulty {
    fn label(&self) -> KekLabel {
        self.kek.label()
    }

    fn wrap<'a>(&'a self, cluster: ClusterId, key: &'a KeyMaterial) -> BoxFuture<'a, Result<Wrapped>> {
        Box::pin(async move {
            self.pass("wrap").await?;
            self.kek.provider().wrap(cluster, key).await
        })
    }

    fn unwrap<'a>(
        &'a self,
        context: WrapContext,
        wrapped: &'a WrappedKey,
    ) -> BoxFuture<'a, Result<KeyMaterial>> {
        Box::pin(async move {
            self.pass("unwrap").await?;
            self.kek.provider().unwrap(context, wrapped).await
        })
    }
}
