//! Transcripts as they are kept, in docs/transcripts: a file a command, a file an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use elastickv_tests::workspace;

use super::operator::Told;
use super::plain;

/// Codes whose real cause is not provoked here yet, a line each. A code that is told here, or that is no longer in the
/// catalogue, has to leave the list: it only shrinks.
const NOT_YET: &str = "docs/transcripts/not-yet.txt";

/// Commands that want another stage than this one cluster, and the test that plays them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("cluster log-level", "cluster/tools/levels.rs"),
    ("demo quick", "artifacts/demo.rs"),
    ("demo walk", "artifacts/demo.rs"),
    ("doctor", "cluster/tools/doctor.rs"),
    ("encryption forecast", "cluster/tools/evidence.rs"),
    ("encryption report", "cluster/tools/evidence.rs"),
    ("support-bundle", "cluster/tools/evidence.rs"),
];

pub struct Kept {
    directory: PathBuf,
    reference: String,
}

impl Kept {
    pub fn open() -> Result<Self> {
        let root = workspace::root();
        let reference = fs::read_to_string(root.join("docs/cli.md"))?;
        Ok(Self { directory: root.join("docs/transcripts"), reference })
    }

    /// The first cells of a generated table.
    fn first_cells(&self, table: &str) -> Result<Vec<String>> {
        let (_, rest) = self
            .reference
            .split_once(&format!("<!-- {table}: generated -->"))
            .with_context(|| format!("no table of {table}"))?;
        let (rows, _) = rest.split_once("<!-- end").context("the table has no end")?;
        let cells = rows.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        let first = cells.filter_map(|row| row.split('|').nth(1));
        Ok(first
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .filter(|cell| !cell.is_empty())
            .collect())
    }

    /// Every command is told, for people and for programs, as it was before.
    pub fn commands(&self, told: &[Told]) -> Result<()> {
        let commands = self.first_cells("commands")?;
        let mut files: BTreeMap<&str, Vec<&Told>> = BTreeMap::new();
        for one in told {
            if let Some(command) = command_of(&commands, &one.line) {
                files.entry(command).or_default().push(one);
            }
        }
        // How it fails is told under the error, unless it always does.
        for all in files.values_mut() {
            for programs in [false, true] {
                let of_these = |one: &&Told| one.document.is_some() == programs;
                if all.iter().filter(|one| of_these(one)).any(|one| one.status == 0) {
                    all.retain(|one| !of_these(one) || one.status == 0);
                }
            }
        }
        let lacks = |wanted: bool| {
            let shown = |command: &&String| {
                files
                    .get(command.as_str())
                    .is_some_and(|all| all.iter().any(|one| one.document.is_some() == wanted))
            };
            let elsewhere = |command: &&String| ELSEWHERE.iter().any(|(name, _)| name == command);
            commands
                .iter()
                .filter(|command| !shown(command) && !elsewhere(command))
                .cloned()
                .collect::<Vec<_>>()
        };
        ensure!(lacks(false).is_empty(), "nobody typed {:?}", lacks(false));
        ensure!(lacks(true).is_empty(), "no program ran {:?}", lacks(true));
        let texts = files.into_iter().map(|(command, all)| {
            let text: Vec<String> = all.iter().map(|one| shown(one)).collect();
            (format!("{}.txt", command.replace(' ', "-")), text.join("\n"))
        });
        self.compare("commands", texts.collect())
    }

