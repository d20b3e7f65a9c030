//! An authority in two files, and certificates from it.

use std::path::Path;
use std::time::Duration;

use elastickv_sys::private::{self, Others};
use elastickv_tls::NODE_URI;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

use super::{Made, check_name, make_files, report};
use crate::args::certs::{CaArgs, ClientArgs, NodeArgs};
use crate::error::{CliError, Code};
use crate::model::{Credential, CredentialReport, utc};

const LARGEST_FILE: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(86_400);
/// Clocks of those who look at a certificate may be behind.
const BEFORE: Duration = Duration::from_secs(3600);

pub fn authority(args: &CaArgs, now_ms: u64) -> Result<CredentialReport, CliError> {
    let mut params = params(&args.name, args.days, now_ms);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(impossible)?;
    let certificate = params.self_signed(&key).map_err(impossible)?;
    let files = pair(&args.dir, "ca", &certificate.pem(), &key)?;
    Ok(CredentialReport {
        valid_until: Some(until(args.days, now_ms)),
        ..report(Credential::Authority, &args.name, files)
    })
}

pub fn node(args: &NodeArgs, now_ms: u64) -> Result<CredentialReport, CliError> {
    let mut params = params(args.name.as_str(), args.days, now_ms);
    let text = |text: &str| text.try_into().map_err(impossible);
    params.subject_alt_names = vec![SanType::URI(text(&format!("{NODE_URI}{}", args.name))?)];
    for host in &args.host {
        params.subject_alt_names.push(match host.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(text(host_name(host)?)?),
        });
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let files = signed(&args.dir, args.name.as_str(), params)?;
    Ok(CredentialReport {
        valid_until: Some(until(args.days, now_ms)),
        ..report(Credential::Node, args.name.as_str(), files)
    })
}

pub fn client(args: &ClientArgs, now_ms: u64) -> Result<CredentialReport, CliError> {
    check_name(&args.name)?;
    let mut params = params(&args.name, args.days, now_ms);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let files = signed(&args.dir, &args.name, params)?;
    Ok(CredentialReport {
        valid_until: Some(until(args.days, now_ms)),
        access_list: Some("certificates"),
        access_entry: Some(format!("- name: {}\n  roles: [read]", args.name)),
        ..report(Credential::Client, &args.name, files)
    })
}

fn host_name(host: &str) -> Result<&str, CliError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    match !host.is_empty() && host.len() <= 253 && host.chars().all(plain) {
        true => Ok(host),
        false => {
            Err(CliError::new(Code::BadName, format!("{host:?} is neither a host's name nor an address"))
                .hint("elastickv-admin certs node --help"))
        }
    }
}

fn params(common_name: &str, days: u32, now_ms: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    let now = date_time_ymd(1970, 1, 1) + Duration::from_millis(now_ms);
    params.not_before = now - BEFORE;
    params.not_after = now + DAY * days;
    params.use_authority_key_identifier_extension = true;
    params
}

fn until(days: u32, now_ms: u64) -> String {
    let span = u64::try_from((DAY * days).as_millis()).unwrap_or(u64::MAX);
    utc(now_ms.saturating_add(span))
}

/// A new certificate by the authority whose files are there.
fn signed(dir: &Path, name: &str, params: CertificateParams) -> Result<Vec<String>, CliError> {
    let (certificate, key) = (dir.join("ca.crt"), dir.join("ca.key"));
    let unusable = |path: &Path, cause: &dyn std::fmt::Display| {
        CliError::new(Code::BadCredentials, format!("{}: {cause}", path.display()))
            .hint(format!("elastickv-admin certs ca --dir {}", dir.display()))
    };
    let text = |path: &Path, others| {
        let bytes = private::read(path, others, LARGEST_FILE).map_err(|error| unusable(path, &error))?;
        String::from_utf8(bytes).map_err(|error| unusable(path, &error))
    };
    let signing = KeyPair::from_pem(&text(&key, Others::Nothing)?).map_err(|error| unusable(&key, &error))?;
    let authority = Issuer::from_ca_cert_pem(&text(&certificate, Others::Read)?, signing)
        .map_err(|error| unusable(&certificate, &error))?;
    let own = KeyPair::generate().map_err(impossible)?;
    let issued = params.signed_by(&own, &authority).map_err(impossible)?;
    pair(dir, name, &issued.pem(), &own)
}

fn pair(dir: &Path, name: &str, certificate: &str, key: &KeyPair) -> Result<Vec<String>, CliError> {
    let key = key.serialize_pem();
    let files = [
        Made { path: dir.join(format!("{name}.key")), others: Others::Nothing, bytes: key.as_bytes() },
        Made { path: dir.join(format!("{name}.crt")), others: Others::Read, bytes: certificate.as_bytes() },
    ];
    make_files(dir, &files)
}

fn impossible(error: impl std::fmt::Display) -> CliError {
    CliError::new(Code::Unexpected, format!("a certificate can not be made: {error}"))
}
