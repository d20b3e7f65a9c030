//! Whom nodes believe, and who believes them.

use anyhow::{Context, Result, ensure};
use elastickv_proto::v1;
use elastickv_proto::v1::peer_client::PeerClient;
use elastickv_tests::authority::{Authority, Pair, Subject, put};
use elastickv_tests::client::{Client, Refusal};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::http;
use elastickv_tests::process::ending;
use elastickv_tests::wait::{self, PATIENCE};

use super::admin::{run, shown};
use crate::tools::evidence::unpack;

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_known_gets_in_and_only_where_the_role_allows() -> Result<()> {
    let cluster = Plan::new("doors").with_doors().encrypted().start().await?;
    certificates(&cluster).await?;
    another_client(&cluster).await?;
    tokens(&cluster).await?;
    roles_are_taken_away(&cluster).await?;
    pages(&cluster).await?;
    nodes(&cluster).await?;
    history_and_audit(&cluster).await?;
    cluster.finish().await
}

async fn certificates(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let owner = shown(cluster, authority.owner())?;
    let status = run(cluster, &owner, "cluster status").await?.with(0, "")?;
    ensure!(status["members"].as_array().is_some_and(|members| members.len() == 3), "{status}");
    run(cluster, &owner, "kv put colour blue").await?.with(0, "")?;

    let ca = authority.certificate();
    let nobody = format!("--tls-ca {}", ca.display());
    run(cluster, &nobody, "cluster status").await?.with(6, "EK-1101")?;
    run(cluster, &nobody, "kv put colour red").await?.with(6, "EK-1101")?;

    let stranger = authority.issue("stranger", &Subject::client("stranger"))?;
    run(cluster, &shown(cluster, &stranger)?, "kv get colour").await?.with(6, "EK-1101")?;

    let expired = authority.issue("expired", &Subject::client("owner").valid(-7200..-3600))?;
    run(cluster, &shown(cluster, &expired)?, "kv put colour red").await?.with(5, "EK-1014")?;
    let early = authority.issue("early", &Subject::client("owner").valid(3600..7200))?;
    run(cluster, &shown(cluster, &early)?, "kv put colour red").await?.with(5, "EK-1014")?;

    let other = Authority::new(&authority.dir().join("other"))?;
    run(cluster, &shown(cluster, other.owner())?, "kv put colour red").await?.with(5, "EK-1014")?;
    let theirs = format!("--tls-ca {}", other.certificate().display());
    run(cluster, &theirs, "kv put colour red").await?.with(5, "EK-1014")?;
    run(cluster, &format!("{owner} --tls-server-name n1.example.com"), "kv put colour red")
        .await?
        .with(5, "EK-1014")?;
    run(cluster, "", "cluster status").await?.with(5, "EK-1014")?;
    // Nothing of what is sent in clear is taken in, and it is told as that.
    run(cluster, "", "kv put colour red").await?.with(5, "EK-1014")?;

    let kept = run(cluster, &owner, "kv get colour").await?.with(0, "")?;
    ensure!(kept["data"]["value"]["text"] == "blue", "{kept}");
    Ok(())
}

/// One that knows nothing of ours and was not built for this.
async fn another_client(cluster: &Cluster) -> Result<()> {
    let Some(interpreter) = elastickv_tests::python::environment()? else { return Ok(()) };
    let authority = cluster.authority()?;
    let (ca, Pair { certificate, key }) = (authority.certificate(), authority.owner());
    let address = cluster.nodes()[0].address.to_string();
    crate::reflection::talk(interpreter, &address, &[&ca, key, certificate]).await
}

async fn tokens(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let dir = authority.dir().display();
    let made = run(cluster, "", &format!("certs token reader --dir {dir}")).await?.with(0, "")?;
    let file = authority.dir().join("reader.token");
    let flags = format!("--tls-ca {} --token-file {}", authority.certificate().display(), file.display());
    run(cluster, &flags, "kv get colour").await?.with(6, "EK-1101")?;
    let entry = made["data"]["access_entry"].as_str().context("nothing to let it in by")?;
    let list = made["data"]["access_list"].as_str().context("no list to put it into")?;
    authority.allow(&format!("{list}:\n{entry}\n"))?;
    // Each node looks at the file when it comes to it.
    wait::until_true("the token to be known to all", PATIENCE, || async {
        run(cluster, &flags, "cluster status").await.is_ok_and(|ended| ended.code == 0)
    })
    .await?;
    run(cluster, &flags, "kv get colour").await?.with(0, "")?;
    let refused = run(cluster, &flags, "kv put colour red").await?.with(6, "EK-1102")?;
    ensure!(
        refused["error"]["message"].as_str().is_some_and(|text| text.contains("the role write")),
        "{refused}"
    );
    no_bundle_shows_it(cluster, &flags, &file).await?;
    // A token counts alone: an owner who shows a wrong one is nobody.
    put(&file, b"wrong\n")?;
    let both = format!("{} --token-file {}", shown(cluster, authority.owner())?, file.display());
    run(cluster, &both, "kv get colour").await?.with(6, "EK-1101")?;
    // Nothing is shown in clear, and no file that others may read is believed to be a secret.
    run(cluster, &format!("--token-file {}", file.display()), "kv get colour").await?.with(2, "EK-0001")?;
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    run(cluster, &flags, "kv get colour").await?.with(2, "EK-1103")?;
    Ok(())
}

