//! A node that is started with a damaged directory, and how it bears that.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use bytes::Bytes;
use elastickv_tests::client::{Client, Consistency, Pair, Refusal};
use elastickv_tests::ports;
use elastickv_tests::process::{Process, Recipe, ending};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;

use super::injury::Injury;
use super::template::{Template, copy};

/// A node that has neither started nor ended by then hangs.
const HANG: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(10);
/// Answers of a node that is still starting.
const STARTING: [&str; 4] = ["NotReady", "NoLeader", "NoQuorum", "NotLeader"];
/// Exit codes of a node that says why it ends.
const SAID_WHY: [i32; 2] = [3, 4];

/// A single node with a directory.
pub struct Server {
    process: Process,
    address: String,
}

impl Server {
    pub fn new(dir: PathBuf) -> Result<Self> {
        let address = ports::free()?.to_string();
        let log = dir.with_extension("log");
        let arguments = [
            "--node-name=n1",
            &format!("--data-dir={}", dir.display()),
            "--cluster-name=test",
            "--bootstrap",
            &format!("--listen={address}"),
            "--heartbeat-interval=10ms",
            "--election-timeout=50ms",
            "--storage-reserve=16MiB",
            "--snapshot-entries=0",
        ];
        let recipe = Recipe {
            name: "n1".to_owned(),
            binary: workspace::testing_server()?,
            arguments: arguments.map(Into::into).to_vec(),
            environment: Vec::new(),
            log,
        };
        Ok(Self { process: Process::new(recipe), address })
    }

    pub async fn start_and_wait(&self) -> Result<Client> {
        self.process.start()?;
        let client = Client::new(&self.address)?;
        wait::until("the node to serve", PATIENCE, || async {
            if let Some(status) = self.process.ended() {
                bail!(wait::Hopeless(format!("it ended with {}\n{}", ending(status), self.process.tail())));
            }
            Ok(client.get("any".into(), Consistency::Linearizable).await?)
        })
        .await?;
        Ok(client)
    }

    pub async fn terminate(&self) -> Result<()> {
        let status = self.process.terminate(PATIENCE).await?;
        anyhow::ensure!(status.success(), "it ended with {}", ending(status));
        Ok(())
    }

    pub fn kill(&self) -> Result<bool> {
        self.process.kill()
    }
}

/// How a damage was borne.
pub enum Verdict {
    Correct,
    /// The store was set aside, and made again from snapshot and log.
    Rebuilt,
    /// It ended, and said which file is damaged.
    Refused,
    /// It started, and a read was answered with an error that says which file is damaged.
    RefusedAtRead,
    Failed(String),
}

impl Verdict {
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Correct => "correct",
            Verdict::Rebuilt => "rebuilt",
            Verdict::Refused => "refused",
            Verdict::RefusedAtRead => "refused at a read",
            Verdict::Failed(_) => "FAILED",
        }
    }

    pub fn is_borne(&self) -> bool {
        !matches!(self, Verdict::Failed(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Failed(why) => f.write_str(why),
            other => f.write_str(other.word()),
        }
    }
}

/// One place where damaged nodes are started, one after the other.
pub struct Patient {
    dir: PathBuf,
    server: Server,
}

/// What a full scan came to.
enum Scan {
    Content(Vec<Pair>),
    Refused(Refusal),
    Ended(std::process::ExitStatus),
    Hung(String),
}

impl Patient {
    pub fn new(dir: PathBuf) -> Result<Self> {
        let server = Server::new(dir.clone())?;
        Ok(Self { dir, server })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes in a fresh copy of a directory.
    pub fn admit(&mut self, template: &Template) -> Result<()> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        let log = self.server.process.recipe().log;
        if log.exists() {
            fs::remove_file(log)?;
        }
        copy(template.dir(), &self.dir)
    }

    /// Starts the node, changes one value as any client may, and ends it.
    pub async fn overwrite(&self, key: Bytes, value: Bytes) -> Result<()> {
        self.server.start_and_wait().await?.put(key, value, Bytes::new()).await?;
        self.server.terminate().await
    }

    /// Starts the node, scans everything, writes something, and looks whether all was as it should be.
    pub async fn examine(&self, template: &Template, injury: &Injury) -> Result<Verdict> {
        self.server.process.start()?;
        let client = Client::new(&self.server.address)?.with_deadline(Duration::from_secs(10));
        let scan = self.scan(&client).await;
        let mut verdict = self.judge(scan, template, injury);
        if verdict.is_borne() && matches!(verdict, Verdict::Correct | Verdict::Rebuilt) {
            verdict = self.again(&client, verdict, template, injury).await?;
        }
        self.server.kill()?;
        let log = self.server.process.log();
        if log.contains("panicked") {
            verdict =
                Verdict::Failed(format!("it panicked (and was {verdict})\n{}", self.server.process.tail()));
        }
        Ok(verdict)
    }

