//! Programs from Debian that some tests and benchmarks compare with.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Whether a program of this name can be run.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|dir| dir.join(program).is_file())
}

/// Sees to it that `program` can be run, by installing the package that brings it.
pub fn ensure(program: &str, package: &str) -> Result<()> {
    if has(program) {
        return Ok(());
    }
    install(package).with_context(|| format!("{program} is missing"))?;
    if !has(program) {
        bail!("{package} was installed, but there is still no {program}");
    }
    Ok(())
}

/// Installs a package.
pub fn install(package: &str) -> Result<()> {
    if !has("apt-get") {
        bail!("there is no apt-get to install {package} with");
    }
    eprintln!("installing {package}");
    apt_get(&["update", "-qq"])?;
    apt_get(&["install", "-y", "-qq", "--no-install-recommends", package])
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = if rustix::process::getuid().is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    let status = command.status().context("cannot run apt-get")?;
    if !status.success() {
        bail!("apt-get {} failed", arguments.join(" "));
    }
    Ok(())
}