/// Of a caller who may not have settings and metrics, and whose token stands in the log that is handed in.
async fn no_bundle_shows_it(cluster: &Cluster, flags: &str, file: &std::path::Path) -> Result<()> {
    let token = std::fs::read_to_string(file)?.trim().to_owned();
    let (log, out, dir) =
        (file.with_extension("log"), file.with_extension("tar.gz"), file.with_extension("bundle"));
    std::fs::write(
        &log,
        format!("2026-11-01T08:14:03.007Z  INFO elastickv::test: a line with {token} in it\n"),
    )?;
    let line = format!("support-bundle --out {} --log {}", out.display(), log.display());
    let told = run(cluster, flags, &line).await?.with(0, "")?;
    let left_out: Vec<&str> = told["data"]["left_out"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["what"].as_str())
        .collect();
    ensure!(left_out.contains(&"settings and metrics of n1"), "{told}");
    unpack(&out, &dir)?;
    let kept = std::fs::read_to_string(dir.join("logs/1-reader.log"))?;
    ensure!(kept.contains("a line with [left out] in it"), "{kept}");
    ensure!(
        !std::fs::read_to_string(dir.join("status.json"))?.contains(&token),
        "the status shows the token"
    );
    Ok(())
}

async fn roles_are_taken_away(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let alice = authority.issue("alice", &Subject::client("alice"))?;
    let node = &cluster.nodes()[0];
    let client = Client::sealed(&node.address.to_string(), &authority.dialer(Some(&alice))?)?;
    let puts = |wanted: &'static str| {
        let client = &client;
        wait::until_true("the roles to count", PATIENCE, move || async move {
            match client.put("alice".into(), "was here".into(), Default::default()).await {
                Ok(_) => wanted.is_empty(),
                Err(refusal) => refusal.reason == wanted,
            }
        })
    };
    puts("Unauthenticated").await?;
    authority.allow("  - { name: alice, roles: [write] }\n")?;
    puts("").await?;
    // On the connection that stands.
    authority.allow("  - { name: alice, roles: [read] }\n")?;
    puts("NotPermitted").await?;
    put(&authority.access_file(), b"certificates: [{ name: alice, roles: [root] }]\n")?;
    wait::until_true("the bad file to be refused", PATIENCE, || async {
        node.process.log().contains("the new access file is not taken over")
    })
    .await?;
    puts("NotPermitted").await?;
    authority.allow("")?;
    puts("Unauthenticated").await
}

async fn pages(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let node = &cluster.nodes()[0];
    let address = node.http_address.to_string();
    let nobody = authority.pages(None)?;
    ensure!(http::get_sealed(&address, "/healthz", nobody.clone(), None).await?.status == 200);
    ensure!(http::get_sealed(&address, "/readyz", nobody.clone(), None).await?.status == 200);
    let refused = http::get_sealed(&address, "/metrics", nobody.clone(), None).await?;
    ensure!(refused.status == 401 && !refused.body.contains("elastickv_"), "{refused:?}");
    ensure!(http::get_sealed(&address, "/metrics", nobody, Some("wrong")).await?.status == 401);
    let owner = authority.pages(Some(authority.owner()))?;
    let told = http::get_sealed(&address, "/metrics", owner, None).await?;
    ensure!(told.status == 200 && told.body.contains("elastickv_"));
    ensure!(http::get(&address, "/healthz").await.is_err(), "it answers in clear");
    Ok(())
}

