//! One server process: started, killed, stopped, asked to end.
//!
//! Its stderr goes to a file that grows over all its lives, so that a failed test can show what it said
//! last, and so that no test ever blocks a server by not reading.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// Enough to see the end of a story, too little to drown it.
const TAIL_BYTES: u64 = 6_000;

/// What to run; it may run many times.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub name: String,
    pub binary: PathBuf,
    pub arguments: Vec<OsString>,
    pub environment: Vec<(String, OsString)>,
    pub log: PathBuf,
}

/// A process that may or may not run right now. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    recipe: Mutex<Recipe>,
    running: Mutex<Option<Child>>,
}

impl Process {
    pub fn new(recipe: Recipe) -> Self {
        Self { recipe: Mutex::new(recipe), running: Mutex::new(None) }
    }

    pub fn recipe(&self) -> Recipe {
        locked(&self.recipe).clone()
    }

    /// Changes what the next start runs.
    pub fn change(&self, change: impl FnOnce(&mut Recipe)) {
        change(&mut locked(&self.recipe));
    }

    pub fn start(&self) -> Result<()> {
        let recipe = self.recipe();
        let mut running = locked(&self.running);
        if running.is_some() {
            bail!("{} runs already", recipe.name);
        }
        let mut log = open_log(&recipe.log)?;
        writeln!(log, "---- start ----")?;
        let mut command = Command::new(&recipe.binary);
        command.args(&recipe.arguments).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        set_environment(&mut command, &recipe);
        let child = command.spawn().with_context(|| format!("cannot run {}", recipe.binary.display()))?;
        *running = Some(child);
        Ok(())
    }

    /// The id of the running process.
    pub fn id(&self) -> Option<u32> {
        locked(&self.running).as_ref().map(Child::id)
    }

    /// How the process ended, if it did so since it was started; it counts as running until it is asked.
    pub fn ended(&self) -> Option<ExitStatus> {
        let mut running = locked(&self.running);
        let status = running.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if status.is_some() {
            *running = None;
        }
        status
    }

    /// Ends it at once, as a power switch does for a process. Says whether there was one to end.
    pub fn kill(&self) -> Result<bool> {
        let struck = self.strike()?;
        self.bury()?;
        Ok(struck)
    }

    /// The first half of a kill: whoever strikes several processes before burying any kills them as good
    /// as at the same moment.
    pub fn strike(&self) -> Result<bool> {
        let mut running = locked(&self.running);
        let Some(child) = running.as_mut() else { return Ok(false) };
        let was_running = child.try_wait()?.is_none();
        child.kill()?;
        Ok(was_running)
    }

    /// The second half: returns once the process is gone, its files and ports free.
    pub fn bury(&self) -> Result<()> {
        if let Some(mut child) = locked(&self.running).take() {
            child.wait()?;
        }
        Ok(())
    }

    /// Halts every thread of it where it stands.
    pub fn stop(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a stopped process go on.
    pub fn go_on(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks it to end and waits until it has.
    pub async fn terminate(&self, limit: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.exit(limit).await
    }

    /// Waits until the process has ended by itself.
    pub async fn exit(&self, limit: Duration) -> Result<ExitStatus> {
        let name = self.recipe().name;
        wait::until(&format!("the end of {name}"), limit, || async {
            self.ended().ok_or_else(|| anyhow!("{name} still runs\n{}", self.tail()))
        })
        .await
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let running = locked(&self.running);
        let child = running.as_ref().context("the process does not run")?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        Ok(kill_process(id, signal)?)
    }

    /// All it has written to its log, over all its lives.
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.recipe().log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last it has written to its log.
    pub fn tail(&self) -> String {
        let recipe = self.recipe();
        let text = read_tail(&recipe.log).unwrap_or_else(|why| format!("(no log: {why})"));
        format!("==== {}: {} ====\n{text}", recipe.name, recipe.log.display())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(why) = self.kill() {
            eprintln!("{} could not be killed: {why}", self.recipe().name);
        }
    }
}

/// How a process ended, in words.
pub fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

/// The settings of whoever runs the tests are not those of the servers under test.
fn set_environment(command: &mut Command, recipe: &Recipe) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"ELASTICKV_") {
            command.env_remove(name);
        }
    }
    command.envs(recipe.environment.iter().map(|(name, value)| (name, value)));
}

fn open_log(path: &Path) -> Result<File> {
    let opened = File::options().create(true).append(true).open(path);
    opened.with_context(|| format!("cannot write the log {}", path.display()))
}

fn read_tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn shell(scratch: &Scratch, script: &str) -> Process {
        Process::new(Recipe {
            name: "shell".to_owned(),
            binary: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: Vec::new(),
            log: scratch.path().join("shell.log"),
        })
    }

    #[tokio::test]
    async fn a_process_ends_by_kill_by_signal_and_by_itself() {
        let scratch = Scratch::new("process").expect("a directory");
        let sleeper = shell(&scratch, "echo here; exec sleep 600");
        sleeper.start().expect("it starts");
        assert!(sleeper.kill().expect("killed"), "it ran");
        assert!(!sleeper.kill().expect("nothing to do"), "it ran no more");
        sleeper.start().expect("it starts again");
        let status = sleeper.terminate(wait::PATIENCE).await.expect("it ends");
        assert_eq!(ending(status), "signal 15");
        let brief = shell(&scratch, "exit 3");
        brief.start().expect("it starts");
        assert_eq!(ending(brief.exit(wait::PATIENCE).await.expect("it ends")), "exit code 3");
        assert!(brief.id().is_none());
    }

    #[tokio::test]
    async fn a_stopped_process_does_not_end_until_it_goes_on() {
        let scratch = Scratch::new("stopped").expect("a directory");
        let sleeper = shell(&scratch, "exec sleep 600");
        sleeper.start().expect("it starts");
        sleeper.stop().expect("it is stopped");
        sleeper.signal(Signal::TERM).expect("the signal waits");
        assert!(sleeper.ended().is_none());
        sleeper.go_on().expect("it goes on");
        sleeper.exit(wait::PATIENCE).await.expect("it ends by the signal that waited");
    }
}
