//! One node: a server's process that is started, stopped and killed.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use elastickv_sys::clock::SystemClock;
use elastickv_sys::process;

use super::child::attached;
use super::failure::{failed, trouble};
use super::ground::Ground;
use crate::error::CliError;
use crate::local_files;

const LOOK: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(60);
const LONGEST_LOG: u64 = 1 << 20;

/// A node that may or may not run right now. Dropping it kills it.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    pub address: SocketAddr,
    pub data_dir: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    pub fn new(ground: &Ground, name: &str) -> Result<Self, CliError> {
        Ok(Self {
            name: name.to_owned(),
            address: ground.free_address()?,
            data_dir: ground.path(name),
            log: ground.path("logs").join(name),
            child: None,
        })
    }

    /// Starts it; `more` is for its first start alone.
    pub fn start(&mut self, ground: &Ground, cluster: &str, more: &[OsString]) -> Result<(), CliError> {
        let failed = trouble(&self.name);
        let mut command = attached(ground.server()).map_err(&failed)?;
        let log = local_files::replace_log(&self.log).map_err(&failed)?;
        command.stdout(log.try_clone().map_err(&failed)?).stderr(log);
        command.args(["--node-name", &self.name, "--cluster-name", cluster]);
        command.arg("--data-dir").arg(&self.data_dir).args(["--listen", &self.address.to_string()]);
        command.args(["--encryption-enabled", "--kek", &ground.kek_uri(), "--storage-reserve", "64MiB"]);
        self.child = Some(command.args(more).spawn().map_err(&failed)?);
        Ok(())
    }

    /// As a power switch does for a process.
    pub fn kill(&mut self) -> Result<(), CliError> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child.kill().and_then(|()| child.wait()).map_err(trouble(&self.name))?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) -> Result<(), CliError> {
        let Some(child) = &self.child else { return Ok(()) };
        process::terminate(child).map_err(trouble(&self.name))?;
        let status = self.end().await?;
        let name = &self.name;
        if status.success() { Ok(()) } else { Err(failed(format!("{name} ended with {status}"))) }
    }

    /// Waits until it ends by itself.
    pub async fn end(&mut self) -> Result<ExitStatus, CliError> {
        let clock = SystemClock::shared();
        let begun = clock.now();
        while clock.now().since(begun) < PATIENCE {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(failed(format!("{} does not come to an end", self.name)))
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, CliError> {
        let Some(child) = self.child.as_mut() else { return Ok(None) };
        let status = child.try_wait().map_err(trouble(&self.name))?;
        if status.is_some() {
            self.child = None;
        }
        Ok(status)
    }

    /// The last line of its own words.
    pub fn last_words(&self) -> String {
        let log = local_files::read_at_most(&self.log, LONGEST_LOG).unwrap_or_default();
        String::from_utf8_lossy(&log).lines().last().unwrap_or_default().to_owned()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}
