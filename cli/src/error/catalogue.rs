//! The catalogue of errors and warnings: every code this program can print, with its texts.
//!
//! A code is for life: scripts and runbooks name it. The hundreds group the codes by subject (00 the command line, 10
//! connecting, 11 permission, 12 refusals by the rules, 13 data keys, 14 sidecars, 15 wrapping keys, 16 waiting and jobs,
//! 17 data directories and backups, 19 keys and values, 20 findings). The table below is that promise: which codes there
//! are, and with which status a command ends. What each says stands in a file for each subject; a code without its texts, or
//! texts without a code, do not compile. `explain`, the four lines on stderr, the JSON envelope and the table in docs/cli.md
//! all read the entries that both make, and nothing else.

mod command_line;
mod connecting;
mod data_keys;
mod directories;
mod findings;
mod jobs;
mod permission;
mod refusals;
mod sidecars;
mod values;
mod wrapping_keys;

use super::{Entry, Exit};

/// What is said of a code.
struct Texts {
    title: &'static str,
    state: &'static str,
    hint: &'static str,
    story: &'static str,
}

/// Texts under the names of their codes.
macro_rules! texts {
    ($($name:ident {
        title: $title:literal,
        state: $state:literal,
        hint: $hint:literal,
        story: $story:literal $(,)?
    })+) => {
        $(
            #[expect(non_upper_case_globals, reason = "it has the name of its code")]
            pub(super) const $name: super::Texts =
                super::Texts { title: $title, state: $state, hint: $hint, story: $story };
        )+
    };
}
use texts;

macro_rules! codes {
    ($($subject:ident { $($name:ident $number:literal $exit:ident)+ })+) => {
        /// A stable error code, written `EK-1003`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code {
            $($($name,)+)+
        }

        impl Code {
            pub const ALL: &'static [Code] = &[$($(Code::$name,)+)+];

            pub fn entry(self) -> &'static Entry {
                match self {
                    $($(Code::$name => &Entry {
                        number: $number,
                        name: stringify!($name),
                        exit: Exit::$exit,
                        title: $subject::$name.title,
                        state: $subject::$name.state,
                        hint: $subject::$name.hint,
                        story: $subject::$name.story,
                    },)+)+
                }
            }
        }
    };
}

