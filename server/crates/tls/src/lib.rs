//! Certificates: read from files, judged, replaced while they are in use; and connections made with them.
//!
//! One authority vouches for everybody. A node's certificate bears the URI `elastickv:node:NAME`; it is what makes
//! it a member's, and nothing else does, so that no certificate of a client can be taken for a node. A client's
//! bears its name as the common name of its subject. Nodes look at that URI and not at addresses, since a node
//! keeps its name when it moves; clients look at host names, as everywhere.
//!
//! What a name may do is not decided here. This crate knows no call and no role.

mod dial;
mod error;
mod live;
mod material;
mod names;
mod node;
mod presented;

pub use dial::{ClearLine, Dialer, Line, NodeDialer, Refused, dial_in_clear, is_handshake};
pub use error::TlsError;
pub use live::{Live, Refreshed};
pub use material::Sources;
pub use names::{NODE_URI, Names};
pub use presented::Presented;
pub use rustls::ServerConfig;
