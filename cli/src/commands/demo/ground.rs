//! Where a demonstration takes place: its directory, its ports, the programs it runs.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use elastickv_sys::random::SystemRandom;
use serde_json::Value;

use super::child::attached;
use super::failure::{failed, trouble};
use crate::args::demo::DemoArgs;
use crate::error::{CliError, Code};
use crate::local_files;

/// Below the ports that the kernel gives to outgoing connections.
const FIRST_PORT: u16 = 11_000;
const PORTS: u16 = 4_000;
/// What one command may take, and after which one that does not even keep to that is given up.
const DEADLINE: &str = "90s";
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub struct Ground {
    pub dir: PathBuf,
    server: PathBuf,
    next_port: Cell<u16>,
    keep: bool,
}

/// How a command ended.
#[derive(Debug)]
pub struct Told {
    pub words: String,
    pub status: i32,
    /// The envelope; of a result in many lines, the last.
    pub document: Value,
    /// The lines before it.
    pub items: Vec<Value>,
}

impl Ground {
    pub fn new(args: &DemoArgs) -> Result<Self, CliError> {
        let server = server(args)?;
        let mut noise = [0; 6];
        SystemRandom::shared().fill(&mut noise);
        let dir = std::env::temp_dir().join(format!("elastickv-demo-{}", hex::encode(noise)));
        local_files::create_private_directory(&dir).map_err(trouble(&dir.display().to_string()))?;
        let [low, high, ..] = noise;
        let begin = u16::from_le_bytes([low, high]) % PORTS;
        Ok(Self { dir, server, next_port: Cell::new(begin), keep: args.keep })
    }

    pub fn server(&self) -> &Path {
        &self.server
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn kek_uri(&self) -> String {
        format!("file:{}", self.path("kek").display())
    }

    /// The directory, when it stays.
    pub fn kept(&self) -> Option<String> {
        self.keep.then(|| self.dir.display().to_string())
    }

    /// An address that nobody listens at.
    pub fn free_address(&self) -> Result<SocketAddr, CliError> {
        for _ in 0..PORTS {
            let port = FIRST_PORT + self.next_port.get() % PORTS;
            self.next_port.set(self.next_port.get() + 1);
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            if TcpListener::bind(address).is_ok() {
                return Ok(address);
            }
        }
        Err(CliError::new(Code::Unexpected, "no port of the loopback interface is free"))
    }

    /// Runs a command of this program, and says how it ended.
    pub async fn admin(&self, endpoints: &[SocketAddr], line: &[&str]) -> Result<Told, CliError> {
        let program = std::env::current_exe().map_err(trouble("this program"))?;
        let mut command = attached(&program).map_err(trouble("this program"))?;
        command.args(line).args(["--progress", "off", "--deadline", DEADLINE]);
        if !line.contains(&"-o") {
            command.args(["-o", "json"]);
        }
        for endpoint in endpoints {
            command.args(["--endpoint", &endpoint.to_string()]);
        }
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true);
        let words = line.join(" ");
        let output = tokio::time::timeout(PATIENCE, command.output()).await;
        let output = output.map_err(|_| failed(format!("`{words}` does not come to an end")))?;
        let output = output.map_err(trouble(&words))?;
        let (document, items) = documents(&output.stdout)
            .ok_or_else(|| failed(format!("`{words}`: {}", String::from_utf8_lossy(&output.stderr))))?;
        Ok(Told { words, status: output.status.code().unwrap_or(-1), document, items })
    }
}

fn server(args: &DemoArgs) -> Result<PathBuf, CliError> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("elastickv"));
    let path = args.server.clone().or_else(beside).unwrap_or_else(|| "elastickv".into());
    if path.is_file() {
        return std::path::absolute(&path).map_err(trouble(&path.display().to_string()));
    }
    let text = format!("{} is not there: the server's program is needed", path.display());
    Err(CliError::new(Code::Usage, text).hint("{cli} demo walk --server FILE"))
}

/// One document, or a line each.
fn documents(output: &[u8]) -> Option<(Value, Vec<Value>)> {
    if let Ok(document) = serde_json::from_slice(output) {
        return Some((document, Vec::new()));
    }
    let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut items = lines.map(serde_json::from_slice).collect::<Result<Vec<Value>, _>>().ok()?;
    Some((items.pop()?, items))
}

impl Told {
    /// What it found out, if it ended as it should.
    pub fn with(self, status: i32) -> Result<Value, CliError> {
        match self.status == status {
            true => Ok(self.document.get("data").cloned().unwrap_or_default()),
            false => Err(self.unexpected()),
        }
    }

    pub fn unexpected(&self) -> CliError {
        let error = self.document.pointer("/error/message").and_then(Value::as_str).unwrap_or("no error");
        failed(format!("`{}` ended with {}: {error}", self.words, self.status))
    }
}

/// A text or a number of a document; numbers that can be large are texts there.
pub fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    }
}

pub fn number(value: &Value, pointer: &str) -> u64 {
    text(value, pointer).parse().unwrap_or_default()
}

pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Drop for Ground {
    fn drop(&mut self) {
        if !self.keep {
            // What can not be removed is in a directory for temporary files.
            let _ = local_files::remove_directory(&self.dir);
        }
    }
}