    /// Starts the node, lets `hurt` damage it while it runs, and looks at what it shows then, and what after
    /// another start.
    pub async fn examine_running(
        &self,
        template: &Template,
        hurt: impl FnOnce(&Path) -> Result<Injury>,
    ) -> Result<(Injury, Verdict)> {
        let client = self.server.start_and_wait().await?.with_deadline(Duration::from_secs(10));
        let injury = hurt(&self.dir)?;
        let mut verdict = self.judge(self.scan(&client).await, template, &injury);
        self.server.kill()?;
        if verdict.is_borne() {
            self.server.process.start()?;
            let second = self.judge(self.scan(&client).await, template, &injury);
            if !second.is_borne() {
                verdict = second;
            }
            self.server.kill()?;
        }
        if self.server.process.log().contains("panicked") {
            verdict = self.failed("it panicked");
        }
        Ok((injury, verdict))
    }

    /// A node that started well takes writes, and starts well again.
    async fn again(
        &self,
        client: &Client,
        first: Verdict,
        template: &Template,
        injury: &Injury,
    ) -> Result<Verdict> {
        let put = client.put("later".into(), "written".into(), Bytes::new()).await;
        if let Err(refusal) = put {
            return Ok(self.refused(&refusal.to_string(), injury, Verdict::RefusedAtRead));
        }
        self.server.kill()?;
        self.server.process.start()?;
        let scan = match self.scan(client).await {
            Scan::Content(mut content) => {
                let written = content.iter().position(|(key, _)| key == "later").map(|at| content.remove(at));
                if written.is_none_or(|(_, value)| value != "written") {
                    return Ok(self.failed("a write is lost after a second start"));
                }
                Scan::Content(content)
            }
            other => other,
        };
        Ok(match self.judge(scan, template, injury) {
            Verdict::Correct | Verdict::Rebuilt => first,
            other => other,
        })
    }

    async fn scan(&self, client: &Client) -> Scan {
        let begun = Instant::now();
        loop {
            let error = match client.scan_all(Consistency::Linearizable).await {
                Ok(content) => return Scan::Content(content),
                Err(error) => error,
            };
            if let Some(status) = self.server.process.ended() {
                return Scan::Ended(status);
            }
            // Without a name the answer is no answer: it is not listening yet, or about to end.
            let passing = error.reason.is_empty() || STARTING.contains(&error.reason.as_str());
            if !passing {
                return Scan::Refused(error);
            }
            if begun.elapsed() > HANG {
                return Scan::Hung(error.to_string());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn judge(&self, scan: Scan, template: &Template, injury: &Injury) -> Verdict {
        match scan {
            Scan::Content(content) if content == template.content() => self.correct(),
            Scan::Content(content) => self.failed(&difference(&content, template.content())),
            Scan::Refused(refusal) => self.refused(&refusal.to_string(), injury, Verdict::RefusedAtRead),
            Scan::Hung(last) => self.failed(&format!("it hangs: {last}")),
            Scan::Ended(status) => {
                let log = self.server.process.log();
                let line = log.lines().rev().find(|line| line.starts_with("error: "));
                match (status.code(), line) {
                    (Some(code), Some(line)) if SAID_WHY.contains(&code) => {
                        self.refused(line, injury, Verdict::Refused)
                    }
                    _ => self.failed(&format!("it ended with {} and said {line:?}", ending(status))),
                }
            }
        }
    }

    fn correct(&self) -> Verdict {
        let rebuilt = self.server.process.log().contains("set aside");
        if rebuilt { Verdict::Rebuilt } else { Verdict::Correct }
    }

    /// A refusal counts if it names a damaged file.
    fn refused(&self, text: &str, injury: &Injury, verdict: Verdict) -> Verdict {
        let named = injury.files().iter().any(|file| names(text, &self.dir, file));
        if named { verdict } else { self.failed(&format!("the refusal does not name the file: {text}")) }
    }

    fn failed(&self, why: &str) -> Verdict {
        Verdict::Failed(format!("{why}\n{}", self.server.process.tail()))
    }
}

/// Whether a text names a file of a node: by its path, or by the end of it behind the path of the
/// store or the log that it belongs to. Of a snapshot that is gone nobody knows the name.
fn names(text: &str, dir: &Path, file: &Path) -> bool {
    let path = dir.join(file);
    let of_snapshots = path.parent().filter(|parent| parent.ends_with("snapshots"));
    if let Some(parent) = of_snapshots.filter(|_| !path.exists()) {
        return text.contains(&parent.display().to_string());
    }
    if text.contains(&path.display().to_string()) {
        return true;
    }
    let mut below = file.ancestors().skip(1).filter(|parent| parent.components().count() > 2);
    below.any(|parent| {
        let end = file.strip_prefix(parent).unwrap_or(file).display().to_string();
        text.contains(&dir.join(parent).display().to_string()) && text.contains(&end)
    })
}

fn difference(found: &[Pair], expected: &[Pair]) -> String {
    let wrong = expected.iter().filter(|pair| !found.contains(pair)).count();
    let first = expected.iter().find(|pair| !found.contains(pair)).map(|(key, _)| key.clone());
    let odd = found.iter().filter(|(key, _)| !expected.iter().any(|(known, _)| known == key)).count();
    format!(
        "{} pairs instead of {}: {wrong} missing or wrong, the first {first:?}; {odd} that should not be there",
        found.len(),
        expected.len()
    )
}
