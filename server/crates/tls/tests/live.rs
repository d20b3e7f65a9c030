//! A node's certificates, as they are judged before they count.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files and may panic"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use elastickv_tls::{Live, NODE_URI, Names, Presented, Refreshed, Sources, TlsError};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// All certificates count in this second and for an hour after it.
const NOW: u64 = 1_800_000_000;
const HOUR: u64 = 3600;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(NOW);
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(NOW + HOUR);
    params
}

fn authority() -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = params("authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Authority { pem: params.self_signed(&key).unwrap().pem(), issuer: Issuer::new(params, key) }
}

/// A certificate for these uses that bears these URIs.
fn issue(authority: &Authority, uris: &[&str], uses: &[ExtendedKeyUsagePurpose]) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = params("some one");
    params.subject_alt_names = uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
    params.extended_key_usages = uses.to_vec();
    (params.signed_by(&key, &authority.issuer).unwrap().pem(), key.serialize_pem())
}

const BOTH: [ExtendedKeyUsagePurpose; 2] =
    [ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];

fn node(authority: &Authority, name: &str) -> (String, String) {
    issue(authority, &[&format!("{NODE_URI}{name}")], &BOTH)
}

fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Puts three files in a directory.
fn sources(dir: &Path, authority: &Authority, (certificate, key): &(String, String)) -> Sources {
    let sources =
        Sources { certificate: dir.join("n1.crt"), key: dir.join("n1.key"), authority: dir.join("ca.crt") };
    put(&sources.certificate, certificate);
    put(&sources.key, key);
    put(&sources.authority, &authority.pem);
    sources
}

fn load(sources: Sources, at: u64) -> Result<Live, TlsError> {
    Live::load(sources, "n1".parse().unwrap(), at * 1000)
}

#[test]
fn a_certificate_counts_only_for_its_node_its_uses_its_time_and_its_authority() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (authority(), authority());
    let judged = |made: &(String, String), at: u64| {
        load(sources(dir.path(), &ours, made), at).map(|live| live.not_after_ms())
    };
    let good = node(&ours, "n1");
    assert_eq!(judged(&good, NOW).unwrap(), (NOW + HOUR) * 1000);
    let refused = |made: &(String, String), at: u64| judged(made, at).unwrap_err().to_string();
    assert!(refused(&good, NOW - 1).contains("not valid yet"), "{}", refused(&good, NOW - 1));
    assert!(refused(&good, NOW + HOUR + 1).contains("expired"));
    assert!(refused(&node(&ours, "n2"), NOW).contains("of node n2, not n1"));
    assert!(refused(&node(&theirs, "n1"), NOW).contains("n1.crt does not do"));
    assert!(refused(&issue(&ours, &[], &BOTH), NOW).contains("NotValidForName"));
    for use_ in BOTH {
        assert!(refused(&issue(&ours, &["elastickv:node:n1"], &[use_]), NOW).contains("does not do"));
    }
    let two = issue(&ours, &["elastickv:node:n1", "elastickv:node:n2"], &BOTH);
    assert!(refused(&two, NOW).contains("more than one node"));
    let mixed = (good.0.clone(), node(&ours, "n1").1);
    assert!(matches!(judged(&mixed, NOW), Err(TlsError::Pair { .. })));
    let swapped = (good.1.clone(), good.0.clone());
    assert!(matches!(judged(&swapped, NOW), Err(TlsError::Nothing { .. })));
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let ours = authority();
    let sources = sources(dir.path(), &ours, &node(&ours, "n1"));
    fs::set_permissions(&sources.key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = load(sources, NOW).unwrap_err().to_string();
    assert!(refused.contains("n1.key") && refused.contains("0644"), "{refused}");
}

