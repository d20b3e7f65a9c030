//! The operator's commands for keys, as they are typed, against three real nodes.

mod losing;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;
use serde_json::Value;

/// The command line, with the node that it begins with.
#[derive(Clone)]
struct Admin {
    binary: PathBuf,
    endpoint: String,
}

/// How a command ended.
struct Ended {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Admin {
    async fn at(endpoint: String) -> Result<Self> {
        let binary = tokio::task::spawn_blocking(workspace::admin).await??;
        Ok(Self { binary, endpoint })
    }

    /// Of a node that does not lead.
    async fn of(cluster: &Cluster) -> Result<Self> {
        let leader = cluster.leader(PATIENCE).await?;
        Self::at(cluster.node(cluster.others(leader)[0]).address.to_string()).await
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Result<Ended> {
        let (admin, input) = (self.clone(), input.to_owned());
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        tokio::task::spawn_blocking(move || admin.run_here(&arguments, &input)).await?
    }

    fn run_here(&self, arguments: &[String], input: &str) -> Result<Ended> {
        let mut child = Command::new(&self.binary)
            .args(["--endpoint", &self.endpoint])
            .args(arguments)
            .env_remove("ELASTICKV_ENDPOINT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("there is a pipe")?.write_all(input.as_bytes())?;
        let ended = child.wait_with_output()?;
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        Ok(Ended { code: ended.status.code().unwrap_or(-1), out: ended.stdout, err })
    }

    /// Takes a mebibyte of what a command prints at a time, one each time that so long has passed.
    fn read_slowly(&self, arguments: &[String], pace: Duration) -> Result<Ended> {
        let mut child = Command::new(&self.binary)
            .args(["--endpoint", &self.endpoint])
            .args(arguments)
            .env_remove("ELASTICKV_ENDPOINT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut from = child.stdout.take().context("there is a pipe")?;
        let (mut out, began) = (Vec::new(), Instant::now());
        for piece in 1.. {
            if (&mut from).take(1 << 20).read_to_end(&mut out)? == 0 {
                break;
            }
            std::thread::sleep((pace * piece).saturating_sub(began.elapsed()));
        }
        let ended = child.wait_with_output()?;
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        Ok(Ended { code: ended.status.code().unwrap_or(-1), out, err })
    }

    /// The document of a command that is to end with this status.
    async fn json(&self, code: i32, arguments: &[&str], input: &str) -> Result<Value> {
        let ended = self.run(&[arguments, &["-o", "json"]].concat(), input).await?;
        ensure!(ended.code == code, "{arguments:?} ended with {}: {}", ended.code, ended.err);
        Ok(serde_json::from_slice(&ended.out)?)
    }

    async fn put(&self, key: &str, value: &str) -> Result<String> {
        let done = self.json(0, &["kv", "put", key, value], "").await?;
        done["data"]["commit_ts"].as_str().map(str::to_owned).context("a timestamp")
    }

    async fn get(&self, key: &str) -> Result<Option<String>> {
        let ended = self.run(&["kv", "get", key], "").await?;
        match ended.code {
            0 => Ok(Some(String::from_utf8(ended.out)?.trim_end().to_owned())),
            2 if ended.err.contains("EK-1906") => Ok(None),
            code => bail!("kv get ended with {code}: {}", ended.err),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_versions_conditions_and_lives() -> Result<()> {
    let cluster = Plan::new("kv-versions").start().await?;
    let admin = Admin::of(&cluster).await?;
    let first = admin.put("k", "one").await?;
    let second = admin.put("k", "two").await?;
    let told = admin.json(0, &["kv", "get", "k", "--at", &first], "").await?;
    ensure!(told["data"]["value"]["text"] == "one" && told["data"]["read_ts"] == first.as_str(), "{told}");

    let refused = admin.json(3, &["kv", "put", "k", "x", "--if-version", &first], "").await?;
    ensure!(refused["error"]["code"] == "EK-1910" && refused["changed"] == false, "{refused}");
    ensure!(refused["error"]["message"].as_str().is_some_and(|text| text.contains(&second)), "{refused}");
    admin.json(0, &["kv", "put", "k", "three", "--if-version", &second], "").await?;
    admin.json(3, &["kv", "put", "k", "x", "--if-version", "absent"], "").await?;
    admin.json(3, &["kv", "delete", "k", "--if-version", &second], "").await?;
    admin.json(0, &["kv", "put", "lock", "n1", "--if-version", "absent", "--ttl", "1h"], "").await?;
    let told = admin.json(0, &["kv", "get", "lock"], "").await?;
    ensure!(told["data"]["expires"].is_string(), "{told}");
    admin.json(0, &["kv", "delete", "k"], "").await?;

    let told = admin.json(0, &["kv", "history", "k"], "").await?;
    let versions: Vec<Option<&str>> = told["data"]["versions"]
        .as_array()
        .context("a list")?
        .iter()
        .map(|version| version["value"]["text"].as_str())
        .collect();
    ensure!(versions == [None, Some("three"), Some("two"), Some("one")], "{versions:?}");
    let told = admin.json(0, &["kv", "history", "k", "--limit", "2", "--from", &second], "").await?;
    ensure!(told["data"]["versions"].as_array().is_some_and(|list| list.len() == 2), "{told}");

    // The same operation, sent again.
    let id = told_id();
    let line = ["kv", "put", "once", "1", "--op-id", &id];
    let one = admin.json(0, &line, "").await?;
    admin.put("once", "2").await?;
    let two = admin.json(0, &line, "").await?;
    ensure!(one["changed"] == true && two["changed"] == false && two["data"]["already_applied"] == true);
    ensure!(one["data"]["commit_ts"] == two["data"]["commit_ts"], "{two}");
    ensure!(admin.get("once").await?.as_deref() == Some("2"));
    cluster.finish().await
}

/// An operation's id of this moment, as it would be printed.
fn told_id() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let digits = format!("{:012x}", since.as_millis());
    format!("{}-{}-7000-8000-000000000001", &digits[..8], &digits[8..])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_takes_effect_as_a_whole_or_not_at_all() -> Result<()> {
    let cluster = Plan::new("kv-txn").start().await?;
    let admin = Admin::of(&cluster).await?;
    admin.put("a", "1").await?;
    let script = "# moves a to b\ncheck a exists\ncheck b absent\nget a\nput b \"it was \\x31\" ttl=1h\n\
                  get b\ndelete a\nget a\nget none\n";
    let told = admin.json(0, &["kv", "txn", "-"], script).await?;
    let rows = told["data"]["rows"].as_array().context("rows")?;
    let gets: Vec<Option<&str>> =
        rows.iter().filter(|row| row["verb"] == "get").map(|row| row["value"]["text"].as_str()).collect();
    ensure!(gets == [Some("1"), Some("it was 1"), None, None], "{told}");
    ensure!(told["changed"] == true && told["data"]["commit_ts"].is_string(), "{told}");
    ensure!(admin.get("a").await?.is_none() && admin.get("b").await?.as_deref() == Some("it was 1"));

    let told = admin.json(3, &["kv", "txn", "-"], script).await?;
    ensure!(told["error"]["code"] == "EK-1910" && told["changed"] == false, "{told}");
    let told = admin.json(0, &["kv", "txn", "-"], "get a\nget b\n").await?;
    ensure!(told["changed"] == false && told["data"]["commit_ts"].is_null(), "{told}");
    let told = admin.json(2, &["kv", "txn", "-"], "get a\nput b\n").await?;
    let message = told["error"]["message"].as_str().context("a message")?;
    ensure!(told["error"]["code"] == "EK-1918" && message.starts_with("line 2: "), "{told}");

    // Many at one counter: each is done anew until it gets through, and none is lost.
    let ends = (0..6).map(|number| {
        let (admin, key) = (admin.clone(), format!("mark/{number}"));
        async move {
            let script = format!("get turn\nput turn {number}\nput {key} 1\n");
            admin.json(0, &["kv", "txn", "-", "--retries", "100", "--deadline", "60s"], &script).await
        }
    });
    for end in futures_util::future::join_all(ends).await {
        end?;
    }
    let marks = admin.json(0, &["kv", "scan", "--prefix", "mark/"], "").await?;
    ensure!(marks["data"]["count"] == "6", "{marks}");
    let turns = admin.json(0, &["kv", "history", "turn"], "").await?;
    ensure!(turns["data"]["versions"].as_array().is_some_and(|list| list.len() == 6), "{turns}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_is_imported_whole_even_if_both_were_cut_short() -> Result<()> {
    let cluster = Plan::new("kv-export").start().await?;
    let admin = Admin::of(&cluster).await?;
    let script: String =
        (0..1_800).map(|number| format!("put \"user/{number:04}\\x00\\xff\" {number}\n")).collect();
    admin.json(0, &["kv", "txn", "-"], &script).await?;
    admin.json(0, &["kv", "put", "user/over", "soon", "--ttl", "1ms"], "").await?;
    admin.json(0, &["kv", "put", "user/life", "long", "--ttl", "1h"], "").await?;
    admin.put("other", "stays").await?;
    let file = cluster.scratch().join("users.ndjson");
    let path = file.to_string_lossy().into_owned();
    let export = ["kv", "export", "--prefix", "user/", "--file", &path];
    let told = admin.json(0, &export, "").await?;
    ensure!(told["data"]["pairs"] == "1801", "what was over by then is not there: {told}");
    let whole = std::fs::read(&file)?;

    // Cut somewhere in the middle, it goes on at the moment it began with, whatever was written since.
    admin.put("user/9999", "later").await?;
    std::fs::write(&file, &whole[..whole.len() / 3])?;
    ensure!(admin.json(3, &export, "").await?["error"]["code"] == "EK-1920", "nothing is overwritten");
    let told = admin.json(0, &["kv", "export", "--file", &path, "--resume"], "").await?;
    ensure!(told["data"]["pairs"] == "1801" && told["data"]["resumed_behind"] != "0", "{told}");
    ensure!(std::fs::read(&file)? == whole, "the same file as the one that was not cut");
    let piped = admin.run(&["kv", "export", "--prefix", "user/"], "").await?;
    ensure!(piped.code == 0 && piped.out.iter().filter(|byte| **byte == b'\n').count() == 1_804);

    let before = admin.json(0, &["kv", "scan", "--prefix", "user/", "--limit", "0"], "").await?;
    let gone = ["kv", "delete-range", "--prefix", "user/"];
    ensure!(admin.json(2, &gone, "").await?["error"]["code"] == "EK-0006", "nobody agreed");
    let agreed = [&gone[..], &["--yes", "--expect-cluster", "test"]].concat();
    let told = admin.json(0, &agreed, "").await?;
    ensure!(told["data"]["deleted"] == "1803", "what is over is deleted with the rest: {told}");
    ensure!(admin.get("other").await?.as_deref() == Some("stays"));

    // A part of the file first, as if the rest were still being written.
    std::fs::write(&file, &whole[..whole.len() / 2])?;
    let import = ["kv", "import", "--file", &path];
    let told = admin.json(7, &import, "").await?;
    ensure!(told["error"]["code"] == "EK-1921" && told["changed"] == true, "{told}");
    std::fs::write(&file, &whole)?;
    ensure!(admin.json(3, &import, "").await?["error"]["code"] == "EK-1922");
    let told = admin.json(0, &[&import[..], &["--resume"]].concat(), "").await?;
    ensure!(told["data"]["pairs"] == "1801" && told["data"]["resumed_behind"] != "0", "{told}");
    ensure!(!file.with_extension("ndjson.progress").exists(), "there is nothing left to go on with");
    admin.put("user/9999", "later").await?;
    let after = admin.json(0, &["kv", "scan", "--prefix", "user/", "--limit", "0"], "").await?;
    ensure!(before["data"]["pairs"] == after["data"]["pairs"]);
    let told = admin.json(0, &["kv", "get", "user/life"], "").await?;
    ensure!(told["data"]["expires"].is_string(), "its life goes on: {told}");

    // Another file under the same name is not gone on with.
    std::fs::write(&file, &whole[..whole.len() / 2])?;
    admin.json(7, &import, "").await?;
    let other = String::from_utf8(whole.clone())?.replacen("\"value\":\"7\"", "\"value\":\"8\"", 1);
    ensure!(other.len() == whole.len() && other.as_bytes() != whole, "one value is another");
    std::fs::write(&file, other)?;
    let told = admin.json(2, &[&import[..], &["--resume"]].concat(), "").await?;
    ensure!(told["error"]["code"] == "EK-0004" && told["changed"] == false, "{told}");
    std::fs::write(&file, &whole)?;
    admin.json(0, &[&import[..], &["--resume"]].concat(), "").await?;

    // From standard input, and once more, since importing twice leaves the same.
    let told = admin.json(0, &["kv", "import"], &String::from_utf8(whole)?).await?;
    ensure!(told["data"]["pairs"] == "1801", "{told}");
    cluster.finish().await
}

/// Whoever reads the export takes his time, and what it shows is overwritten meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_keeps_its_moment_readable_for_as_long_as_it_takes() -> Result<()> {
    const PAIRS: usize = 28;
    const RETENTION: Duration = Duration::from_secs(3);
    let cluster = Plan::new("kv-long-export").setting("gc-retention", "3s").start().await?;
    let leader = cluster.node(cluster.leader(PATIENCE).await?);
    let client = leader.client();
    let put = async |number: usize, value: String| {
        client.put(format!("big/{number:02}").into(), value.into(), Default::default()).await
    };
    for number in 0..PAIRS {
        put(number, "x".repeat(1 << 20)).await?;
    }
    let moment = client.begin().await?;
    let admin = Admin::of(&cluster).await?;
    let export = ["kv", "export", "--prefix", "big/", "--at", &moment.to_string()].map(str::to_owned);
    let began = Instant::now();
    let slow = tokio::task::spawn_blocking(move || admin.read_slowly(&export, 2 * RETENTION / PAIRS as u32));
    let (mut held, mut written) = (false, 0);
    while !slow.is_finished() {
        put(written % PAIRS, "overwritten".to_owned()).await?;
        written += 1;
        held |= leader.http("/metrics").await?.body.contains("elastickv_held_moments{group=\"1\"} 1");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ended = slow.await??;
    ensure!(ended.code == 0, "{}", ended.err);
    let lines: Vec<_> = ended.out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    ensure!(lines.len() == PAIRS + 2, "{} lines", lines.len());
    ensure!(
        !lines.iter().any(|line| line.windows(11).any(|part| part == b"overwritten")),
        "it is of one moment"
    );
    ensure!(
        began.elapsed() > RETENTION && held && written > PAIRS,
        "{written} writes in {:?}",
        began.elapsed()
    );
    wait::until("its moment to be let go", PATIENCE, || async {
        put(0, "overwritten".to_owned()).await?;
        let page = leader.http("/metrics").await?.body;
        ensure!(page.contains("elastickv_held_moments{group=\"1\"} 0"));
        match client.read(moment, vec!["big/00".into()]).await {
            Err(refusal) if refusal.is("ReadTimestampCompacted") => Ok(()),
            other => bail!("{:?}", other.map(|answer| answer.ts)),
        }
    })
    .await?;
    cluster.finish().await
}

/// Between the command line and the cluster stands a node that does what it is told and loses the answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_sent_again_and_takes_effect_once() -> Result<()> {
    let cluster = Plan::new("kv-lost-answers").start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let between = losing::start(cluster.node(leader), 2).await?;
    let admin = Admin::at(between.address.clone()).await?;
    let told = admin.json(0, &["kv", "put", "seat", "ada", "--if-version", "absent"], "").await?;
    ensure!(told["data"]["already_applied"] == true, "{told}");
    ensure!(between.lost() == 2, "two answers were lost");
    let versions = admin.json(0, &["kv", "history", "seat"], "").await?;
    ensure!(versions["data"]["versions"].as_array().is_some_and(|list| list.len() == 1), "{versions}");

    // When it never gets an answer, the command says that it does not know, and how to go on.
    between.lose(usize::MAX);
    let told = admin.json(13, &["kv", "put", "seat", "bob", "--deadline", "1s"], "").await?;
    ensure!(told["changed"].is_null() && told["error"]["code"] == "EK-1007", "{told}");
    let id = told["op_id"].as_str().context("an id")?.to_owned();
    ensure!(told["error"]["try"].as_str().is_some_and(|text| text.contains(&id)), "{told}");
    between.lose(0);
    admin.put("seat", "eve").await?;
    let told = admin.json(0, &["kv", "put", "seat", "bob", "--op-id", &id], "").await?;
    ensure!(told["data"]["already_applied"] == true, "{told}");
    ensure!(Admin::of(&cluster).await?.get("seat").await?.as_deref() == Some("eve"));
    cluster.finish().await
}
