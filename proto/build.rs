//! Generates the Rust code of the .proto files, with a compiler written in Rust: nobody needs protoc.

#![allow(clippy::disallowed_methods, reason = "a build script writes what it generates")]

use std::path::PathBuf;

const FILES: [&str; 12] = [
    "raw_kv.proto",
    "transactional_kv.proto",
    "raft_admin.proto",
    "distribution.proto",
    "admin.proto",
    "encryption_admin.proto",
    "elastickv/v1/backup.proto",
    "elastickv/v1/cluster.proto",
    "elastickv/v1/encryption.proto",
    "elastickv/v1/jobs.proto",
    "elastickv/v1/peer.proto",
    "elastickv/v1/txn.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let descriptors = protox::compile(FILES, ["proto"])?;
    let bytes = protox::prost::Message::encode_to_vec(&descriptors);
    std::fs::write(out.join("descriptors.bin"), bytes)?;
    tonic_prost_build::configure().bytes(".").skip_debug(["."]).compile_fds(descriptors)?;
    Ok(())
}
