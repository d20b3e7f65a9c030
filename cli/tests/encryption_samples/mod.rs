//! What nodes say about encryption, as it travels.

use std::collections::BTreeMap;

use elastickv_admin::client::{Failure, Survey};
use elastickv_admin::error::Reason;
use elastickv_admin::model::encryption::MemberReply;
use elastickv_proto::v1;

use crate::samples::NOW;

pub const OPERATION: [u8; 16] = [1, 0x93, 0x7a, 0x5e, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1];
pub const OLD_KEY: u32 = 286_331_153;
pub const STORAGE_KEY: u32 = 305_419_896;
pub const RAFT_KEY: u32 = 2_596_069_104;

const DAY_MS: u64 = 24 * 3600 * 1000;

fn kek(version: &str) -> v1::Kek {
    v1::Kek { provider: "file".to_owned(), key: "kek.bin".to_owned(), version: version.to_owned() }
}

fn full_id(name: &str) -> u64 {
    name.parse::<elastickv_types::NodeName>().unwrap().full_id().get()
}

pub fn key(id: u32, purpose: v1::Purpose, state: v1::KeyState, age_days: u64) -> v1::EncryptionKey {
    let writer = |name: &str, local_epoch| v1::Writer {
        full_node_id: full_id(name),
        node_name: if name == "n9" { String::new() } else { name.to_owned() },
        local_epoch,
    };
    v1::EncryptionKey {
        key_id: id,
        purpose: purpose.into(),
        state: state.into(),
        created_index: 184_100,
        created_ms: NOW - age_days * DAY_MS,
        kek: Some(kek("b9a0478b")),
        commitment: vec![0xdd; 32].into(),
        writers: vec![writer("n1", 7), writer("n2", 9), writer("n9", 3)],
        ..v1::EncryptionKey::default()
    }
}

fn keys() -> Vec<v1::EncryptionKey> {
    use v1::{KeyState, Purpose};
    let raft = v1::EncryptionKey {
        last_sealed: vec![v1::LastSealed { group_id: 1, index: 184_299 }],
        ..key(RAFT_KEY, Purpose::Raft, KeyState::Active, 30)
    };
    vec![
        key(OLD_KEY, Purpose::Storage, KeyState::Retiring, 92),
        key(STORAGE_KEY, Purpose::Storage, KeyState::Active, 3),
        raft,
    ]
}

fn held(key_id: u32, purpose: v1::Purpose, epoch: u32, seals: u64) -> v1::MemberKey {
    v1::MemberKey {
        key_id,
        purpose: purpose.into(),
        open: true,
        local_epoch: epoch,
        seals,
        registered_epoch: Some(epoch),
        seal_key: key_id != OLD_KEY,
        ..v1::MemberKey::default()
    }
}

fn stage(name: v1::encryption_stage::Name) -> v1::EncryptionStage {
    v1::EncryptionStage {
        name: name.into(),
        bootstrap_index: Some(184_100),
        storage_index: Some(184_102),
        raft_index: None,
    }
}

fn member_facts(name: &str, epoch: u32) -> v1::MemberFacts {
    use v1::Purpose::{Raft, Storage};
    v1::MemberFacts {
        node_name: name.to_owned(),
        full_node_id: full_id(name),
        encryption_enabled: true,
        kek: Some(kek("b9a0478b")),
        sidecar_present: true,
        sidecar_index: 184_102,
        stage: Some(stage(v1::encryption_stage::Name::StorageSealed)),
        control_index: Some(184_102),
        fingerprint: vec![0xab; 32].into(),
        keyring_version: Some(184_100),
        keys: vec![
            held(OLD_KEY, Storage, epoch, 0),
            held(STORAGE_KEY, Storage, epoch, 133_143_986),
            held(RAFT_KEY, Raft, epoch, 12),
        ],
        groups: vec![v1::MemberGroup { group_id: 1, applied_index: 184_302, ..v1::MemberGroup::default() }],
        unix_ms: NOW,
        syncs_directories: true,
        ..v1::MemberFacts::default()
    }
}

fn told(facts: v1::MemberFacts) -> v1::EncryptionStatusResponse {
    v1::EncryptionStatusResponse {
        facts: Some(facts),
        leader: "n2".to_owned(),
        has_quorum: true,
        keys: keys(),
        ..v1::EncryptionStatusResponse::default()
    }
}

/// Three members, all well, storage sealed.
pub fn sealed() -> MemberReply {
    let members = [("n1", 7), ("n2", 9), ("n3", 8)];
    members.map(|(name, epoch)| (name.to_owned(), Ok(told(member_facts(name, epoch))))).into()
}

