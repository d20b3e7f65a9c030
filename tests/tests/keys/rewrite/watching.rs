//! Whoever watches a rewrite sees a bar a member on a terminal, and plain lines elsewhere; Ctrl-C only looks away.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What a terminal sends for Ctrl-C.
const INTERRUPT: &[u8] = b"\x03";
const GOES_ON: i32 = 8;
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };

/// Watches a rewrite that is under way in both manners, and looks away.
pub async fn watched(cluster: &Cluster) -> Result<()> {
    let (moving, plain) = tokio::try_join!(on_a_terminal(cluster), in_lines(cluster))?;
    for node in cluster.nodes() {
        let bar = format!("{} [", node.name);
        ensure!(moving.contains(&bar), "no bar of {}: {moving:?}", node.name);
        let line = plain.lines().find(|line| line.trim_start().starts_with(&node.name));
        ensure!(line.is_some_and(|line| line.contains(" % ")), "no line of {}: {plain:?}", node.name);
    }
    ensure!(!plain.contains('\x1b') && moving.contains('\x1b'), "only a terminal is drawn on: {plain:?}");
    for told in [&moving, &plain] {
        ensure!(told.contains("EK-1604") && told.contains("rewrite status --watch"), "{told:?}");
    }
    Ok(())
}

fn watch(cluster: &Cluster, before: &[&str]) -> Result<Command> {
    let endpoints: Vec<String> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
    let mut line: Vec<OsString> = before.iter().map(OsString::from).collect();
    line.push(workspace::admin()?.into());
    line.extend(["encryption", "rewrite", "status", "--watch", "--endpoint"].map(OsString::from));
    line.push(endpoints.join(",").into());
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]);
    command.env_remove("ELASTICKV_ENDPOINT").env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    Ok(command)
}

/// The terminal is the one that the program belongs to, so that Ctrl-C is a byte that is typed.
async fn on_a_terminal(cluster: &Cluster) -> Result<String> {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&keyboard)?;
    unlockpt(&keyboard)?;
    tcsetwinsize(&keyboard, SIZE)?;
    let name = ptsname(&keyboard, Vec::new())?;
    let screen = File::options().read(true).write(true).open(std::ffi::OsStr::from_bytes(name.as_bytes()))?;
    let mut command = watch(cluster, &["setsid", "--ctty", "--wait"])?;
    command.stdin(screen.try_clone()?).stdout(screen.try_clone()?).stderr(screen);
    let child = command.spawn().context("cannot run the command on a terminal")?;
    // Its ends of the terminal stay open here otherwise.
    drop(command);
    let told = gather(File::from(keyboard.try_clone()?));
    shows(&told, cluster, |name| format!("{name} [")).await?;
    rustix::io::write(&keyboard, INTERRUPT)?;
    ended(child).await?;
    Ok(text(&told))
}

async fn in_lines(cluster: &Cluster) -> Result<String> {
    let mut command = watch(cluster, &[])?;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let stderr = child.stderr.take().context("no standard error")?;
    let told = gather(File::from(OwnedFd::from(stderr)));
    shows(&told, cluster, |name| format!("    {name} ")).await?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
    kill_process(id, Signal::INT)?;
    ended(child).await?;
    wait::until("the last line", PATIENCE, || async {
        ensure!(text(&told).contains("EK-"), "{:?}", text(&told));
        Ok(())
    })
    .await?;
    Ok(text(&told))
}

type Told = Arc<Mutex<Vec<u8>>>;

/// Reads until nobody has the other end any more; a terminal says so by an error.
fn gather(mut from: File) -> Told {
    let told = Told::default();
    let shared = Arc::clone(&told);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            shared.lock().expect("nobody panics with it").extend_from_slice(&buffer[..read]);
        }
    });
    told
}

fn text(told: &Told) -> String {
    String::from_utf8_lossy(&told.lock().expect("nobody panics with it")).into_owned()
}

/// Waits until every member is shown.
async fn shows(told: &Told, cluster: &Cluster, line: impl Fn(&str) -> String) -> Result<()> {
    let lines: Vec<String> = cluster.nodes().iter().map(|node| line(&node.name)).collect();
    wait::until("every member to be shown", PATIENCE, || async {
        let told = text(told);
        ensure!(lines.iter().all(|line| told.contains(line)), "{told:?}");
        Ok(())
    })
    .await
}

async fn ended(mut child: Child) -> Result<()> {
    let status = wait::until("the command to end", PATIENCE, || {
        let status = child.try_wait();
        async move { status?.context("it still runs") }
    });
    let status = tokio::time::timeout(PATIENCE + Duration::from_secs(1), status).await??;
    ensure!(status.code() == Some(GOES_ON), "it ended with {status}");
    Ok(())
}
