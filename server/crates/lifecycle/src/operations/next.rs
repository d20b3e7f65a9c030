//! What is to be done next for the operation that is under way.
//!
//! Read from replicated state alone, each time anew: nobody has to remember how far an operation came, and any
//! leader can go on with it.

use elastickv_fsm::{
    Ending, KeyState, Milestone, OperationKind, Reached, Reason, RefusalName, Running, SubTag,
};
use elastickv_types::{GroupId, KeyId, LogIndex, Purpose};

use crate::ports::Standing;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Two new keys; the last step, or one on the way.
    Bootstrap {
        last: bool,
    },
    SealStorage,
    /// The marker in this group.
    CutOver(GroupId),
    /// A new key in the place of this one.
    Install {
        purpose: Purpose,
        replaces: KeyId,
    },
    /// It is handed out; those who answer have to hold it.
    Activate {
        key: KeyId,
        replaces: KeyId,
    },
    Rewrap,
    Close {
        key: KeyId,
    },
    /// This group accepts no entry under it from then on.
    RaiseFloor {
        group: GroupId,
        key: KeyId,
    },
    Retire {
        key: KeyId,
        closed: LogIndex,
    },
    End(Ending),
}

/// `retires` is the key that the asker named, of a retirement that was begun here.
pub fn next(standing: &Standing, running: &Running, retires: Option<KeyId>) -> Next {
    match running.kind {
        OperationKind::Bootstrap => Next::Bootstrap { last: true },
        OperationKind::EnableStorage => match standing.control.stage.bootstrap() {
            None => Next::Bootstrap { last: false },
            Some(_) => Next::SealStorage,
        },
        OperationKind::EnableRaft => enable_raft(standing, running),
        OperationKind::Rotate => rotate(standing, running),
        OperationKind::Rewrap => Next::Rewrap,
        OperationKind::Retire => retire(standing, running, retires),
        OperationKind::Close => refused("KindUnknown", "this build does not carry out this kind"),
    }
}

/// Group by group; what it came to is that of the control group, of which the stage is.
fn enable_raft(standing: &Standing, running: &Running) -> Next {
    if let Some(open) = standing.groups.iter().find(|group| group.cutover.is_none()) {
        return Next::CutOver(open.group);
    }
    match standing.control.stage.reach(Milestone::SealRaft, LogIndex::default()) {
        Ok(Reached::Before(first)) => Next::End(Ending::Done { changed: first > running.begun, first }),
        Ok(Reached::Now(_)) => Next::CutOver(GroupId::CONTROL),
        Err(_) => refused("NotBootstrapped", "encryption is not bootstrapped"),
    }
}

/// A key that is installed is gone on with, whoever installed it.
fn rotate(standing: &Standing, running: &Running) -> Next {
    let Some(purpose) = running.purpose else {
        return refused("PurposeUnknown", "it does not say which key is rotated");
    };
    let keys = &standing.control.keys;
    let Some(replaces) = keys.active(purpose) else {
        return refused("NotBootstrapped", "there is no key to replace");
    };
    match (keys.installed(purpose), installed_by(running, purpose)) {
        (Some(key), _) => Next::Activate { key, replaces },
        (None, false) => Next::Install { purpose, replaces },
        // Nobody but this operation could have activated it, which would have ended it.
        (None, true) => refused("KeyGone", "the key that it installed is gone"),
    }
}

/// Its first step says which key it is, to every leader that comes after.
fn retire(standing: &Standing, running: &Running, named: Option<KeyId>) -> Next {
    let closed = running.steps.iter().find_map(|(tag, _)| tag.key.filter(|_| tag.tag == SubTag::Close));
    let Some(key) = closed.or(named) else {
        return refused("LeaderLost", "its leader was lost before it said which key retires: ask again");
    };
    if closed.is_none() {
        return Next::Close { key };
    }
    // What is not as its closing left it is for the gate to say, by name and with all else that is in the way.
    let unfit = Next::Retire { key, closed: LogIndex::default() };
    let Some(row) = standing.control.keys.get(key) else { return unfit };
    let open = standing.groups.iter().find(|group| !group.floor.contains_key(&key));
    match (row.purpose, row.state, open) {
        (Purpose::Raft, KeyState::Closed { .. }, Some(open)) => Next::RaiseFloor { group: open.group, key },
        (_, KeyState::Closed { at }, _) => Next::Retire { key, closed: at },
        (_, KeyState::Retired { at, .. }, _) => Next::End(Ending::Done { changed: false, first: at }),
        (_, KeyState::Installed | KeyState::Active | KeyState::Retiring, _) => unfit,
    }
}

fn installed_by(running: &Running, purpose: Purpose) -> bool {
    running.steps.iter().any(|(tag, _)| tag.tag == SubTag::Install && tag.purpose == Some(purpose))
}

fn refused(name: &str, why: &str) -> Next {
    Next::End(Ending::Refused { name: RefusalName::cut(name), text: Reason::cut(why) })
}
