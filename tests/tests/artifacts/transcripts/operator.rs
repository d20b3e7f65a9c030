//! Somebody who types commands, with a home of their own, and writes down what came of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use elastickv_tests::authority::{Authority, Pair};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::workspace;
use serde_json::Value;

use super::plain;

/// A command and what came of it, as it is kept.
#[derive(Clone, Debug)]
pub struct Told {
    pub line: String,
    pub status: i32,
    /// For people: standard output, and what was said beside it. For programs: the document.
    pub text: String,
    pub document: Option<Value>,
}

impl Told {
    pub fn code(&self) -> Option<&str> {
        self.document.as_ref()?["error"]["code"].as_str()
    }
}

pub struct Operator {
    program: PathBuf,
    home: PathBuf,
    /// Texts that differ from run to run, and what stands for them.
    names: Vec<(String, String)>,
    told: Vec<Told>,
    /// What ended otherwise than it should: all of it is told at the end.
    wrong: Vec<String>,
}

impl Operator {
    /// The owner of the cluster, with a context that says how to get there.
    pub fn of(cluster: &Cluster) -> Result<Self> {
        let home = cluster.scratch().join("operator");
        std::fs::create_dir_all(&home)?;
        let mut names = vec![
            (home.display().to_string(), "/home/operator".to_owned()),
            (cluster.scratch().display().to_string(), "/var/lib/elastickv".to_owned()),
        ];
        for node in cluster.nodes() {
            names.push((node.address.to_string(), format!("{}.example:50051", node.name)));
        }
        let operator =
            Self { program: workspace::admin()?, home, names, told: Vec::new(), wrong: Vec::new() };
        let endpoints: Vec<String> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
        let shown = shown(cluster.authority()?, cluster.authority()?.owner());
        let line = format!("context add test --endpoint {} {shown} --pin --use", endpoints.join(","));
        let added = operator.run(&line, "", &[])?;
        ensure!(added.status.code() == Some(0), "{}", String::from_utf8_lossy(&added.stderr));
        Ok(operator)
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Nothing ended otherwise than it should.
    pub fn satisfied(&self) -> Result<()> {
        ensure!(
            self.wrong.is_empty(),
            "{} lines went wrong\n\n{}",
            self.wrong.len(),
            self.wrong.join("\n\n")
        );
        Ok(())
    }

    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// Has a text stand under another name in all that is kept.
    pub fn rename(&mut self, text: impl ToString, name: &str) {
        self.names.push((text.to_string(), name.to_owned()));
    }

    /// Types a line for people and for programs, and both end with this status.
    pub fn both(&mut self, line: &str, status: i32) -> Result<Value> {
        self.people(line, status)?;
        self.program_with(line, "", status)
    }

    /// Types a line as people do.
    pub fn people(&mut self, line: &str, status: i32) -> Result<()> {
        self.people_with(line, "", status)
    }

    pub fn people_with(&mut self, line: &str, input: &str, status: i32) -> Result<()> {
        let output = self.run(line, input, &[])?;
        let out = String::from_utf8_lossy(&output.stdout);
        let err = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(status) {
            self.wrong.push(format!("{line}: {}, not {status}\n{out}{err}", output.status));
        }
        let widest = out.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        let is_free = ["completions", "schema", "kv get"].iter().any(|free| line.contains(free));
        if widest > 80 && !is_free {
            self.wrong.push(format!("{line} is {widest} columns wide:\n{out}"));
        }
        let text = self.renamed(&format!("{out}{err}"));
        let told = Told { line: self.renamed(line), status, text: plain::text(&text), document: None };
        self.told.push(told);
        Ok(())
    }

    /// Types a line as programs do.
    pub fn program_as(&mut self, line: &str, status: i32) -> Result<Value> {
        self.program_with(line, "", status)
    }

    pub fn program_with(&mut self, line: &str, input: &str, status: i32) -> Result<Value> {
        let output = self.run(line, input, &["-o", "json"])?;
        let err = String::from_utf8_lossy(&output.stderr);
        let Ok(document) = serde_json::from_slice::<Value>(&output.stdout) else {
            self.wrong.push(format!("{line}: {}, and no document\n{err}", output.status));
            return Ok(Value::Null);
        };
        if output.status.code() != Some(status) || document["exit_code"] != status {
            self.wrong.push(format!("{line}: {}, not {status}\n{}\n{err}", output.status, document["error"]));
        }
        let renamed: Value = serde_json::from_str(&self.renamed(&document.to_string()))?;
        let text = format!("{:#}\n", plain::document(&renamed));
        let line = format!("{} -o json", self.renamed(line));
        self.told.push(Told { line, status, text, document: Some(document.clone()) });
        Ok(document)
    }

    /// Types a line at a terminal, and this when it asks; once for people and once for programs.
    pub fn at_a_terminal(&mut self, line: &str, typed: &str, status: i32) -> Result<()> {
        let file = self.home.join("standard-output");
        for more in ["", " -o json"] {
            let whole = format!("{} {line}{more} > {}", self.program.display(), file.display());
            let mut command = Command::new("script");
            command.args(["-qefc", &whole, "/dev/null"]);
            let output = self.typing(command, &format!("{typed}\n"))?;
            let seen = String::from_utf8_lossy(&output.stdout).replace('\r', "");
            if output.status.code() != Some(status) {
                self.wrong.push(format!("{line}: {}, not {status}\n{seen}", output.status));
            }
            let told = std::fs::read_to_string(&file)?;
            let document: Option<Value> =
                (!more.is_empty()).then(|| serde_json::from_str(&told)).transpose()?;
            let text = match &document {
                Some(document) => format!("{:#}\n", plain::document(document)),
                None => plain::text(&self.renamed(&(told + &seen))),
            };
            self.told.push(Told { line: format!("{line}{more}"), status, text, document });
        }
        Ok(())
    }

    /// Runs a line, and keeps nothing of it.
    pub fn run(&self, line: &str, input: &str, more: &[&str]) -> Result<std::process::Output> {
        let mut command = Command::new(&self.program);
        command.args(line.split_whitespace()).args(more);
        self.typing(command, input)
    }

    fn typing(&self, mut command: Command, input: &str) -> Result<std::process::Output> {
        command.current_dir(&self.home);
        for variable in ["ELASTICKV_ENDPOINT", "ELASTICKV_CONTEXT", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.env("XDG_CONFIG_HOME", &self.home).env("COLUMNS", "80").env("HOME", &self.home);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot run {command:?}"))?;
        // Who does not read its input has closed it, perhaps.
        let _ = child.stdin.take().context("a pipe")?.write_all(input.as_bytes());
        Ok(child.wait_with_output()?)
    }

    pub fn renamed(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }
}

/// What a pair shows to get in.
pub fn shown(authority: &Authority, pair: &Pair) -> String {
    format!(
        "--tls-ca {} --tls-cert {} --tls-key {}",
        authority.certificate().display(),
        pair.certificate.display(),
        pair.key.display()
    )
}
