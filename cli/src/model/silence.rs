//! Members that gave no answer.

use crate::error::{Blocker, CliError, Code};

/// What is wrong where some of so many members are silent, each with why.
pub fn partial(members: usize, silent: impl Iterator<Item = Blocker>) -> Option<CliError> {
    let silent: Vec<Blocker> = silent.collect();
    let names: Vec<&str> = silent.iter().map(|blocker| blocker.member.as_str()).collect();
    let text = format!("{} of {members} members gave no answer: {}", silent.len(), names.join(", "));
    (!silent.is_empty()).then(|| CliError::new(Code::Partial, text).blocked_by(silent))
}
