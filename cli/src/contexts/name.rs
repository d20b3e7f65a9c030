//! What a context may be called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Stands for no context where a name is expected, so no context is called so.
pub const NO_CONTEXT: &str = "none";

const LONGEST: usize = 64;

/// A context's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContextName(String);

impl ContextName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContextName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sound = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        match text {
            NO_CONTEXT => Err(format!("{NO_CONTEXT:?} stands for no context")),
            "" => Err("a context needs a name".to_owned()),
            _ if text.len() > LONGEST => Err(format!("a context's name has at most {LONGEST} letters")),
            _ if text.starts_with('-') || !text.chars().all(sound) => {
                Err(format!("{text:?} is no name: letters, digits, '.', '_' and '-' make one"))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for ContextName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ContextName> for String {
    fn from(name: ContextName) -> Self {
        name.0
    }
}

impl fmt::Display for ContextName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an operator chose: a context, or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    None,
    Named(ContextName),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            NO_CONTEXT => Ok(Choice::None),
            _ => text.parse().map(Choice::Named),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::None => f.pad(NO_CONTEXT),
            Choice::Named(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_and_not_none() {
        for good in ["prod", "prod-tokyo", "a.b_c", "7"] {
            assert!(good.parse::<ContextName>().is_ok(), "{good}");
        }
        for bad in ["", "none", "-x", "a b", "a/b", &"x".repeat(65)] {
            assert!(bad.parse::<ContextName>().is_err(), "{bad}");
        }
        assert_eq!("none".parse(), Ok(Choice::None));
    }
}