#[test]
fn what_is_replaced_counts_once_it_fits_and_is_refused_once() {
    let dir = tempfile::tempdir().unwrap();
    let ours = authority();
    let (first, second) = (node(&ours, "n1"), node(&ours, "n1"));
    let files = sources(dir.path(), &ours, &first);
    let live = load(files.clone(), NOW).unwrap();
    // What is new is believed when it is found a second time.
    let look = || match live.refresh(NOW * 1000) {
        Refreshed::Same => live.refresh(NOW * 1000),
        other => other,
    };
    assert!(matches!(look(), Refreshed::Same));
    let before = live.for_calls();
    put(&files.certificate, &second.0);
    assert!(matches!(look(), Refreshed::Refused(TlsError::Pair { .. })));
    assert!(matches!(look(), Refreshed::Same), "it is said once");
    assert!(std::sync::Arc::ptr_eq(&before, &live.for_calls()), "the old ones go on");
    put(&files.key, &second.1);
    assert!(matches!(look(), Refreshed::Replaced));
    assert!(!std::sync::Arc::ptr_eq(&before, &live.for_calls()));
    assert_eq!(live.generation(), 1);
    fs::remove_file(&files.key).unwrap();
    assert!(matches!(look(), Refreshed::Refused(TlsError::File { .. })));
    assert!(matches!(look(), Refreshed::Same));
    put(&files.key, &second.1);
    assert!(matches!(look(), Refreshed::Same));
    fs::remove_file(&files.key).unwrap();
    assert!(matches!(look(), Refreshed::Refused(_)), "after it was well again it is said again");
}

#[test]
fn a_list_of_authorities_that_is_being_written_is_not_taken_by_half() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(), authority());
    let files = sources(dir.path(), &ours, &node(&ours, "n1"));
    let live = load(files.clone(), NOW).unwrap();
    let first = fs::read_to_string(&files.authority).unwrap();
    let both = format!("{first}{}", other.pem);
    put(&files.authority, &both);
    assert!(matches!(live.refresh(NOW * 1000), Refreshed::Same));
    // The look in between finds it cut at the end of a line, which is a list as well.
    put(&files.authority, &format!("{first}\n"));
    assert!(matches!(live.refresh(NOW * 1000), Refreshed::Same));
    put(&files.authority, &both);
    assert!(matches!(live.refresh(NOW * 1000), Refreshed::Same));
    assert!(matches!(live.refresh(NOW * 1000), Refreshed::Replaced));
}

#[test]
fn a_certificate_that_was_shown_counts_as_long_as_an_authority_vouches_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(), authority());
    let files = sources(dir.path(), &ours, &node(&ours, "n1"));
    let live = load(files.clone(), NOW).unwrap();
    let (was, comes) = (node(&ours, "n2"), node(&other, "n2"));
    let shown = |pem: &str| {
        let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap();
        Presented::read(&chain, live.generation()).unwrap().unwrap()
    };
    let before = shown(&was.0);
    assert!(before.is_vouched_for(&live, NOW * 1000));
    let replace = |path: &std::path::Path, text: &str| {
        put(path, text);
        drop(live.refresh(NOW * 1000));
        live.refresh(NOW * 1000)
    };
    let first = fs::read_to_string(&files.authority).unwrap();
    let both = format!("{first}{}", other.pem);
    assert!(matches!(replace(&files.authority, &both), Refreshed::Replaced));
    assert!(before.is_vouched_for(&live, NOW * 1000), "an authority was added");
    let after = shown(&comes.0);
    let own = node(&other, "n1");
    put(&files.certificate, &own.0);
    put(&files.key, &own.1);
    assert!(matches!(replace(&files.authority, &other.pem), Refreshed::Replaced));
    assert!(!before.is_vouched_for(&live, NOW * 1000), "its authority was taken out");
    assert!(after.is_vouched_for(&live, NOW * 1000));
}

#[test]
fn hostile_bytes_are_no_certificate() {
    for bytes in [&b""[..], b"\x30", b"\x30\x82\xff\xff", &[0x30; 4096]] {
        assert!(Names::read(bytes).is_err());
    }
}
