//! A token: 32 random bytes in a file, and their hash for the servers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use elastickv_sys::private::Others;
use elastickv_sys::random::SystemRandom;
use sha2::{Digest, Sha256};

use super::{Made, check_name, make_files, report};
use crate::args::certs::TokenArgs;
use crate::error::CliError;
use crate::model::{Credential, CredentialReport};

pub fn token(args: &TokenArgs) -> Result<CredentialReport, CliError> {
    check_name(&args.name)?;
    let mut secret = [0; 32];
    SystemRandom::shared().fill(&mut secret);
    let token = URL_SAFE_NO_PAD.encode(secret);
    let line = format!("{token}\n");
    let path = args.dir.join(format!("{}.token", args.name));
    let files = make_files(&args.dir, &[Made { path, others: Others::Nothing, bytes: line.as_bytes() }])?;
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    let access_entry = Some(format!("- name: {}\n  sha256: \"{hash}\"\n  roles: [read]", args.name));
    let access_list = Some("tokens");
    Ok(CredentialReport { access_list, access_entry, ..report(Credential::Token, &args.name, files) })
}
