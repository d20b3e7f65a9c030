//! What an entry of the log holds.
//!
//! ```text
//! body   (empty)                      a new leader's blank entry
//!        01 ‖ …                       a command's payload, as elastickv_fsm frames it
//!        4d ('M') ‖ 01 ‖ protobuf     a membership
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_types::{FullNodeId, StoreId};
use openraft::EntryPayload;
use prost::Message;

use crate::convert::{self, Proposal, RaftEntry};
use crate::member::{Member, Membership};

const PAYLOAD_FORMAT: u8 = 0x01;
const MEMBERSHIP_TAG: u8 = b'M';
const MEMBERSHIP_VERSION: u8 = 0x01;

mod wire {
    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Membership {
        #[prost(message, repeated, tag = "1")]
        pub voters: Vec<VoterSet>,
        #[prost(message, repeated, tag = "2")]
        pub members: Vec<Member>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct VoterSet {
        #[prost(fixed64, repeated, tag = "1")]
        pub ids: Vec<u64>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Member {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(string, tag = "2")]
        pub address: String,
        #[prost(bytes = "vec", tag = "3")]
        pub store_id: Vec<u8>,
    }
}

pub fn encode(entry: &RaftEntry) -> Bytes {
    match &entry.payload {
        EntryPayload::Blank => Bytes::new(),
        EntryPayload::Normal(proposal) => proposal.0.clone(),
        EntryPayload::Membership(membership) => encode_membership(&convert::membership(membership)),
    }
}

/// Whether an entry was asked for by a user: it is neither a new leader's blank one nor a membership.
pub fn is_users(body: &[u8]) -> bool {
    !matches!(body.first(), None | Some(&MEMBERSHIP_TAG))
}

pub fn decode(entry: elastickv_log::Entry) -> io::Result<RaftEntry> {
    let payload = match entry.payload.first() {
        None => EntryPayload::Blank,
        Some(&PAYLOAD_FORMAT) => EntryPayload::Normal(Proposal(entry.payload)),
        Some(&MEMBERSHIP_TAG) => {
            EntryPayload::Membership(convert::raft_membership(&decode_membership(entry.payload)?)?)
        }
        Some(other) => {
            let text = format!("entry {} begins with {other:#04x}, which has no meaning here", entry.id);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
    };
    Ok(RaftEntry { log_id: convert::raft_log_id(entry.id), payload })
}

pub fn encode_membership(membership: &Membership) -> Bytes {
    let wire = wire::Membership {
        voters: membership
            .voters
            .iter()
            .map(|set| wire::VoterSet { ids: set.iter().map(|id| id.get()).collect() })
            .collect(),
        members: membership
            .members
            .values()
            .map(|member| wire::Member {
                name: member.name.to_string(),
                address: member.address.to_string(),
                store_id: member.store_id.as_bytes().to_vec(),
            })
            .collect(),
    };
    let mut out = BytesMut::with_capacity(2 + wire.encoded_len());
    out.put_slice(&[MEMBERSHIP_TAG, MEMBERSHIP_VERSION]);
    wire.encode(&mut out).expect("a growing buffer takes any message");
    out.freeze()
}

pub fn decode_membership(mut body: Bytes) -> io::Result<Membership> {
    let invalid =
        |reason: String| io::Error::new(io::ErrorKind::InvalidData, format!("a membership {reason}"));
    let head = (body.try_get_u8().ok(), body.try_get_u8().ok());
    if head != (Some(MEMBERSHIP_TAG), Some(MEMBERSHIP_VERSION)) {
        return Err(invalid(format!("begins with {head:02x?}, which this build does not know")));
    }
    let wire =
        wire::Membership::decode(body).map_err(|error| invalid(format!("does not decode: {error}")))?;
    let mut members = BTreeMap::new();
    for member in wire.members {
        let store_id = StoreId::from_slice(&member.store_id)
            .ok_or_else(|| invalid(format!("lists {:?} without a store id", member.name)))?;
        let name: elastickv_types::NodeName =
            member.name.parse().map_err(|error| invalid(format!("lists a name that is none: {error}")))?;
        let address = member
            .address
            .parse()
            .map_err(|error| invalid(format!("lists an address that is none: {error}")))?;
        members.insert(name.full_id(), Member { name, address, store_id });
    }
    let set = |set: wire::VoterSet| -> io::Result<BTreeSet<FullNodeId>> {
        let id = |raw| FullNodeId::from_u64(raw).filter(|id| members.contains_key(id));
        let unknown = |raw| invalid(format!("has a voter {raw:#018x} that it does not list"));
        set.ids.into_iter().map(|raw| id(raw).ok_or_else(|| unknown(raw))).collect()
    };
    let voters = wire.voters.into_iter().map(set).collect::<io::Result<_>>()?;
    Ok(Membership { voters, members })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Membership {
        let member = |name: &str, port: u16| Member {
            name: name.parse().unwrap(),
            address: format!("127.0.0.1:{port}").parse().unwrap(),
            store_id: StoreId::from_bytes([7; 16]),
        };
        let members: BTreeMap<_, _> =
            [member("n1", 1), member("n2", 2)].into_iter().map(|member| (member.id(), member)).collect();
        Membership { voters: vec![[FullNodeId::of_name("n1")].into()], members }
    }

    const GOLDEN: &str = "4d010a0a0a08c0d458b5077bb30812230a026e31120b3132372e302e302e313a311a1007070707070707070707070707070707\
        12230a026e32120b3132372e302e302e313a321a1007070707070707070707070707070707";

    #[test]
    fn golden_membership() {
        assert_eq!(hex::encode(encode_membership(&sample())), GOLDEN);
        assert_eq!(decode_membership(hex::decode(GOLDEN).unwrap().into()).unwrap(), sample());
    }

    #[test]
    fn a_voter_that_is_not_listed_is_refused() {
        let mut odd = sample();
        odd.voters = vec![[FullNodeId::of_name("n3")].into()];
        assert!(decode_membership(encode_membership(&odd)).is_err());
    }
}
