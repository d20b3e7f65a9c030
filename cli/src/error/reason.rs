//! The typed names by which servers refuse, as they travel in `google.rpc.ErrorInfo`.

use super::Code;

macro_rules! reasons {
    ($($name:ident => $code:ident,)+) => {
        /// Why a server refused a call.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason {
            $($name,)+
        }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)+];

            pub fn parse(name: &str) -> Option<Reason> {
                match name {
                    $(stringify!($name) => Some(Reason::$name),)+
                    _ => None,
                }
            }

            pub fn name(self) -> &'static str {
                match self {
                    $(Reason::$name => stringify!($name),)+
                }
            }

            /// The code under which an operator reads of it.
            pub fn code(self) -> Code {
                match self {
                    $(Reason::$name => Code::$code,)+
                }
            }
        }
    };
}

reasons! {
    NotLeader => LeaderMoved,
    NoLeader => NoLeader,
    NoQuorum => NoQuorum,
    OutcomeUnknown => OutcomeUnknown,
    Busy => Busy,
    StorageFull => StorageFull,
    KeyTooLarge => KeyTooLarge,
    ValueTooLarge => ValueTooLarge,
    EmptyKey => EmptyKey,
    BadRequestId => BadRequestId,
    UnknownGroup => UnknownGroup,
    NotReady => NotReady,
    Draining => Draining,
    MembershipConflict => MembershipConflict,
    ChangeInProgress => ChangeInProgress,
    UnknownMember => UnknownMember,
    NodeNameUsed => NodeNameUsed,
    NotAVoter => NotAVoter,
    AlreadyAMember => AlreadyAMember,
    ForeignCluster => ForeignCluster,
    WrongNode => WrongNode,
    LastVoter => LastVoter,
    LaggingLearner => LaggingLearner,
    Unreachable => MemberUnreachable,
    Fault => ServerFault,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What servers send, written out a second time: a reason that is dropped here is a reason that
    /// operators would read as "not understood".
    const SENT_BY_SERVERS: [&str; 25] = [
        "NotLeader",
        "NoLeader",
        "NoQuorum",
        "OutcomeUnknown",
        "Busy",
        "StorageFull",
        "KeyTooLarge",
        "ValueTooLarge",
        "EmptyKey",
        "BadRequestId",
        "UnknownGroup",
        "NotReady",
        "Draining",
        "MembershipConflict",
        "ChangeInProgress",
        "UnknownMember",
        "NodeNameUsed",
        "NotAVoter",
        "AlreadyAMember",
        "ForeignCluster",
        "WrongNode",
        "LastVoter",
        "LaggingLearner",
        "Unreachable",
        "Fault",
    ];

    #[test]
    fn every_reason_of_a_server_has_a_code_that_explains_itself() {
        for name in SENT_BY_SERVERS {
            let reason = Reason::parse(name).unwrap_or_else(|| panic!("{name} is not known"));
            assert_eq!(reason.name(), name);
            assert!(Code::find(&reason.code().to_string()).is_some());
        }
        assert_eq!(SENT_BY_SERVERS.len(), Reason::ALL.len());
    }
}
