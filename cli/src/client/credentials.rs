//! What this program shows to get in, and by what it knows servers.

use std::path::Path;

use elastickv_sys::private::{self, Others};
use elastickv_tls::{Dialer, TlsError};
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

use crate::args::doors::DoorArgs;
use crate::error::{CliError, Code};

const LONGEST_TOKEN: u64 = 4096;

/// A certificate, a token, both or neither; and the authorities that vouch for servers.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Nothing where connections are not encrypted.
    pub dialer: Option<Dialer>,
    /// Marked as sensitive, so that nothing prints it.
    bearer: Option<MetadataValue<Ascii>>,
}

impl Credentials {
    pub fn load(args: &DoorArgs) -> Result<Self, CliError> {
        let Some(authority) = &args.tls_ca else {
            let others = [
                ("--tls-cert", args.tls_cert.is_some()),
                ("--tls-key", args.tls_key.is_some()),
                ("--tls-server-name", args.tls_server_name.is_some()),
                ("--token-file", args.token_file.is_some()),
            ];
            return match others.into_iter().find(|(_, given)| *given) {
                Some((flag, _)) => {
                    Err(incomplete(format!("{flag} needs --tls-ca: it is shown to nobody in clear")))
                }
                None => Ok(Self::default()),
            };
        };
        let own = match (&args.tls_cert, &args.tls_key) {
            (Some(certificate), Some(key)) => Some((certificate.as_path(), key.as_path())),
            (None, None) => None,
            _ => return Err(incomplete("--tls-cert and --tls-key belong together".to_owned())),
        };
        let dialer =
            Dialer::load(authority, own, args.tls_server_name.as_deref()).map_err(|error| bad(&error))?;
        let bearer = args.token_file.as_deref().map(bearer).transpose()?;
        Ok(Self { dialer: Some(dialer), bearer })
    }

    /// The text without the token.
    pub fn leave_out(&self, text: &str) -> String {
        let shown = self.bearer.as_ref().and_then(|bearer| bearer.to_str().ok());
        match shown.and_then(|shown| shown.strip_prefix("Bearer ")) {
            Some(token) => text.replace(token, "[left out]"),
            None => text.to_owned(),
        }
    }

    pub fn sign<M>(&self, request: &mut Request<M>) {
        if let Some(bearer) = &self.bearer {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
    }
}

fn bearer(path: &Path) -> Result<MetadataValue<Ascii>, CliError> {
    let refused = |why: String| CliError::new(Code::BadCredentials, format!("{}: {why}", path.display()));
    let bytes =
        private::read(path, Others::Nothing, LONGEST_TOKEN).map_err(|error| refused(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refused("it is no text".to_owned()))?;
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(refused("it holds no token, or more than one".to_owned()));
    }
    let mut value: MetadataValue<Ascii> =
        format!("Bearer {token}").parse().map_err(|_| refused("it holds no token".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn incomplete(text: String) -> CliError {
    CliError::new(Code::Usage, text)
}

fn bad(error: &TlsError) -> CliError {
    match error {
        TlsError::ServerName { .. } => incomplete(format!("--tls-server-name: {error}")),
        _ => CliError::new(Code::BadCredentials, error.to_string()),
    }
}
