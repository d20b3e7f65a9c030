//! Who gets in: certificates, tokens, roles, and what is replaced while the doors are open.

pub mod admin;
mod replaced;
mod secrets;
mod strangers;
mod table;
mod trust;
