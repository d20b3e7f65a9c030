//! Files that the operator names on the command line.
//!
//! They are not the server's files: they may be pipes (`<(command)`), have no length before they are
//! read to their end, and pages written for everyone must be readable by everyone. So they are opened
//! here with the system's own calls, not through the server's file layer.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// More than this is not taken for a key or a value.
pub const LONGEST_INPUT: u64 = 64 << 20;

/// Reads a file, or standard input when the path is `-`.
pub fn read_input(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return read_bounded(io::stdin().lock());
    }
    #[expect(clippy::disallowed_methods, reason = "the operator's file, perhaps a pipe")]
    let file = File::open(path)?;
    read_bounded(file)
}

fn read_bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LONGEST_INPUT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_INPUT {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("longer than {LONGEST_INPUT} bytes"),
        ));
    }
    Ok(bytes)
}

/// Writes a page that was generated.
pub fn write_page(path: &Path, bytes: &[u8]) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a page for everyone to read")]
    let mut file = File::create(path)?;
    file.write_all(bytes)
}