/// Of five: n3 silent (not in here), n4 of an age before encryption, n5 started without, and on n1 all that a member
/// can be warned about. A rotation waits.
pub fn troubled() -> MemberReply {
    let mut odd = member_facts("n1", 0xFF01);
    odd.sidecar_index = 184_000;
    odd.previous_kek = Some(kek("00112233"));
    odd.groups[0].waits_for_key = Some(STORAGE_KEY);
    odd.keys[1].open = false;
    odd.keys[1].seal_key = false;
    odd.keys[1].closed_by = Some(v1::Reason {
        name: "KekUnavailable".to_owned(),
        message: "the KEK can not be reached".to_owned(),
    });
    odd.keys[2].seals = 4_200_000_000;
    let off = v1::MemberFacts {
        encryption_enabled: false,
        kek: None,
        sidecar_present: false,
        keys: Vec::new(),
        ..member_facts("n5", 0)
    };
    let mut leader = told(v1::MemberFacts { kek: Some(kek("c0ffee00")), ..member_facts("n2", 9) });
    leader.keys[2].created_ms = NOW - 100 * DAY_MS;
    leader.running = Some(rotation(v1::OperationState::Running));
    leader.previous_kek =
        Some(v1::PreviousKek { may_go: false, waiting: vec![waiting("n1", "its log begins at 180001")] });
    let old = Failure::Refused {
        address: "10.0.0.14:50051".parse().unwrap(),
        reason: Reason::UnknownCall,
        message: "there is no call".to_owned(),
        told: Default::default(),
    };
    BTreeMap::from([
        ("n1".to_owned(), Ok(told(odd))),
        ("n2".to_owned(), Ok(leader)),
        ("n4".to_owned(), Err(old)),
        ("n5".to_owned(), Ok(told(off))),
    ])
}

/// No keys yet.
pub fn clear(survey: &Survey) -> MemberReply {
    let facts = || v1::MemberFacts {
        encryption_enabled: true,
        kek: Some(kek("b9a0478b")),
        stage: Some(v1::EncryptionStage {
            name: v1::encryption_stage::Name::Cleartext.into(),
            ..v1::EncryptionStage::default()
        }),
        ..v1::MemberFacts::default()
    };
    let answer = |name: &str| v1::EncryptionStatusResponse {
        facts: Some(v1::MemberFacts { node_name: name.to_owned(), ..facts() }),
        ..v1::EncryptionStatusResponse::default()
    };
    let names = survey.members.iter().map(|seen| seen.entry.name.clone());
    names.map(|name| (name.clone(), Ok(answer(&name)))).collect()
}

fn waiting(member: &str, message: &str) -> v1::Waiting {
    v1::Waiting {
        member: member.to_owned(),
        group_id: 1,
        name: "KeyNotOpen".to_owned(),
        message: message.to_owned(),
        since_ms: NOW - 4_000,
    }
}

/// A rotation of the storage key.
pub fn rotation(state: v1::OperationState) -> v1::Operation {
    let begun = v1::Operation {
        operation_id: OPERATION.to_vec().into(),
        kind: v1::OperationKind::Rotate.into(),
        state: state.into(),
        actor: "ops".to_owned(),
        reason: "every quarter".to_owned(),
        since_ms: NOW - 5_000,
        deadline_ms: NOW + 55_000,
        begun_index: 184_303,
        ..v1::Operation::default()
    };
    match state {
        v1::OperationState::Done => v1::Operation {
            settled: true,
            ended_index: 184_305,
            ended_ms: NOW,
            done: Some(v1::Done { changed: true, first_index: 184_305, key_id: Some(STORAGE_KEY) }),
            ..begun
        },
        v1::OperationState::Refused => v1::Operation {
            ended_index: 184_304,
            ended_ms: NOW,
            refusal: Some(v1::Refusal {
                code: 14,
                reason: "MembershipChanged".to_owned(),
                message: "membership 4.17 was judged, and 4.184303 is in effect".to_owned(),
                ..v1::Refusal::default()
            }),
            ..begun
        },
        _ => v1::Operation {
            phase: "open".to_owned(),
            waiting: vec![waiting("n1", "key 305419896 is not open")],
            ..begun
        },
    }
}

/// The storage cutover, applied by all but n3.
pub fn cutover_in_part() -> v1::Operation {
    v1::Operation {
        kind: v1::OperationKind::EnableStorage.into(),
        settled: false,
        waiting: vec![waiting("n3", "has applied 184200 of 184305")],
        done: Some(v1::Done { changed: true, first_index: 184_305, key_id: None }),
        ..rotation(v1::OperationState::Done)
    }
}

