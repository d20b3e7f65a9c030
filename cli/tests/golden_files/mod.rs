//! Comparing what operators and scripts see with files in tests/golden.
//!
//! `UPDATE_GOLDEN=1 cargo test -p elastickv-admin` writes the files anew; the change then shows in the diff, where a
//! field that vanished or was renamed is a broken contract.

use std::path::{Path, PathBuf};

use elastickv_admin::model::{Done, Facts, Finished, Report, Strictness};
use elastickv_admin::output::layout::Breadth;
use elastickv_admin::output::{Theme, Width, envelope, human};

pub const CLI: &str = "elastickv-admin --endpoint 10.0.0.11:50051";
const WIDTHS: [usize; 3] = [40, 80, 200];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Compares with a golden file, or writes it when told to.
pub fn compare(name: &str, text: &str) -> Result<(), String> {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return Ok(());
    }
    let wanted = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    if wanted == text {
        Ok(())
    } else {
        Err(format!("{name} differs\n--- wanted\n{wanted}\n--- found\n{text}"))
    }
}

pub fn finished<R: Report>(command: &str, done: Done<R>, facts: Facts) -> Finished<R> {
    Finished::new(command, Ok(done), facts, Strictness::default())
}

/// All human layouts of a report and its document, each a file.
pub fn check<R: Report>(name: &str, finished: &Finished<R>) {
    let report = &finished.result.as_ref().unwrap().report;
    let mut results = Vec::new();
    for columns in WIDTHS {
        let theme = Theme { width: Width::Columns(columns), ..Theme::PLAIN };
        let rendered = human::render(&report.table(), &theme, Breadth::Fitting);
        let longest = rendered.text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(longest <= columns, "{name} is {longest} columns wide at {columns}:\n{}", rendered.text);
        assert!(
            !rendered.text.lines().any(|line| line.ends_with(' ')),
            "{name} at {columns} ends lines in blanks"
        );
        let hidden = rendered.hidden.iter().map(|title| format!("hidden: {title}\n")).collect::<String>();
        results.push(compare(&format!("{name}.{columns}.txt"), &(rendered.text + &hidden)));
    }
    let wide = human::render(&report.table(), &Theme::PLAIN, Breadth::Everything);
    results.push(compare(&format!("{name}.wide.txt"), &wide.text));
    results.push(compare(&format!("{name}.short.txt"), &report.short()));
    results.push(compare(&format!("{name}.json"), &envelope::json(finished, CLI).unwrap()));
    let failed: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
