//! The stages in which something breaks and is mended.

use super::failure::{ensure, failed, trouble};
use super::ground::{list, number, text};
use super::walk::Walk;
use crate::error::CliError;
use crate::local_files;

const REFUSAL: &str = "SidecarDamaged";
/// A server's exit code for a start that was refused.
const REFUSED: i32 = 3;
const LONGEST_SIDECAR: u64 = 1 << 20;

impl Walk<'_> {
    pub async fn damage(&mut self) -> Result<String, CliError> {
        let place = self.follower().await?;
        self.node(place)?.stop().await?;
        let file = self.node(place)?.data_dir.join("encryption/keys.json");
        let cut = || {
            let bytes = local_files::read_at_most(&file, LONGEST_SIDECAR)?;
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            local_files::replace(&file, half)
        };
        cut().map_err(trouble(&file.display().to_string()))?;
        self.start(place)?;
        let node = self.node(place)?;
        let status = node.end().await?;
        let (name, words) = (node.name.clone(), node.last_words());
        let refused = status.code() == Some(REFUSED) && words.contains(REFUSAL);
        ensure(refused, || format!("{name} ended with {status}: {words}"))?;
        self.damaged = Some(place);
        Ok(format!("{name} refuses to start: {REFUSAL}; the others serve"))
    }

    pub async fn resync(&mut self) -> Result<String, CliError> {
        let place = self.damaged.ok_or_else(|| failed("nothing was damaged"))?;
        let data_dir = self.node(place)?.data_dir.to_string_lossy().into_owned();
        let told = self.done(&["encryption", "resync-sidecar", "--data-dir", &data_dir]).await?;
        self.start(place)?;
        self.wait("ready").await?;
        self.in_sync().await?;
        let epochs = list(&told, "/keys").iter().map(|key| number(key, "/local_epoch"));
        let (name, source) = (text(&told, "/node"), text(&told, "/source"));
        let epoch = epochs.max().unwrap_or_default();
        Ok(format!("{name}: made anew from its {source}, epoch {epoch}; in sync"))
    }
}