/// What a client's certificate can not do, and a node's only in its own name.
async fn nodes(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let identify = |own: &Pair| {
        let client = Client::sealed(&cluster.nodes()[0].address.to_string(), &authority.dialer(Some(own))?)?;
        anyhow::Ok(async move {
            PeerClient::new(client.channel()).identify(v1::IdentifyRequest {}).await.map_err(Refusal::from)
        })
    };
    let refused = identify(authority.owner())?.await.err().context("a client is taken for a node")?;
    ensure!(refused.is("NotPermitted"), "{refused}");
    let second = authority.issue("second", &Subject::node("n2"))?;
    let told = identify(&second)?.await?.into_inner();
    ensure!(told.node_name == "n1", "it says that it is {}", told.node_name);
    let client = Client::sealed(&cluster.nodes()[0].address.to_string(), &authority.dialer(Some(&second))?)?;
    let envelope = v1::Envelope { from_node: "n3".to_owned(), ..Default::default() };
    let vote = v1::VoteRequest { envelope: Some(envelope), ..Default::default() };
    let refused = PeerClient::new(client.channel()).pre_vote(vote).await.map_err(Refusal::from);
    let refused = refused.err().context("n2 speaks for n3")?;
    ensure!(refused.is("NotPermitted") && refused.message.contains("node:n2"), "{refused}");

    // A node that is another one by its certificate does not start, and one of another authority is not let in.
    let n4 = elastickv_tests::ports::free()?;
    let own = authority.issue("n4", &Subject::node("n2"))?;
    let lone = |own: &Pair, of: &Authority| {
        let data_dir = cluster.scratch().join("n4");
        let mut arguments: Vec<std::ffi::OsString> = vec![
            "--node-name=n4".into(),
            "--cluster-name=test".into(),
            "--join".into(),
            format!("--data-dir={}", data_dir.display()).into(),
            format!("--listen={n4}").into(),
            "--storage-reserve=16MiB".into(),
        ];
        arguments.extend(of.arguments(own));
        anyhow::Ok(elastickv_tests::process::Process::new(elastickv_tests::process::Recipe {
            name: "n4".to_owned(),
            binary: cluster.nodes()[0].process.recipe().binary,
            arguments,
            environment: Vec::new(),
            log: cluster.scratch().join("n4.log"),
        }))
    };
    let wrong = lone(&own, authority)?;
    wrong.start()?;
    let ended = ending(wrong.exit(PATIENCE).await?);
    ensure!(ended == "exit code 3" && wrong.log().contains("DoorsUnusable"), "{ended}\n{}", wrong.tail());
    let other = Authority::new(&authority.dir().join("elsewhere"))?;
    let foreign = lone(&other.issue("n4", &Subject::node("n4"))?, &other)?;
    foreign.start()?;
    wait::until_true("the foreign node to wait", PATIENCE, || async {
        foreign.log().contains("waiting to be invited")
    })
    .await?;
    let owner = shown(cluster, authority.owner())?;
    let refused = run(cluster, &owner, &format!("cluster add-learner n4 {n4}")).await?;
    ensure!(foreign.log().contains("a connection was refused at its handshake"), "{}", foreign.tail());
    let refused = refused.with(5, "EK-1010")?;
    let why = refused["error"]["message"].as_str().unwrap_or_default();
    ensure!(why.contains("invalid peer certificate"), "{refused}");
    foreign.kill()?;
    let members = run(cluster, &owner, "cluster members").await?.with(0, "")?;
    ensure!(members["members"].as_array().is_some_and(|members| members.len() == 3), "{members}");
    Ok(())
}

async fn history_and_audit(cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let owner = shown(cluster, authority.owner())?;
    run(cluster, &owner, "encryption bootstrap --yes --expect-cluster test").await?.with(0, "")?;
    let history = run(cluster, &owner, "encryption history").await?.with(0, "")?;
    let actor = &history["data"]["operations"][0]["actor"];
    ensure!(actor == "certificate:owner", "{history}");
    authority.allow("  - { name: watcher, roles: [read] }\n")?;
    let watcher = shown(cluster, &authority.issue("watcher", &Subject::client("watcher"))?)?;
    wait::until("the watcher to be known, and refused", PATIENCE, || async {
        run(cluster, &watcher, "cluster drain n1").await?.with(6, "EK-1102")
    })
    .await?;
    let lines: Vec<String> = cluster
        .nodes()
        .iter()
        .flat_map(|node| node.process.log().lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.contains(" audit "))
        .collect();
    let one = |call: &str, who: &str, result: &str| {
        let (call, who, result) =
            (format!("call=\"{call}\""), format!("who=\"{who}\""), format!("result=\"{result}\""));
        lines.iter().any(|line| line.contains(&call) && line.contains(&who) && line.contains(&result))
    };
    ensure!(one("/EncryptionAdmin/BootstrapEncryption", "certificate:owner", "Ok"), "{lines:#?}");
    ensure!(one("/elastickv.v1.Cluster/Drain", "certificate:watcher", "NotPermitted"), "{lines:#?}");
    Ok(())
}
