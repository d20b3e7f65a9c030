//! A command line that was not understood, and help.

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Cli, Format, GlobalArgs, PROGRAM};
use crate::error::{CliError, Code, Exit};
use crate::model::{Done, Facts, Finished, Report, Strictness};
use crate::output::Table;
use crate::ui::Ui;

/// Shows what clap has to say: help and version as they are, everything else as an error like all others.
pub fn show(line: &[OsString], error: &clap::Error) -> Exit {
    let ui = Ui::new(&guessed(line));
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ui.text(&error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
            if !ui.format().is_for_machines() =>
        {
            ui.aside(&error.render().to_string());
            Exit::Usage
        }
        _ => {
            let words = verb(line);
            let words = words.trim_start_matches(PROGRAM).trim_start();
            refuse(&ui, words, described(line, error))
        }
    }
}

/// Ends a command before it began.
pub fn refuse(ui: &Ui, command: &str, error: CliError) -> Exit {
    let result: Result<Done<Nothing>, CliError> = Err(error);
    ui.finish(&Finished::new(command, result, Facts::default(), Strictness::default()))
}

/// There is no report of a command that never ran.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Nothing;

impl Report for Nothing {
    const KIND: &'static str = "Usage";

    fn table(&self) -> Table {
        Table::new()
    }
}

/// The first paragraph of clap's message, in one line, and its tips as the advice.
fn described(line: &[OsString], error: &clap::Error) -> CliError {
    let text = error.render().to_string();
    let told: Vec<&str> = text.lines().map(str::trim).collect();
    let first = told.iter().take_while(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let first = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    let tip = told.iter().find_map(|line| line.strip_prefix("tip: "));
    let possible =
        told.iter().find(|line| line.starts_with("[possible values")).filter(|line| !first.contains(*line));
    let message = possible.map_or_else(|| first.clone(), |values| format!("{first} {values}"));
    let help = format!("{} --help", verb(line));
    let hint = tip.map_or_else(|| help.clone(), |tip| format!("{help}   # {tip}"));
    CliError::new(Code::Usage, message).hint(hint)
}

/// The program and the verb as far as it was understood.
fn verb(line: &[OsString]) -> String {
    let mut command = &<Cli as clap::CommandFactory>::command();
    let mut words = vec![PROGRAM];
    for word in line.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(next) = command.find_subcommand(word) else { continue };
        command = next;
        words.push(next.get_name());
        // Only two levels are verbs; what follows are arguments that may look like one.
        if words.len() == 3 {
            break;
        }
    }
    words.join(" ")
}

/// The output options of a line that can not be parsed as a whole.
fn guessed(line: &[OsString]) -> GlobalArgs {
    let words: Vec<&str> = line.iter().filter_map(|word| word.to_str()).collect();
    let after = |flag: &str| {
        words.windows(2).find_map(|pair| match pair {
            [first, second] if *first == flag => Some(*second),
            _ => None,
        })
    };
    let joined = |prefix: &str| words.iter().find_map(|word| word.strip_prefix(prefix));
    let told =
        after("-o").or_else(|| after("--output")).or_else(|| joined("--output=")).or_else(|| joined("-o="));
    let told = told.or_else(|| joined("-o").filter(|rest| !rest.is_empty()));
    let format = told
        .and_then(|text| <Format as clap::ValueEnum>::from_str(text, false).ok())
        .unwrap_or(Format::Table);
    let mut global =
        Cli::try_parse_from([PROGRAM, "version"]).expect("the defaults are a valid command line").global;
    global.output = format;
    global.ascii = words.contains(&"--ascii");
    global
}
