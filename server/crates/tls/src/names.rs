//! What a certificate says of whoever it is for.

use elastickv_types::NodeName;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Before a node's name, in a URI among the alternative names of its certificate.
pub const NODE_URI: &str = "elastickv:node:";

/// The names in a certificate, and until when it counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names {
    /// The node that it is for; of a client there is none.
    pub node: Option<NodeName>,
    /// The common name of its subject.
    pub common: Option<String>,
    pub not_after_ms: u64,
}

impl Names {
    /// Reads one certificate. What is ambiguous is an error.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let not_after = certificate.validity().not_after.timestamp();
        Ok(Self {
            node: node(&certificate)?,
            common: common(&certificate)?,
            not_after_ms: u64::try_from(not_after).unwrap_or(0).saturating_mul(1000),
        })
    }
}

fn node(certificate: &X509Certificate<'_>) -> Result<Option<NodeName>, String> {
    let names = certificate.subject_alternative_name().map_err(|error| error.to_string())?;
    let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let mut nodes = names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => uri.strip_prefix(NODE_URI),
        _ => None,
    });
    match (nodes.next(), nodes.next()) {
        (Some(_), Some(_)) => Err("it names more than one node".to_owned()),
        (Some(name), None) => match name.parse() {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err(format!("{NODE_URI} is followed by no name of a node")),
        },
        (None, _) => Ok(None),
    }
}

fn common(certificate: &X509Certificate<'_>) -> Result<Option<String>, String> {
    let mut names = certificate.subject().iter_common_name();
    match (names.next(), names.next()) {
        (Some(_), Some(_)) => Err("its subject has more than one common name".to_owned()),
        (Some(name), None) => Ok(name.as_str().ok().map(str::to_owned)),
        (None, _) => Ok(None),
    }
}
