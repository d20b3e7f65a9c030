//! Three real nodes on this machine, shown and taken down again: what the README runs.
//!
//! Everything is done with the two programs as they are delivered. The commands are printed as they
//! would be typed.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it stands outside the server and shows something on a terminal"
)]

use std::process::Command;

use anyhow::{Context, Result, bail};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::workspace;

#[tokio::main]
async fn main() -> Result<()> {
    println!("Building the server and the command line …");
    let server = tokio::task::spawn_blocking(workspace::plain_server).await??;
    let admin = tokio::task::spawn_blocking(workspace::admin).await??;
    println!("Starting three nodes …\n");
    let cluster = Plan::as_delivered("quickstart", server).start().await?;
    let shown = show(&cluster, &admin);
    println!("Stopping them …");
    cluster.finish().await?;
    shown?;
    println!("Done. Nothing is left running, nothing is left on the disk.");
    Ok(())
}

fn show(cluster: &Cluster, admin: &std::path::Path) -> Result<()> {
    let [first, second, third] = cluster.nodes() else { bail!("three nodes were started") };
    let run = |address: &std::net::SocketAddr, arguments: &[&str]| {
        println!("$ elastickv-admin --endpoint {address} {}", arguments.join(" "));
        let status = Command::new(admin).arg("--endpoint").arg(address.to_string()).args(arguments).status();
        let status = status.context("cannot run the command line")?;
        println!();
        if status.success() { Ok(()) } else { bail!("it ended with {status}") }
    };
    run(&second.address, &["kv", "put", "greeting", "hello"])?;
    run(&third.address, &["kv", "get", "greeting"])?;
    run(&first.address, &["cluster", "status"])
}
