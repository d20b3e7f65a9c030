//! Where the sources and the built binaries are.
//!
//! A test wants the server that its own source tree describes. `ELASTICKV_BIN` and
//! `ELASTICKV_ADMIN_BIN` name binaries that exist already; without them cargo is asked, once a process.
//! Cargo puts every build of a package at the same path, whatever its features, so each flavour is
//! copied to a place of its own, under a lock that keeps test processes from building over each other.
//!
//! Cargo builds a library once for each set of features that is asked of it, and which packages are selected decides on
//! them. Both flavours are therefore selected so that their libraries are there already: those of the plain one are what a
//! `cargo build` or `cargo run` without a package needs, those of the other one what `cargo test --workspace` has built.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// Binaries, each of a package of the same name.
const SERVER: &str = "elastickv";
const ADMIN: &str = "elastickv-admin";
/// A test that is quickly built, and has been where all are.
const SMALL_TEST: &str = "live";

/// Which server is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// As it is delivered.
    Plain,
    /// With the powers that only tests have.
    Testing,
}

impl Flavour {
    fn name(self) -> &'static str {
        match self {
            Flavour::Plain => "plain",
            Flavour::Testing => "testing",
        }
    }
}

/// The top of the source tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo builds: given by the environment, else found from the running test itself.
pub fn target_dir() -> PathBuf {
    if let Some(given) = std::env::var_os("CARGO_TARGET_DIR") {
        return root().join(given);
    }
    root().join("target")
}

/// `debug` or `release`: that of the running test or benchmark.
pub fn profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// The server with the powers of tests.
pub fn testing_server() -> Result<PathBuf> {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&PATH, || match std::env::var_os("ELASTICKV_TESTING_BIN").or(std::env::var_os("ELASTICKV_BIN")) {
        Some(given) => existing(given.into()),
        None => build(SERVER, Flavour::Testing),
    })
}

/// The server as it is delivered.
pub fn plain_server() -> Result<PathBuf> {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&PATH, || match std::env::var_os("ELASTICKV_BIN") {
        Some(given) => existing(given.into()),
        None => build(SERVER, Flavour::Plain),
    })
}

/// The operator's command line.
pub fn admin() -> Result<PathBuf> {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&PATH, || match std::env::var_os("ELASTICKV_ADMIN_BIN") {
        Some(given) => existing(given.into()),
        None => build(ADMIN, Flavour::Plain),
    })
}

fn once(cell: &OnceLock<Result<PathBuf, String>>, find: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    cell.get_or_init(|| find().map_err(|why| format!("{why:#}"))).clone().map_err(|why| anyhow::anyhow!(why))
}

fn existing(path: PathBuf) -> Result<PathBuf> {
    if !path.is_file() {
        bail!("{} is not a file", path.display());
    }
    Ok(path)
}

fn build(binary: &str, flavour: Flavour) -> Result<PathBuf> {
    let kept = target_dir().join("servers").join(format!("{}-{}", profile(), flavour.name()));
    fs::create_dir_all(&kept).with_context(|| format!("cannot make {}", kept.display()))?;
    let lock = File::create(target_dir().join("servers/lock")).context("cannot make the build lock")?;
    lock.lock().context("cannot take the build lock")?;
    run_cargo(binary, flavour)?;
    let built = target_dir().join(profile()).join(binary);
    let path = kept.join(binary);
    replace(&built, &path).with_context(|| format!("cannot keep {}", built.display()))?;
    Ok(path)
}

fn run_cargo(binary: &str, flavour: Flavour) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["build", "--quiet"]).args(selection(binary, flavour));
    if profile() == "release" {
        command.arg("--release");
    }
    let status = command.status().context("cannot run cargo")?;
    if !status.success() {
        bail!("cargo could not build {binary} ({})", flavour.name());
    }
    Ok(())
}

/// What cargo is asked for: the binary, and what has it find libraries that are built already.
fn selection(binary: &str, flavour: Flavour) -> Vec<&str> {
    match flavour {
        // A benchmark takes the server just as it is installed.
        Flavour::Plain if profile() == "release" => vec!["-p", binary],
        // Who needs the server needs the command line soon, and two are built at once where one leaves a core idle.
        Flavour::Plain if binary == SERVER => vec!["--bin", SERVER, "--bin", ADMIN],
        Flavour::Plain => vec!["--bin", binary],
        // Features of dependencies of tests count only where some test is built.
        Flavour::Testing => {
            vec!["--workspace", "--bin", binary, "--test", SMALL_TEST, "--features", "elastickv/testing"]
        }
    }
}

/// Copies beside and renames, so that a running server keeps the file it was started from.
fn replace(built: &Path, path: &Path) -> Result<()> {
    if same_age(built, path) {
        return Ok(());
    }
    let beside = path.with_extension("new");
    fs::copy(built, &beside)?;
    let stamp = fs::metadata(built)?.modified()?;
    File::options().append(true).open(&beside)?.set_modified(stamp)?;
    fs::rename(&beside, path)?;
    Ok(())
}

fn same_age(built: &Path, path: &Path) -> bool {
    let age = |file: &Path| fs::metadata(file).ok().map(|meta| (meta.len(), meta.modified().ok()));
    age(path).is_some() && age(path) == age(built)
}