    /// Every error that was met is told; every other one is on the list of those that were not.
    pub fn errors(&self, told: &[Told]) -> Result<()> {
        let codes: BTreeSet<String> = self.first_cells("codes")?.into_iter().collect();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut met: BTreeSet<String> = BTreeSet::new();
        for (at, one) in told.iter().enumerate() {
            let warned = one
                .document
                .iter()
                .flat_map(|document| document["warnings"].as_array().into_iter().flatten());
            met.extend(warned.filter_map(|warning| warning["code"].as_str()).map(str::to_owned));
            let Some(code) = one.code() else { continue };
            met.insert(code.to_owned());
            // What people were shown stands before it.
            let before = at.checked_sub(1).and_then(|before| told.get(before));
            let people = before.filter(|before| one.line == format!("{} -o json", before.line));
            let people = people.map(|before| shown(before) + "\n").unwrap_or_default();
            texts.entry(format!("{code}.txt")).or_insert_with(|| people + &shown(one));
        }
        let path = workspace::root().join(NOT_YET);
        let listed = fs::read_to_string(&path).unwrap_or_default();
        let listed: BTreeSet<String> = listed.split_whitespace().map(str::to_owned).collect();
        let not_met: BTreeSet<String> = codes.difference(&met).cloned().collect();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let kept: Vec<String> = not_met.iter().cloned().collect();
            fs::write(&path, kept.join("\n") + "\n")?;
        } else {
            let new: Vec<_> = not_met.difference(&listed).collect();
            ensure!(new.is_empty(), "nothing provokes {new:?}: tell each by its real cause in troubles.rs");
            let told: Vec<_> = listed.difference(&not_met).collect();
            ensure!(told.is_empty(), "{told:?} can leave {NOT_YET}");
        }
        println!("{} of {} codes were met, {} are told", met.len(), codes.len(), texts.len());
        self.compare("errors", texts)
    }

    fn compare(&self, below: &str, texts: BTreeMap<String, String>) -> Result<()> {
        let directory = self.directory.join(below);
        let update = std::env::var_os("UPDATE_GOLDEN").is_some();
        if update {
            fs::create_dir_all(&directory)?;
        }
        let mut differing = Vec::new();
        for (name, text) in &texts {
            let path = directory.join(name);
            if update {
                fs::write(&path, text)?;
            } else if fs::read_to_string(&path).ok().map(|wanted| bones(&wanted)) != Some(bones(text)) {
                let wanted = fs::read_to_string(&path).unwrap_or_else(|error| error.to_string());
                differing.push(format!("==== {name}\n--- wanted\n{wanted}\n--- found\n{text}"));
            }
        }
        let there = fs::read_dir(&directory)?.collect::<Result<Vec<_>, _>>()?;
        for file in there.into_iter().filter(|file| !texts.contains_key(&*file.file_name().to_string_lossy()))
        {
            match update {
                true => fs::remove_file(file.path())?,
                false => differing.push(format!("nothing tells {:?} any more", file.file_name())),
            }
        }
        ensure!(differing.is_empty(), "UPDATE_GOLDEN=1 writes them anew\n{}", differing.join("\n"));
        Ok(())
    }
}

fn shown(told: &Told) -> String {
    let line = plain::text(&told.line);
    format!("$ elastickv-admin {}\n{}exit status {}\n", line.trim_end(), told.text, told.status)
}

/// What is the same in each run: what was typed, how it ended, and which fields a document has. Rows come in the order of
/// ids that are drawn, and some facts are known in one run and not in another.
fn bones(text: &str) -> Vec<String> {
    let bone = |line: &str| {
        if line.starts_with("$ ") || line.starts_with("exit status ") {
            return Some(line.to_owned());
        }
        let inner = line.trim_start();
        let is_field = inner.starts_with('"') && [2, 4].contains(&(line.len() - inner.len()));
        let (name, _) = inner.split_once(':').filter(|_| is_field)?;
        Some(name.to_owned())
    };
    text.lines().filter_map(bone).collect()
}

/// The command of a line: the one with the most words that stand in it in a row, options before them left aside.
fn command_of<'a>(commands: &'a [String], line: &str) -> Option<&'a str> {
    let line = format!(" {line} ");
    let fitting = commands.iter().filter(|command| line.contains(&format!(" {command} ")));
    fitting.max_by_key(|command| command.len()).map(String::as_str)
}
