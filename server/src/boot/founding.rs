//! How a node comes to its cluster.
//!
//! Of the nodes that found one together, the one with the lowest name draws the cluster's id and makes it
//! durable, asks each of the others who it is until all have answered, offers them the id, and creates the
//! group with their stores in its membership. The others take the first id that a listed peer offers. A
//! crash anywhere in between is gone on from at the next start.

use std::time::Duration;

use elastickv_consensus::Member;
use elastickv_types::{ClusterId, NodeName, PeerAddress, StoreId};

use super::refusal;
use crate::config::Founding;
use crate::exit::Stop;
use crate::identity::{Beginning, Belonging};
use crate::node::Node;

const PAUSE: Duration = Duration::from_millis(100);
/// How often it is said what is waited for.
const SAY: u32 = 50;

/// Founds the node's cluster if that is its part, and returns once it belongs to one.
pub async fn found(node: &Node) -> Result<(), Stop> {
    let initialized = node.group().is_initialized().await;
    let belongs = node.identity.cluster().is_some();
    match &node.config.founding {
        _ if belongs && initialized => Ok(()),
        // The cluster is made durable before the group.
        _ if initialized => Err(Stop::refused(
            "IdentityDamaged",
            format!("{} names no cluster, and its group belongs to one", node.identity.path().display()),
            "put the file back from a copy, or remove the member, empty the directory and join under a new name",
        )),
        Founding::Alone => {
            belong(node)?;
            initialize(node, vec![own(node)]).await
        }
        Founding::With(members)
            if members.iter().map(|(name, _)| name).min() == Some(&node.config.node_name) =>
        {
            let cluster = belong(node)?;
            let members = gather(node, members, &cluster).await?;
            initialize(node, members).await
        }
        Founding::With(_) | Founding::Join => wait_for_invitation(node).await,
        // Invited in an earlier run; the leader brings the rest.
        Founding::None if belongs => Ok(()),
        Founding::None => Err(Stop::refused(
            "NoCluster",
            "this node belongs to no cluster, and nothing says how it comes to one",
            "start it with --bootstrap, --bootstrap-members or --join",
        )),
    }
}

fn own(node: &Node) -> Member {
    Member {
        name: node.config.node_name.clone(),
        address: node.config.advertise.clone(),
        store_id: node.identity.store_id(),
    }
}

/// Takes up the cluster drawn in an earlier run, or draws one; durable before anyone hears of it.
fn belong(node: &Node) -> Result<Belonging, Stop> {
    if let Some(cluster) = node.identity.cluster() {
        return Ok(cluster);
    }
    let name = node.config.cluster_name.clone();
    let name = name.ok_or_else(|| Stop::usage("a cluster needs a name to be created"))?;
    let cluster = Belonging { id: ClusterId::from_random(node.random.bytes16()), name };
    node.identity.belong(&cluster, &Beginning::new()).map_err(|error| {
        Stop::refused("IdentityUnreadable", error.to_string(), "mend the data directory and start again")
    })?;
    Ok(cluster)
}

async fn initialize(node: &Node, members: Vec<Member>) -> Result<(), Stop> {
    node.group().initialize(members).await.map_err(|error| {
        Stop::fault("GroupUnusable", format!("the group can not be created: {error}"), "start again")
    })
}

/// Asks every listed peer until it has told its store and taken the cluster.
async fn gather(
    node: &Node,
    listed: &[(NodeName, PeerAddress)],
    cluster: &Belonging,
) -> Result<Vec<Member>, Stop> {
    let mut members = Vec::new();
    for (name, address) in listed {
        if *name == node.config.node_name {
            members.push(own(node));
            continue;
        }
        let mut looks = 0;
        let member = loop {
            match invite(node, name, address, cluster).await {
                Ok(member) => break member,
                Err(Answer::Final(stop)) => return Err(stop),
                Err(Answer::NotYet(reason)) => {
                    if looks % SAY == 0 {
                        tracing::info!(peer = %name, %address, reason, "waiting for a peer to found the cluster");
                    }
                    looks += 1;
                }
            }
            tokio::time::sleep(PAUSE).await;
        };
        members.push(member);
    }
    Ok(members)
}

enum Answer {
    NotYet(String),
    Final(Stop),
}

async fn invite(
    node: &Node,
    name: &NodeName,
    address: &PeerAddress,
    cluster: &Belonging,
) -> Result<Member, Answer> {
    let refused = |text: String| {
        let way_out = "make the list of bootstrap members agree with what runs there; if this node's directory was \
                       emptied, remove the member and let it join under a new name";
        Answer::Final(Stop::refused("WrongNode", text, way_out))
    };
    let found =
        node.peers.identify(name, address).await.map_err(|error| Answer::NotYet(error.to_string()))?;
    if found.node_name != name.as_str() {
        return Err(refused(format!("the node at {address} is {}, not {name}", found.node_name)));
    }
    let theirs = ClusterId::from_slice(&found.cluster_id);
    if theirs.is_some_and(|theirs| theirs != cluster.id) {
        return Err(refused(format!("{name} belongs to another cluster, {}", found.cluster_name)));
    }
    let store_id = StoreId::from_slice(&found.store_id)
        .ok_or_else(|| Answer::NotYet("it told no store id".to_owned()))?;
    let member = Member { name: name.clone(), address: address.clone(), store_id };
    node.peers
        .invite(&member, cluster, &Beginning::new())
        .await
        .map_err(|error| Answer::NotYet(error.to_string()))?;
    Ok(member)
}

async fn wait_for_invitation(node: &Node) -> Result<(), Stop> {
    let mut looks = 0;
    while node.identity.cluster().is_none() {
        if looks % SAY == 0 {
            tracing::info!(address = %node.config.advertise, "waiting to be invited to a cluster");
        }
        looks += 1;
        if let Some((by, store)) = node.peers.predecessor.get() {
            return Err(refusal::replaced(&node.config.node_name, &by, store));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
