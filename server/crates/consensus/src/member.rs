//! Who takes part in a group.

use std::collections::{BTreeMap, BTreeSet};

use elastickv_types::{FullNodeId, NodeName, PeerAddress, StoreId};

/// How the Raft library names a member.
pub type MemberId = u64;

/// A member, as the membership lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub name: NodeName,
    pub address: PeerAddress,
    pub store_id: StoreId,
}

impl Member {
    pub fn id(&self) -> FullNodeId {
        self.name.full_id()
    }
}

/// The members of a group. While a change is under way there are two sets of voters, and a decision
/// needs a majority of each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Membership {
    pub voters: Vec<BTreeSet<FullNodeId>>,
    pub members: BTreeMap<FullNodeId, Member>,
}

impl Membership {
    pub fn is_voter(&self, id: FullNodeId) -> bool {
        self.voters.iter().any(|set| set.contains(&id))
    }

    pub fn by_name(&self, name: &NodeName) -> Option<&Member> {
        self.members.values().find(|member| member.name == *name)
    }

    pub fn changing(&self) -> bool {
        self.voters.len() > 1
    }
}
