//! The tab key, in real shells: what a running cluster alone knows is offered, and a cluster that is down is no nuisance.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{debian, workspace};

use crate::admin::encryption;

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

#[tokio::test(flavor = "multi_thread")]
async fn shells_offer_ids_of_keys_and_names_of_members_and_stay_silent_when_nobody_answers() -> Result<()> {
    SHELLS.into_iter().try_for_each(|shell| debian::ensure(shell, shell))?;
    let cluster = Plan::new("shells").nodes(1).encrypted().start().await?;
    let leader = cluster.settle(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    let rotated = encryption(&cluster, "rotate-dek --purpose storage").await?.with(0)?;
    let active = rotated["data"]["key_id"].to_string();
    let keys = encryption(&cluster, "keys list").await?.with(0)?;
    let keys = keys["data"]["keys"].as_array().context("no keys")?;
    let retiring = keys.iter().find(|key| key["state"] == "retiring").context("no key is retiring")?;
    let retiring = retiring["key_id"].to_string();

    let line = |words: &str| format!("elastickv-admin --endpoint {} {words}", address(&cluster));
    for shell in SHELLS {
        let beginning = &retiring[..3];
        let to_retire = format!("encryption retire-dek --key-id {beginning}");
        press_tab(shell, &line(&to_retire), Some(&retiring[3..])).await?;
        press_tab(shell, &line("cluster drain n"), Some("1")).await?;
        // The cluster has three keys, which differ from the first digit on or are told apart by their list.
        let shown = press_tab(shell, &line("encryption keys show "), Some(&active)).await?;
        ensure!(shell == "bash" || shown.contains("active"), "{shell} shows no states: {shown}");
    }
    let down = line("encryption retire-dek --key-id ");
    cluster.finish().await?;
    for shell in SHELLS {
        let shown = press_tab(shell, &down, None).await?;
        let complains = ["EK-", "error", "refused", "panicked"].iter().any(|word| shown.contains(word));
        ensure!(!complains && !shown.contains(&retiring), "{shell} shows {shown}");
    }
    Ok(())
}

fn address(cluster: &Cluster) -> String {
    cluster.node(cluster.places()[0]).address.to_string()
}

/// What is on the screen of a shell that has the committed script, once `wanted` is.
async fn press_tab(shell: &str, line: &str, wanted: Option<&str>) -> Result<String> {
    let script = workspace::root().join("completions").join(match shell {
        "bash" => "elastickv-admin.bash",
        "zsh" => "_elastickv-admin",
        _ => "elastickv-admin.fish",
    });
    let admin = workspace::admin()?;
    let here = admin.parent().unwrap_or(Path::new("."));
    let path = format!("{}:{}", here.display(), std::env::var("PATH")?);
    let mut press = Command::new("python3");
    press.arg(workspace::root().join("tests/python/press_tab.py")).env("PATH", path);
    press.args([shell, &format!("source {}", script.display()), line]).args(wanted);
    let told = tokio::task::spawn_blocking(move || press.output()).await??;
    let err = String::from_utf8_lossy(&told.stderr).into_owned();
    ensure!(told.status.success(), "{shell}, {line:?}: {err}");
    Ok(String::from_utf8_lossy(&told.stdout).into_owned())
}
