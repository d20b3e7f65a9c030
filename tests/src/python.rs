//! An environment for the clients written in Python.
//!
//! It lies in `.venv` at the top of the source tree and is made from pinned requirements the first time
//! it is needed. A machine without Python, or without a network the first time, can not run these
//! clients. There the test is left out and says so; where `ELASTICKV_STRICT` is set, as in CI, it fails.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{debian, workspace};

const STRICT: &str = "ELASTICKV_STRICT";

/// The interpreter of the environment, with everything installed; none where that cannot be had and
/// nobody insists.
pub fn environment() -> Result<Option<PathBuf>> {
    match find_or_make() {
        Ok(interpreter) => Ok(Some(interpreter)),
        Err(why) if std::env::var_os(STRICT).is_some() => Err(why),
        Err(why) => {
            eprintln!("LEFT OUT: what needs Python, because {why:#}");
            Ok(None)
        }
    }
}

fn find_or_make() -> Result<PathBuf> {
    let home = workspace::root().join(".venv");
    let interpreter = home.join("bin/python");
    let requirements = workspace::root().join("tests/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).context("cannot read the requirements")?;
    let installed = home.join("installed-requirements.txt");
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    let lock = File::create(home.join("lock")).context("cannot make the lock of the environment")?;
    lock.lock().context("cannot take the lock of the environment")?;
    if interpreter.exists() && fs::read_to_string(&installed).is_ok_and(|have| have == wanted) {
        return Ok(interpreter);
    }
    debian::ensure("python3", "python3")?;
    if make(&home).is_err() {
        // Debian keeps the module that makes environments in a package of its own.
        debian::install("python3-venv")?;
        make(&home)?;
    }
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
    run(&mut pip)?;
    fs::write(&installed, wanted).context("cannot note what was installed")?;
    Ok(interpreter)
}

fn make(home: &PathBuf) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(home))
}

fn run(command: &mut Command) -> Result<()> {
    let told = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !told.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&told.stderr));
    }
    Ok(())
}
