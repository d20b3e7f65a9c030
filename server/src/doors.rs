//! The doors: how connections come in, who is behind them, and what they may do.
//!
//! Without certificates everybody is let in and nobody is known; such a node listens on loopback, or its operator said
//! that this is wanted. With them every connection is encrypted, members are known by their certificates, and everybody
//! else by a certificate or a token that the access file lists. What a subject may do is looked up for each call, so a
//! role that is taken away is gone with the next call, also on a connection that stands.

mod arrival;
mod entrance;
mod guard;
mod room;
mod subjects;
mod watch;

pub use arrival::Arrival;
pub use entrance::{Entrance, PageEntrance};
pub use guard::{Actor, Call, Guard, not_a_member};
pub use room::Room;
pub use watch::watch;
