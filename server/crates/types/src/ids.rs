//! Ids: random ones (cluster, store, request) and derived ones (node, group).

use std::fmt;
use std::num::NonZeroU64;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Makes an id of sixteen random bytes, drawn by the caller.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }

            /// Reads sixteen bytes as they travel on the wire; any other length is not an id.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                <[u8; 16]>::try_from(bytes).ok().map(Self::from_bytes)
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id!(
    /// Drawn once when a cluster is created; replicated; never changes.
    ClusterId
);
uuid_id!(
    /// Drawn once when a data directory is created; tells a node from another that took its name.
    StoreId
);
uuid_id!(
    /// Given by the caller of a write or drawn for it; a write with one id acts once.
    RequestId
);
uuid_id!(
    /// Given by the caller of an operation on keys or drawn for it; an operation acts once.
    OperationId
);

/// FNV-1a-64 of the node's name; a hash of zero becomes one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullNodeId(NonZeroU64);

impl FullNodeId {
    pub fn of_name(name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(NonZeroU64::new(hash).unwrap_or(NonZeroU64::MIN))
    }

    /// Reads an id off the wire or the disk, where zero is not one.
    pub fn from_u64(raw: u64) -> Option<Self> {
        NonZeroU64::new(raw).map(Self)
    }

    pub fn get(self) -> u64 {
        self.0.get()
    }

    pub fn short(self) -> ShortNodeId {
        ShortNodeId((self.get() & 0xffff) as u16)
    }
}

impl fmt::Display for FullNodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.get())
    }
}

impl fmt::Debug for FullNodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FullNodeId({self})")
    }
}

/// The low sixteen bits of the full node id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ShortNodeId(u16);

impl ShortNodeId {
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    pub fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for ShortNodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

/// A Raft group. The lowest one is the control group, of which every node is a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupId(NonZeroU64);

impl GroupId {
    pub const CONTROL: GroupId = GroupId(NonZeroU64::MIN);

    pub fn from_u64(raw: u64) -> Option<Self> {
        NonZeroU64::new(raw).map(Self)
    }

    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_ids_are_those_of_the_format_page() {
        let ids = ["n1", "n2", "n3"].map(FullNodeId::of_name);
        assert_eq!(ids[0].get(), 0x08b3_7b07_b558_d4c0);
        assert_eq!(ids.map(|id| id.short().get()), [0xd4c0, 0xd9d9, 0xd826]);
    }

    #[test]
    fn zero_is_no_id() {
        assert_eq!(FullNodeId::from_u64(0), None);
        assert_eq!(GroupId::from_u64(0), None);
        assert_eq!(ClusterId::from_slice(&[0; 15]), None);
    }
}