codes! {
    command_line {
        Usage 1 Usage
        UnknownMember 2 Usage
        AmbiguousMember 3 Usage
        BadInput 4 Usage
        UnknownCode 5 Usage
        ConfirmationNeeded 6 Usage
        Declined 7 Declined
        Interrupted 8 Interrupted
        Terminated 9 Terminated
        BadName 10 Usage
        LocalFile 11 Unexpected
        BadContextFile 12 Usage
        UnknownContext 13 Usage
        ContextExists 14 Refused
        ContextFileBusy 15 Conflict
        ProtectedContext 16 Usage
        UnknownKind 17 Usage
        BadLogLevel 20 Usage
        Unexpected 99 Unexpected
    }
    connecting {
        CannotConnect 1001 NotConnected
        NoLeader 1002 NotConnected
        NoQuorum 1003 NotConnected
        NotReady 1004 NotConnected
        NotElastickv 1005 NotConnected
        NoAnswer 1006 NotConnected
        OutcomeUnknown 1007 OutcomeUnknown
        Busy 1008 NotConnected
        LeaderMoved 1009 NotConnected
        MemberUnreachable 1010 NotConnected
        Partial 1011 Partial
        Draining 1012 NotConnected
        ServerFault 1013 Unexpected
        TlsFailed 1014 NotConnected
    }
    permission {
        Unauthenticated 1101 NotPermitted
        NotPermitted 1102 NotPermitted
        BadCredentials 1103 Usage
        CredentialExists 1104 Refused
    }
    refusals {
        GateRefused 1201 Refused
        GateWarns 1202 Warnings
        MemberSilent 1203 Partial
        ForeignCluster 1204 Refused
        WrongNode 1205 Refused
        NodeNameUsed 1206 Refused
        NotAVoter 1207 Refused
        AlreadyAMember 1208 Refused
        LastVoter 1209 Refused
        LaggingLearner 1210 Refused
        MembershipConflict 1211 Conflict
        ChangeInProgress 1212 Conflict
        ClusterMismatch 1213 Refused
        StorageFull 1214 Refused
        NoSuccessor 1215 Refused
        MemberNotReady 1216 Warnings
        MemberLagging 1217 Warnings
        ReplicaFault 1218 Warnings
        DiskLow 1219 Warnings
        MixedBuilds 1220 Warnings
        TwoLeaders 1221 Warnings
        Stranger 1222 Warnings
        MembershipPending 1223 Warnings
        EndpointSilent 1224 Warnings
        ChangeRefused 1225 Refused
        NodeIdCollision 1226 Refused
        InvitationRefused 1227 Refused
        HandOverFailed 1228 Refused
        PinnedOtherwise 1229 Refused
        OperationRunning 1240 Conflict
        OperationGivenUp 1241 Partial
        OperationIdSpent 1242 Usage
        OperationRefused 1243 Refused
        UnknownOperation 1244 Usage
        NotBootstrapped 1245 Refused
        BootstrappedOtherwise 1246 Refused
        NotCapable 1247 Refused
        NotRegistered 1248 Refused
        NoWayBack 1249 Refused
        NotSettled 1250 Refused
    }
    data_keys {
        UnknownKeyId 1301 Usage
        AmbiguousKeyId 1302 Usage
        KeyUnfit 1303 Refused
        KeyIdUsed 1304 Refused
        EpochRollback 1305 Refused
        EpochNearlyExhausted 1306 Warnings
        KeyNotOpen 1307 Warnings
        KeyMismatch 1308 Refused
        TooManyKeys 1309 Refused
        NonceBudgetLow 1310 Warnings
        KeyOld 1311 Warnings
        BadEpoch 1312 Usage
        UnsealedRow 1313 FaultFound
        RowsUnopened 1314 Warnings
        ClearRowsFound 1315 FaultFound
        BudgetEnds 1316 Warnings
    }
    sidecars {
        SidecarBehind 1401 Warnings
        SidecarMissing 1402 Warnings
        DataDirRolledBack 1403 Refused
        StateDiffers 1404 FaultFound
        OwnStateUnreadable 1405 Refused
        SidecarUnfit 1406 Refused
        OtherBuild 1407 Refused
    }
    wrapping_keys {
        KekUnusable 1501 Kms
        KekUnavailable 1502 Kms
        BadKekUri 1503 Usage
        KekFileExists 1504 Refused
        KekIgnoresContext 1505 FaultFound
        KekInEnvironment 1506 Warnings
        KekMismatch 1507 Kms
        KeksDiffer 1508 Warnings
        PreviousKekNeeded 1509 Warnings
    }
    jobs {
        WaitEnded 1601 StillGoing
        SnapshotFailed 1602 Unexpected
        OperationGoesOn 1603 StillGoing
        JobGoesOn 1604 StillGoing
        NoSuchJob 1605 Usage
        JobRunning 1606 Conflict
        JobOver 1607 Conflict
        RowsNotSealed 1608 Refused
        LogStillClear 1609 Warnings
    }
    directories {
        DataDirInUse 1701 Conflict
        NoDataDir 1702 Usage
        NotAFile 1703 Warnings
        OtherUser 1704 Refused
        BackupIncomplete 1710 FaultFound
        BackupMissingSidecar 1711 FaultFound
        BackupCutShort 1712 FaultFound
        BackupAltered 1713 FaultFound
        BackupForeign 1714 FaultFound
        BackupKeyMissing 1715 FaultFound
        BackupThere 1716 Refused
        NothingToResume 1717 Refused
        BackupGone 1718 NotConnected
        DirectoryNotEmpty 1719 Refused
        BackupNeedsKey 1730 Warnings
        BackupOfAnother 1731 Usage
        StoreUnfit 1740 Warnings
        LogUnfit 1741 FaultFound
        SetAside 1742 Warnings
        RestoreUnfinished 1743 FaultFound
    }
    values {
        KeyTooLarge 1901 Usage
        ValueTooLarge 1902 Usage
        EmptyKey 1903 Usage
        BadRequestId 1904 Usage
        UnknownGroup 1905 Usage
        KeyNotFound 1906 Usage
        ScanLimited 1907 Warnings
        PagesOfManyMoments 1908 Warnings
        Conflict 1909 Conflict
        ConditionFailed 1910 Refused
        ReadTimestampCompacted 1911 Refused
        ReadInFuture 1912 Refused
        RequestExpired 1913 OutcomeUnknown
        BadToken 1914 Unexpected
        WriteTooLarge 1915 Usage
        BadExpiry 1916 Usage
        BadTransaction 1917 Unexpected
        BadScript 1918 Usage
        BadExport 1919 Usage
        ExportThere 1920 Refused
        ExportCutShort 1921 Partial
        ImportUnfinished 1922 Refused
        RequestAhead 1923 Refused
        KeyLocked 1924 Conflict
    }
    findings {
        DigestsDiffer 2001 FaultFound
        LeakFound 2002 FaultFound
        BadCanaries 2003 Usage
        StageFailed 2004 FaultFound
        PatientIll 2010 FaultFound
        ClocksApart 2011 Warnings
        CertificateEnds 2012 Warnings
        JobStands 2013 Warnings
        OperationStands 2014 Warnings
        BackupOld 2015 Warnings
        NoSpareVoter 2016 Warnings
        NotAllSealed 2017 Warnings
        NotLookedAt 2018 Warnings
    }
}
