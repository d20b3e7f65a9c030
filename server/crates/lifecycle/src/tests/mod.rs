//! Operations on a cluster in memory, whose groups decide by the real plan.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

pub mod facts;
mod gates;
mod interrupted;
mod operating;
mod registering;
mod retiring;
mod rotating;
mod sim;
