//! Whether what a data directory says in several places can be true at once.

use elastickv_consensus::{Membership, differing_cutovers};
use elastickv_fsm::GroupState;
use elastickv_keyring::Recorded;
use elastickv_types::FullNodeId;

use super::refusal;
use crate::exit::Stop;

/// Two members with one short id would share nonces.
pub fn check_short_ids(me: FullNodeId, membership: &Membership) -> Result<(), Stop> {
    let mut seen: Vec<FullNodeId> = vec![me];
    for id in membership.members.keys().copied().filter(|id| *id != me) {
        if let Some(other) = seen.iter().find(|other| other.short() == id.short()) {
            let name = |id| membership.members.get(id).map_or_else(|| id.to_string(), |m| m.name.to_string());
            let text = format!("members {} and {} have the same short id", name(other), name(&id));
            return Err(refusal::node_id_collision(text));
        }
        seen.push(id);
    }
    Ok(())
}

/// A sidecar is written before the store, so one that is behind it is of an earlier time.
pub fn check_behind(found: Option<&Recorded>, state: &GroupState) -> Result<(), Stop> {
    let store = state.control.as_deref().and_then(|control| control.control_index);
    let sidecar = found.map(|found| found.sidecar().applied);
    match (sidecar, store) {
        (Some(sidecar), Some(store)) if sidecar < store => Err(refusal::sidecar_behind(format!(
            "the sidecar has the keys as of index {sidecar}, and the store as of {store}"
        ))),
        _ => Ok(()),
    }
}

pub fn check_cutovers(store: &GroupState, snapshot: Option<&GroupState>) -> Result<(), Stop> {
    match snapshot.and_then(|snapshot| differing_cutovers(store, snapshot)) {
        Some(text) => Err(refusal::cutovers_differ(text)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use elastickv_consensus::Member;
    use elastickv_fsm::{Control, Stage};
    use elastickv_types::{GroupId, LogIndex, NodeName, StoreId};

    use super::*;

    fn membership(names: &[&str]) -> Membership {
        let member = |name: &&str| {
            let name: NodeName = name.parse().unwrap();
            let member = Member {
                name: name.clone(),
                address: "127.0.0.1:1".parse().unwrap(),
                store_id: StoreId::from_bytes([1; 16]),
            };
            (name.full_id(), member)
        };
        Membership { voters: Vec::new(), members: names.iter().map(member).collect::<BTreeMap<_, _>>() }
    }

    /// Another name with the short id of n1.
    fn namesake() -> String {
        let short = FullNodeId::of_name("n1").short();
        let mut names = (2..).map(|n| format!("n{n}"));
        names.find(|name| FullNodeId::of_name(name).short() == short).unwrap()
    }

    #[test]
    fn two_members_with_one_short_id_are_refused_whoever_of_them_starts() {
        let (twin, n1) = (namesake(), FullNodeId::of_name("n1"));
        assert!(check_short_ids(n1, &membership(&["n1", "n2", "n3"])).is_ok());
        assert!(check_short_ids(n1, &membership(&[])).is_ok(), "it was no member yet");
        for me in ["n1", "n2", &twin] {
            let stop =
                check_short_ids(FullNodeId::of_name(me), &membership(&["n1", "n2", &twin])).unwrap_err();
            assert_eq!(stop.name, "NodeIdCollision");
            assert!(stop.what.contains("n1") && stop.what.contains(&twin), "{}", stop.what);
        }
        let alone = check_short_ids(n1, &membership(&[&twin])).unwrap_err();
        assert_eq!(alone.name, "NodeIdCollision", "it is about to become a member");
    }

    fn state(rows: Option<u64>, entries: Option<u64>) -> GroupState {
        let mut state = GroupState::new(GroupId::CONTROL);
        let stage = Stage::of(Some(LogIndex::new(1)), rows.map(LogIndex::new), None).unwrap();
        state.control = Some(Arc::new(Control { stage, ..Control::default() }));
        Arc::make_mut(&mut state.raft).cutover = entries.map(LogIndex::new);
        state
    }

    #[test]
    fn cutovers_of_snapshot_and_store_differ_only_where_both_name_one() {
        let differ = |store: &GroupState, snapshot: &GroupState| {
            check_cutovers(store, Some(snapshot)).err().map(|stop| stop.name)
        };
        let sealed = state(Some(7), Some(9));
        assert!(check_cutovers(&sealed, None).is_ok());
        for earlier in [state(None, None), state(Some(7), None), state(None, Some(9))] {
            assert_eq!((differ(&sealed, &earlier), differ(&earlier, &sealed)), (None, None));
        }
        for other in [state(Some(8), Some(9)), state(Some(7), Some(8)), state(None, Some(8))] {
            let both = (differ(&sealed, &other), differ(&other, &sealed));
            assert_eq!(both, (Some("CutoversDiffer"), Some("CutoversDiffer")));
        }
    }
}
