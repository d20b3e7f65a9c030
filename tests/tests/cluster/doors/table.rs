//! Every call there is, by everybody who may not make it. The table is that of docs/security.md; what stands there is
//! what is tried, and what does not stand there fails.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::authority::{Authority, Subject};
use elastickv_tests::client::{Client, Refusal};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;
use prost::Message;
use tonic::Request;
use tonic::client::Grpc;
use tonic_prost::ProstCodec;

use super::strangers;

const ROLES: [&str; 4] = ["read", "write", "operate", "admin"];
/// A call that is let in may take longer; that is all that is asked of it here.
const LET_IN: Duration = Duration::from_secs(2);

/// What each call needs: a role, or `nothing`, `known`, `node`.
fn needs() -> Result<BTreeMap<String, String>> {
    let page = std::fs::read_to_string(workspace::root().join("docs/security.md"))?;
    let (_, table) = page.split_once("| call | needs |").context("there is no table")?;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, call, need, _] = cells[..] else { bail!("{row:?} is no row") };
        Ok((call.trim_matches('`').to_owned(), need.to_owned()))
    })
    .collect()
}

fn calls() -> Result<Vec<String>> {
    let files = prost_types::FileDescriptorSet::decode(elastickv_proto::DESCRIPTORS)?;
    let mut calls = Vec::new();
    for file in &files.file {
        let package = file.package();
        let front = if package.is_empty() { String::new() } else { format!("{package}.") };
        for service in &file.service {
            calls.extend(
                service.method.iter().map(|method| format!("/{front}{}/{}", service.name(), method.name())),
            );
        }
    }
    Ok(calls)
}

/// Who tries, and what of the table they have.
struct Visitor {
    who: &'static str,
    has: Vec<&'static str>,
    client: Client,
    /// Says that it passes on what another one asked.
    passes_on: bool,
}

impl Visitor {
    /// The reason for which a call is to be refused; none where it is to be let in.
    fn refused_for(&self, need: &str) -> Option<&'static str> {
        match need {
            "nothing" => None,
            _ if self.has.is_empty() => Some("Unauthenticated"),
            "known" => None,
            need if self.has.contains(&need) => None,
            _ => Some("NotPermitted"),
        }
    }

    /// Makes a call with nothing in it, and tells why it was refused at the door, if it was.
    async fn tries(&self, call: &str) -> Result<Option<String>> {
        let mut grpc = Grpc::new(self.client.channel());
        grpc.ready().await?;
        let codec = ProstCodec::<(), ()>::default();
        let mut request = Request::new(());
        if self.passes_on {
            request.metadata_mut().insert("x-elastickv-forwarded", "1".parse()?);
        }
        let asked = grpc.unary(request, call.parse()?, codec);
        let Ok(answer) = tokio::time::timeout(LET_IN, asked).await else { return Ok(None) };
        let refusal = answer.err().map(Refusal::from);
        let at_the_door = |reason: &String| ["Unauthenticated", "NotPermitted"].contains(&reason.as_str());
        Ok(refusal.map(|refusal| refusal.reason).filter(at_the_door))
    }
}

fn visitors(cluster: &Cluster, authority: &Authority) -> Result<Vec<Visitor>> {
    let address = cluster.nodes()[0].address.to_string();
    let visitor = |who, has: &[&'static str], own: Option<&Subject>| {
        let own = own.map(|subject| authority.issue(who, subject)).transpose()?;
        let client = Client::sealed(&address, &authority.dialer(own.as_ref())?)?;
        anyhow::Ok(Visitor { who, has: has.to_vec(), client, passes_on: has.contains(&"node") })
    };
    let mut visitors = vec![
        visitor("nobody", &[], None)?,
        visitor("stranger", &[], Some(&Subject::client("stranger")))?,
        visitor("a node that is no member", &["node"], Some(&Subject::node("n2")))?,
    ];
    for role in ROLES {
        visitors.push(visitor(role, &[role], Some(&Subject::client(role)))?);
    }
    Ok(visitors)
}

/// Every visitor makes every call that it may not make; the first difference from the table is told.
async fn judge(cluster: &Cluster) -> Result<(usize, usize)> {
    let (needs, calls) = (needs()?, calls()?);
    let authority = cluster.authority()?;
    let entries: String =
        ROLES.iter().map(|role| format!("  - {{ name: {role}, roles: [{role}] }}\n")).collect();
    authority.allow(&entries)?;
    let visitors = visitors(cluster, authority)?;
    wait::until_true("the last role to be known", PATIENCE, || async {
        visitors.last().expect("some").client.describe().await.is_ok()
    })
    .await?;
    let mut refused = 0;
    for call in &calls {
        let need = needs.get(call).with_context(|| format!("docs/security.md does not list {call}"))?;
        for visitor in &visitors {
            let expected = visitor.refused_for(need);
            // What is let in would do something: only what needs no more than to be known is tried.
            if expected.is_none() && !["nothing", "known"].contains(&need.as_str()) {
                continue;
            }
            let found = visitor.tries(call).await?;
            ensure!(
                found.as_deref() == expected,
                "{} makes {call}, which needs {need}: {found:?}, not {expected:?}",
                visitor.who
            );
            refused += usize::from(found.is_some());
        }
    }
    Ok((calls.len(), refused))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_refused_to_whoever_lacks_its_role_and_no_core_is_left() -> Result<()> {
    let plan = Plan::new("table").nodes(1).with_doors().setting("max-connections", strangers::PLACES);
    let cluster = plan.start().await?;
    let (calls, refused) = judge(&cluster).await?;
    println!("{calls} calls, {refused} refusals, each by its name");
    ensure!(calls >= 60 && refused >= 4 * calls, "{calls} calls, {refused} refusals");
    strangers::leave_room_for_others(&cluster).await?;
    super::secrets::leaves_no_core(&cluster.nodes()[0]).await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_look_at_roles_is_found_out() -> Result<()> {
    let cluster =
        Plan::new("no-roles").nodes(1).with_doors().setting("testing-without", "roles").start().await?;
    let found = judge(&cluster).await;
    let error = found.err().context("a server without roles passes")?;
    ensure!(error.to_string().contains("None, not Some(\"NotPermitted\")"), "{error:#}");
    cluster.abandon();
    Ok(())
}
