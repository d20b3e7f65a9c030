//! One file of many: a tar archive (ustar) in a gzip wrapper.
//!
//! Both are written here and read by everybody's tools. The wrapper stores its content without compressing it: what is
//! packed is small, and whoever receives it should be able to check every byte against the manifest.

mod gzip;
mod tar;

pub use tar::Archive;
