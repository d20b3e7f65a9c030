//! What commands that change something have in common.

use clap::Args;
use elastickv_types::RequestId;

/// The operation, and what makes sure that it is the intended one.
#[derive(Args, Debug, Clone, Default)]
pub struct ChangeArgs {
    /// Names this operation; give the id that was printed when repeating one whose outcome is unknown
    #[arg(long, value_name = "UUID", value_parser = op_id, help_heading = "Safety")]
    pub op_id: Option<RequestId>,

    #[command(flatten)]
    pub expect: ExpectArgs,
}

/// What makes sure that a change is the intended one.
#[derive(Args, Debug, Clone, Default)]
pub struct ExpectArgs {
    /// Refuse unless the cluster has this name
    #[arg(long, value_name = "NAME", help_heading = "Safety")]
    pub expect_cluster: Option<String>,

    /// Why, for the history and the servers' audit; a protected context insists on it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    #[arg(help_heading = "Safety")]
    pub reason: String,

    /// Exit with 10 when nothing needed doing
    #[arg(long, help_heading = "Safety")]
    pub detailed_exit_code: bool,
}

/// What a command that is about to change something was told.
#[derive(Clone, Copy, Debug)]
pub struct Safety<'a> {
    pub expect: &'a ExpectArgs,
    pub op_id: Option<RequestId>,
    /// It wants the cluster's name typed by itself, because it can not be undone.
    pub asks: bool,
}

impl<'a> Safety<'a> {
    pub fn of_change(change: &'a ChangeArgs) -> Self {
        Self { expect: &change.expect, op_id: change.op_id, asks: false }
    }

    pub fn of_many(expect: &'a ExpectArgs) -> Self {
        Self { expect, op_id: None, asks: false }
    }

    pub fn asking(self) -> Self {
        Self { asks: true, ..self }
    }
}

/// Reads an operation's id. Servers take only those that tell when they were drawn.
fn op_id(text: &str) -> Result<RequestId, String> {
    let id: uuid::Uuid = text.parse().map_err(|error| format!("{error}"))?;
    match id.get_version_num() {
        7 => Ok(RequestId::from_bytes(*id.as_bytes())),
        other => Err(format!("it is a UUID of version {other}; ids of operations are of version 7")),
    }
}

/// The history keeps 512 bytes of it, in one line.
const LONGEST_REASON: usize = 512;

pub fn reason(text: &str) -> Result<String, String> {
    if text.len() > LONGEST_REASON {
        return Err(format!("it has {} bytes, and the history keeps {LONGEST_REASON}", text.len()));
    }
    match text.contains(char::is_control) {
        true => Err("it has to be one line without control characters".to_owned()),
        false => Ok(text.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_id_tells_when_it_was_drawn() {
        let id = "01937a5e-0000-7000-8000-000000000001";
        assert_eq!(op_id(id).unwrap().to_string(), id);
        assert!(op_id("01937a5e-0000-4000-8000-000000000001").is_err());
        assert!(op_id("7").is_err());
    }

    #[test]
    fn a_reason_is_a_line_that_the_history_can_keep() {
        assert!(reason("TICKET-17: größer").is_ok());
        assert_eq!(reason("  "), Ok(String::new()));
        assert!(reason("a\nb").is_err());
        assert!(reason(&"x".repeat(LONGEST_REASON)).is_ok());
        assert!(reason(&"x".repeat(LONGEST_REASON + 1)).is_err());
    }
}
