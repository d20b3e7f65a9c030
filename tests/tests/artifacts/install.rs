//! What is installed is found and fit: programs that run, pages that `man` shows, a unit that systemd takes.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use elastickv_tests::process::{Process, Recipe};
use elastickv_tests::scratch::Scratch;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{debian, ports, workspace};

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?} ended with {}\n{}", output.status, words(&output));
    Ok(words(&output))
}

/// Both programs beside each other, as a build leaves them.
fn binaries(scratch: &Path) -> Result<std::path::PathBuf> {
    let dir = scratch.join("built");
    fs::create_dir(&dir)?;
    fs::copy(workspace::plain_server()?, dir.join("elastickv"))?;
    fs::copy(workspace::admin()?, dir.join("elastickv-admin"))?;
    Ok(dir)
}

#[test]
fn what_is_installed_runs_is_found_and_is_taken() -> Result<()> {
    debian::ensure("man", "man-db")?;
    debian::ensure("systemd-analyze", "systemd")?;
    let scratch = Scratch::new("install")?;
    let prefix = scratch.path().join("usr");
    let installer = workspace::root().join("install.sh");
    let mut install = Command::new(&installer);
    install.args(["--prefix", &prefix.to_string_lossy(), "--binaries"]).arg(binaries(scratch.path())?);
    run(&mut install)?;
    run(&mut install).context("a second time")?;
    for program in ["elastickv", "elastickv-admin"] {
        run(Command::new(prefix.join("bin").join(program)).arg("--version"))?;
    }
    for (name, section) in [("elastickv-encryption", "7"), ("elastickv-admin-demo-walk", "1")] {
        let mut man = Command::new("man");
        man.args(["--where", "-M"]).arg(prefix.join("share/man")).args([section, name]);
        let found = run(&mut man)?;
        ensure!(found.contains(name), "{found}");
    }
    for file in [
        "share/bash-completion/completions/elastickv-admin",
        "share/zsh/site-functions/_elastickv-admin",
        "share/fish/vendor_completions.d/elastickv-admin.fish",
        "share/elastickv/runbooks/rolling-upgrade.sh",
        "share/elastickv/monitoring/alerts.yaml",
        "lib/sysusers.d/elastickv.conf",
    ] {
        ensure!(prefix.join(file).is_file(), "{file} is not there");
    }
    unit_is_fit(&prefix)?;
    let below = scratch.path().join("package");
    run(install.env("DESTDIR", &below))?;
    ensure!(below.join(prefix.strip_prefix("/")?).join("bin/elastickv").is_file(), "not below DESTDIR");
    Ok(())
}

fn unit_is_fit(prefix: &Path) -> Result<()> {
    let unit = prefix.join("lib/systemd/system/elastickv.service");
    let text = fs::read_to_string(&unit)?;
    let starts = format!("ExecStart={}/bin/elastickv ", prefix.display());
    ensure!(text.contains(&starts) && !text.contains("dir@"), "{text}");
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output()?;
    let told = words(&verified);
    // Whatever else is installed on this machine is not looked at.
    let about: Vec<&str> = told.lines().filter(|line| line.contains("elastickv")).collect();
    ensure!(about.is_empty(), "{about:?}");
    Ok(())
}

#[test]
fn every_page_is_shown_without_a_warning() -> Result<()> {
    debian::ensure("man", "man-db")?;
    debian::ensure("groff", "groff-base")?;
    let pages = fs::read_dir(workspace::root().join("man"))?.map(|entry| Ok(entry?.path()));
    let pages: Vec<_> = pages.collect::<Result<_>>()?;
    ensure!(pages.len() > 60, "{} pages", pages.len());
    let output =
        Command::new("man").args(["--warnings", "-l"]).args(&pages).env("MANWIDTH", "100").output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success() && said.is_empty(), "{said}");
    ensure!(output.stdout.len() > pages.len() * 200, "they show nothing");
    Ok(())
}

/// The supervisor hears of the start, of why the node does not serve, that it serves, and of its end.
#[tokio::test]
async fn a_supervisor_hears_how_the_node_is() -> Result<()> {
    let scratch = Scratch::new("supervised")?;
    let socket = scratch.path().join("notify");
    let supervisor = UnixDatagram::bind(&socket)?;
    supervisor.set_read_timeout(Some(PATIENCE))?;
    let process = Process::new(Recipe {
        name: "n1".to_owned(),
        binary: workspace::plain_server()?,
        arguments: vec![
            "--node-name=n1".into(),
            format!("--data-dir={}", scratch.path().join("n1").display()).into(),
            format!("--listen={}", ports::free()?).into(),
            "--cluster-name=test".into(),
            "--storage-reserve=16MiB".into(),
            "--bootstrap".into(),
        ],
        environment: vec![("NOTIFY_SOCKET".to_owned(), socket.into_os_string())],
        log: scratch.path().join("n1.log"),
    });
    process.start()?;
    let heard =
        tokio::task::spawn_blocking(move || hear(&supervisor, "STATUS=serving").map(|all| (all, supervisor)));
    let (heard, supervisor) = heard.await??;
    ensure!(heard.first().is_some_and(|first| first == "READY=1"), "{heard:?}\n{}", process.tail());
    ensure!(process.terminate(Duration::from_secs(30)).await?.success(), "{}", process.tail());
    tokio::task::spawn_blocking(move || hear(&supervisor, "STOPPING=1")).await?.map(drop)
}

/// All that is said, up to a word.
fn hear(supervisor: &UnixDatagram, last: &str) -> Result<Vec<String>> {
    let (mut all, mut word) = (Vec::new(), [0; 1024]);
    loop {
        let len = supervisor.recv(&mut word).with_context(|| format!("{last} is not said, but {all:?}"))?;
        all.push(String::from_utf8_lossy(&word[..len]).into_owned());
        if all.last().is_some_and(|word| word == last) {
            return Ok(all);
        }
    }
}
