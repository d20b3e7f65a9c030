//! An authority, and certificates of every kind that a server has to accept or to refuse.

use std::ffi::OsString;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use elastickv_tls::{Dialer, NODE_URI};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Who may do everything in a cluster with doors.
pub const OWNER: &str = "owner";

/// A certificate and its key, in files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What a certificate is to say.
#[derive(Clone, Debug)]
pub struct Subject {
    pub name: String,
    pub node: bool,
    pub hosts: Vec<String>,
    /// Seconds from now.
    pub valid: Range<i64>,
}

const HOUR: i64 = 3600;

impl Subject {
    pub fn node(name: &str) -> Self {
        let hosts = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        Self { name: name.to_owned(), node: true, hosts, valid: -HOUR..HOUR }
    }

    pub fn client(name: &str) -> Self {
        Self { name: name.to_owned(), node: false, hosts: Vec::new(), valid: -HOUR..HOUR }
    }

    pub fn valid(self, valid: Range<i64>) -> Self {
        Self { valid, ..self }
    }

    pub fn hosts(self, hosts: &[&str]) -> Self {
        Self { hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..self }
    }
}

#[derive(Debug)]
pub struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    owner: Pair,
}

impl Authority {
    /// Makes one in a directory, with an access file that knows the owner alone.
    pub fn new(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let key = KeyPair::generate()?;
        let mut params = params(&Subject::client("authority"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key)?;
        fs::write(dir.join("ca.crt"), certificate.pem())?;
        let owner = Pair { certificate: dir.join("owner.crt"), key: dir.join("owner.key") };
        let authority = Self { dir: dir.to_owned(), issuer: Issuer::new(params, key), owner };
        authority.issue(OWNER, &Subject::client(OWNER))?;
        authority.allow("")?;
        Ok(authority)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn certificate(&self) -> PathBuf {
        self.dir.join("ca.crt")
    }

    pub fn owner(&self) -> &Pair {
        &self.owner
    }

    /// Makes a certificate, in files of this name. Those that are there are replaced, one after the other.
    pub fn issue(&self, file: &str, subject: &Subject) -> Result<Pair> {
        let key = KeyPair::generate()?;
        let mut params = params(subject);
        if subject.node {
            let uri = format!("{NODE_URI}{}", subject.name);
            params.subject_alt_names.push(SanType::URI(uri.as_str().try_into()?));
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        }
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        let issued = params.signed_by(&key, &self.issuer)?;
        let pair = Pair {
            certificate: self.dir.join(format!("{file}.crt")),
            key: self.dir.join(format!("{file}.key")),
        };
        put(&pair.key, key.serialize_pem().as_bytes())?;
        put(&pair.certificate, issued.pem().as_bytes())?;
        Ok(pair)
    }

    pub fn access_file(&self) -> PathBuf {
        self.dir.join("access.yaml")
    }

    /// Replaces the access file: the owner, and these.
    pub fn allow(&self, entries: &str) -> Result<()> {
        let owner = format!("{{ name: {OWNER}, roles: [read, write, operate, admin] }}");
        put(&self.access_file(), format!("certificates:\n  - {owner}\n{entries}").as_bytes())
    }

    /// What a server with this certificate is started with.
    pub fn arguments(&self, own: &Pair) -> Vec<OsString> {
        let files = [
            ("tls-cert", &own.certificate),
            ("tls-key", &own.key),
            ("tls-ca", &self.certificate()),
            ("access-file", &self.access_file()),
        ];
        files.iter().map(|(name, file)| format!("--{name}={}", file.display()).into()).collect()
    }

    pub fn dialer(&self, own: Option<&Pair>) -> Result<Dialer> {
        let own = own.map(|pair| (pair.certificate.as_path(), pair.key.as_path()));
        Ok(Dialer::load(&self.certificate(), own, None)?)
    }

    /// For pages of HTTP.
    pub fn pages(&self, own: Option<&Pair>) -> Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.certificate()).context("no authority")?)?;
        let builder =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots);
        Ok(Arc::new(match own {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let chain = vec![CertificateDer::from_pem_file(&pair.certificate).context("no certificate")?];
                let key = PrivateKeyDer::from_pem_file(&pair.key).context("no key")?;
                builder.with_client_auth_cert(chain, key)?
            }
        }))
    }
}

fn params(subject: &Subject) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject.name.as_str());
    params.subject_alt_names = subject.hosts.iter().filter_map(|host| san(host)).collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let at = |offset: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(now.saturating_add_signed(offset));
    (params.not_before, params.not_after) = (at(subject.valid.start), at(subject.valid.end));
    params
}

fn san(host: &str) -> Option<SanType> {
    match host.parse() {
        Ok(address) => Some(SanType::IpAddress(address)),
        Err(_) => Some(SanType::DnsName(host.try_into().ok()?)),
    }
}

/// Puts a file in another's place, for its owner alone.
pub fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_added_extension("new");
    fs::write(&beside, bytes)?;
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600))?;
    Ok(fs::rename(&beside, path)?)
}