/// The gate of the storage cutover over four members; n4 is a learner of another build, or fit.
pub fn judgement(n4_fits: bool) -> v1::Judgement {
    use v1::Verdict::{Blocks, NotAsked, Passes, Warns};
    let checks = [
        ("settled", "membership is settled"),
        ("reachable", "reachable"),
        ("formats", "build understands the formats"),
        ("enabled", "encryption enabled"),
        ("kek", "KEK opens the leader's probe"),
        ("sidecar", "sidecar in sync"),
    ];
    let member = |name: &str, voter, leader| v1::JudgedMember {
        name: name.to_owned(),
        address: format!("10.0.0.1{}:50051", name.trim_start_matches('n')),
        voter,
        leader,
        full_node_id: full_id(name),
        answered: true,
        took_ms: 3,
    };
    let mut findings: Vec<v1::Finding> = Vec::new();
    for name in ["n1", "n2", "n3", "n4"] {
        for (check, _) in checks.into_iter().skip(1) {
            findings.push(v1::Finding {
                check: check.to_owned(),
                member: name.to_owned(),
                verdict: Passes.into(),
                ..v1::Finding::default()
            });
        }
    }
    findings.push(v1::Finding {
        check: "settled".to_owned(),
        verdict: Passes.into(),
        ..v1::Finding::default()
    });
    let mut find = |member: &str, check: &str, verdict: v1::Verdict, reason: &str, message: &str| {
        let found = findings.iter_mut().find(|one| one.member == member && one.check == check).unwrap();
        found.verdict = verdict.into();
        found.reason = reason.to_owned();
        found.message = message.to_owned();
    };
    find("n3", "sidecar", Warns, "Behind", "2 entries behind, catching up");
    if !n4_fits {
        find("n4", "formats", Blocks, "FormatUnknown", "build 71ab03 does not read command version 1");
        find("n4", "enabled", Blocks, "EncryptionOff", "it was started without --encryption-enabled");
        find("n4", "kek", NotAsked, "", "");
        find("n4", "sidecar", NotAsked, "", "");
    }
    let check = |(name, title): (&str, &str)| v1::Check { name: name.to_owned(), title: title.to_owned() };
    v1::Judgement {
        gate: v1::OperationKind::EnableStorage.into(),
        passed: n4_fits,
        members: vec![
            member("n1", true, false),
            member("n2", true, true),
            member("n3", true, false),
            member("n4", false, false),
        ],
        checks: checks.map(check).to_vec(),
        findings,
        membership_index: 17,
        unix_ms: NOW,
    }
}

/// A storage key that was closed and can not go yet.
pub fn key_in_the_way() -> v1::Judgement {
    let checks = [
        ("key-closed", "key is closed"),
        ("reachable", "reachable"),
        ("no-row-under-it", "no value under it, by a count since it was closed"),
        ("no-older-read", "no open read is older than the count"),
        ("nothing-set-aside", "nothing set aside holds old values"),
    ];
    let finding = |member: &str, check: &str, wrong: Option<(&str, &str)>| v1::Finding {
        check: check.to_owned(),
        member: member.to_owned(),
        verdict: wrong.map_or(v1::Verdict::Passes, |_| v1::Verdict::Blocks).into(),
        reason: wrong.map(|(reason, _)| reason.to_owned()).unwrap_or_default(),
        message: wrong.map(|(_, message)| message.to_owned()).unwrap_or_default(),
        ..v1::Finding::default()
    };
    let wrong = |member: &str, check: &str| match (member, check) {
        ("n1", "no-row-under-it") => Some(("RowsLeft", "1902441 values are sealed under it")),
        ("n1", "no-older-read") => {
            Some(("OlderReads", "reads that began before its values were counted are still open: 1"))
        }
        ("n2", "nothing-set-aside") => {
            Some(("Leftovers", "what was set aside may hold old values or keys: keys.json.aside-1"))
        }
        _ => None,
    };
    let member = |name: &str| v1::JudgedMember {
        name: name.to_owned(),
        address: format!("10.0.0.1{}:50051", name.trim_start_matches('n')),
        voter: true,
        leader: name == "n2",
        full_node_id: full_id(name),
        answered: true,
        took_ms: 3,
    };
    let mut findings = vec![finding("", "key-closed", None)];
    for name in ["n1", "n2"] {
        findings.extend(checks.iter().skip(1).map(|(check, _)| finding(name, check, wrong(name, check))));
    }
    let check = |(name, title): (&str, &str)| v1::Check { name: name.to_owned(), title: title.to_owned() };
    v1::Judgement {
        gate: v1::OperationKind::Retire.into(),
        passed: false,
        members: ["n1", "n2"].map(member).into(),
        checks: checks.map(check).into(),
        findings,
        membership_index: 3,
        unix_ms: NOW,
    }
}
