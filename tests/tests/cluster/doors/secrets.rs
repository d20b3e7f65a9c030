//! What a server with keys in its memory lets out, and where a server without doors may listen.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use elastickv_tests::authority::{Authority, Subject};
use elastickv_tests::cluster::Node;
use elastickv_tests::process::ending;
use elastickv_tests::scratch::Scratch;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workspace;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

/// Whether a process that is ended by an abort leaves a core here at all.
fn cores_are_written(scratch: &Scratch) -> Result<bool> {
    let control = "ulimit -c unlimited; kill -ABRT $$";
    let status = Command::new("sh")
        .args(["-c", control])
        .current_dir(scratch.path())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.core_dumped())
}

/// Ends a server with keys in the way that makes others leave a core.
pub async fn leaves_no_core(node: &Node) -> Result<()> {
    let id = node.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).context("no process")?;
    let off = Rlimit { current: None, maximum: None };
    let raised = prlimit(Some(id), Resource::Core, off).is_ok();
    let scratch = Scratch::new("core-control")?;
    let control = cores_are_written(&scratch)?;
    println!("a core limit of the server is lifted: {raised}; a shell leaves a core: {control}");
    if !(raised && control) {
        // What is left is the server's word, which is what the kernel told it.
        println!("SKIPPED: no process leaves a core here, so that this one leaves none shows nothing");
    }
    kill_process(id, Signal::ABORT)?;
    let status = node.process.exit(PATIENCE).await?;
    ensure!(status.signal() == Some(6), "{}", ending(status));
    ensure!(!status.core_dumped(), "it left a core");
    ensure!(node.process.log().contains("keys stay out of core dumps"), "{}", node.process.tail());
    Ok(())
}

/// What `config check` says to these settings, and its exit code.
fn check(arguments: &[String]) -> Result<(Option<i32>, String)> {
    let output = Command::new(workspace::testing_server()?)
        .args(["config", "check", "--node-name=n1", "--data-dir=d1", "--cluster-name=test", "--bootstrap"])
        .args(arguments)
        .output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[tokio::test]
async fn a_listener_that_others_reach_is_refused_in_clear() -> Result<()> {
    let scratch = Scratch::new("exposed")?;
    let authority = Authority::new(scratch.path())?;
    let own = authority.issue("n1", &Subject::node("n1"))?;
    let doors: Vec<String> = authority
        .arguments(&own)
        .into_iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    for open in ["--listen=0.0.0.0:50051", "--http-listen=[::]:9090"] {
        let open = [open.to_owned(), "--advertise=n1.example.com:50051".to_owned()].to_vec();
        let (code, said) = check(&open)?;
        ensure!(code == Some(2) && said.contains("others can reach"), "{code:?} {said}");
        let allowed = [open.clone(), vec!["--allow-insecure".to_owned()]].concat();
        ensure!(check(&allowed)?.0 == Some(0), "{:?}", check(&allowed)?);
        let (code, said) = check(&[open.clone(), doors.clone()].concat())?;
        ensure!(code == Some(0), "{code:?} {said}");
        let half = [open, doors[..3].to_vec()].concat();
        let (code, said) = check(&half)?;
        ensure!(code == Some(2) && said.contains("access-file"), "{code:?} {said}");
    }
    Ok(())
}
