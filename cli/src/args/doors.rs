//! What the program shows to get in, and by what it knows servers.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Files only: what stands on a command line or in the environment is seen by others.
#[derive(Args, Debug, Clone, Default)]
pub struct DoorArgs {
    /// The authorities whose certificates servers must have (PEM); with it, connections are encrypted
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub tls_ca: Option<PathBuf>,

    /// This user's certificate (PEM), with --tls-key
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub tls_cert: Option<PathBuf>,

    /// The key of the certificate, in a file for its owner alone
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub tls_key: Option<PathBuf>,

    /// The name that servers' certificates are to be for, where it is not the host that is dialled
    #[arg(long, global = true, value_name = "NAME", value_hint = ValueHint::Hostname, help_heading = "Connection")]
    pub tls_server_name: Option<String>,

    /// A file for its owner alone that holds a token
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    pub token_file: Option<PathBuf>,
}

impl DoorArgs {
    /// As they were typed, for a command that is to be pasted.
    pub fn pasteable(&self) -> String {
        let files = [
            ("--tls-ca", &self.tls_ca),
            ("--tls-cert", &self.tls_cert),
            ("--tls-key", &self.tls_key),
            ("--token-file", &self.token_file),
        ];
        let given =
            files.iter().filter_map(|(flag, file)| Some((*flag, file.as_ref()?.display().to_string())));
        let name = self.tls_server_name.iter().map(|name| ("--tls-server-name", name.clone()));
        given.chain(name).map(|(flag, value)| format!(" {flag} {}", quoted(&value))).collect()
    }
}

/// As a shell reads it as one word.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%,".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_repeated_as_one_word_each() {
        let args = DoorArgs {
            tls_ca: Some("/etc/my ca.crt".into()),
            token_file: Some("t".into()),
            ..DoorArgs::default()
        };
        assert_eq!(args.pasteable(), " --tls-ca '/etc/my ca.crt' --token-file t");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
