//! From what an operator typed to the one member that is meant.

use elastickv_types::PeerAddress;

use super::{Seen, Session, Survey};
use crate::error::{CliError, Code};

impl Survey {
    /// A member by its whole name or its address. Never by a part of the name: n1 must not become n10.
    pub fn resolve(&self, typed: &str) -> Result<&Seen, CliError> {
        if let Some(seen) = self.member(typed) {
            return Ok(seen);
        }
        let there: Vec<&Seen> = self.members.iter().filter(|seen| seen.entry.address == typed).collect();
        match there.as_slice() {
            [seen] => Ok(seen),
            [] => Err(self.unknown(typed)),
            several => Err(CliError::new(
                Code::AmbiguousMember,
                format!("{typed} is the address of {}", names(several.iter().copied())),
            )),
        }
    }

    fn unknown(&self, typed: &str) -> CliError {
        let all = names(self.members.iter());
        CliError::new(
            Code::UnknownMember,
            format!("{typed:?} is no member of {}; its members are {all}", self.cluster_name),
        )
    }
}

fn names<'a>(members: impl Iterator<Item = &'a Seen>) -> String {
    members.map(|seen| seen.entry.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Session {
    /// Where a member can be reached.
    pub fn address_of(&self, seen: &Seen) -> Result<PeerAddress, CliError> {
        seen.address().ok_or_else(|| {
            let text =
                format!("{} advertises {:?}, which is no address", seen.entry.name, seen.entry.address);
            CliError::new(Code::CannotConnect, text)
        })
    }

    /// Refuses when the operator named another cluster.
    pub fn expect_cluster(&self, survey: &Survey, expected: Option<&str>) -> Result<(), CliError> {
        match expected {
            Some(expected) if expected != survey.cluster_name => Err(CliError::new(
                Code::ClusterMismatch,
                format!("this is cluster {:?}, not {expected:?}", survey.cluster_name),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::GroupRole;
    use super::super::survey::tests::{entry, facts, reply};
    use super::*;

    fn survey() -> Survey {
        let mut twin = entry("n4", true);
        twin.address = "10.0.0.13:50051".to_owned();
        let members = [entry("n10", true), entry("n2", true), entry("n3", true), twin];
        Survey::of(vec![reply("a:1", true, Ok(facts("n2", GroupRole::Leader, &members)))])
    }

    #[test]
    fn a_member_goes_by_its_name_or_its_address() {
        let survey = survey();
        assert_eq!(survey.resolve("n2").unwrap().entry.name, "n2");
        assert_eq!(survey.resolve("10.0.0.12:50051").unwrap().entry.name, "n2");
    }

    #[test]
    fn a_part_of_a_name_is_no_name() {
        let error = survey().resolve("n1").unwrap_err();
        assert_eq!((error.code(), error.exit().code()), (Code::UnknownMember, 2));
        assert!(error.message().contains("n2, n3, n4, n10"), "{}", error.message());
    }

    #[test]
    fn an_address_of_two_is_refused() {
        let error = survey().resolve("10.0.0.13:50051").unwrap_err();
        assert_eq!((error.code(), error.exit().code()), (Code::AmbiguousMember, 2));
        assert!(error.message().contains("n3, n4"), "{}", error.message());
    }
}
