//! `version`

use std::collections::BTreeMap;

use crate::model::{Done, VersionReport};

/// The version of the envelope and of each file format this program reads or writes.
const FORMATS: [(&str, u32); 1] = [("admin-envelope", 1)];

pub fn run() -> Done<VersionReport> {
    Done::read(VersionReport {
        version: env!("CARGO_PKG_VERSION"),
        build_sha: env!("ELASTICKV_BUILD_SHA"),
        formats: BTreeMap::from(FORMATS),
    })
}
