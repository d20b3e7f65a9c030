//! ustar: each file behind a header of 512 bytes, filled up to a multiple of 512; two empty blocks end the archive.

use super::gzip;

const BLOCK: usize = 512;
/// The longest name that the header holds.
const LONGEST_NAME: usize = 100;

/// Files, in the order in which they were put in.
#[derive(Debug)]
pub struct Archive {
    tar: Vec<u8>,
    /// Of every file, in seconds since 1970.
    modified: u64,
}

impl Archive {
    pub fn new(modified: u64) -> Self {
        Self { tar: Vec::new(), modified }
    }

    /// Puts a file in. False where its name does not fit into a header.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> bool {
        if name.len() > LONGEST_NAME {
            return false;
        }
        self.tar.extend_from_slice(&header(name, bytes.len(), self.modified));
        self.tar.extend_from_slice(bytes);
        let rest = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.tar.extend(std::iter::repeat_n(0, rest));
        true
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.tar.extend_from_slice(&[0; 2 * BLOCK]);
        gzip::stored(&self.tar, self.modified)
    }
}

/// ```text
/// 0 name 100 · 100 mode 8 · 108 uid 8 · 116 gid 8 · 124 size 12 · 136 mtime 12 · 148 checksum 8 · 156 type 1 ·
/// 157 link 100 · 257 "ustar\0" · 263 "00"
/// ```
/// Numbers are octal digits. The checksum is the sum of all bytes of the header, with blanks in its own place.
fn header(name: &str, length: usize, modified: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = header.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{length:011o}\0").as_bytes());
    put(136, format!("{modified:011o}\0").as_bytes());
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let text = format!("{sum:06o}\0 ");
    if let Some(place) = header.get_mut(148..156) {
        place.copy_from_slice(text.as_bytes());
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_what_tar_writes() {
        let header = header("MANIFEST.md", 5, 1_800_000_000);
        assert_eq!(&header[..11], b"MANIFEST.md");
        assert_eq!(&header[124..136], b"00000000005\0");
        assert_eq!(&header[136..148], b"15322351000\0");
        assert_eq!(&header[257..265], b"ustar\x0000");
        let told = u32::from_str_radix(std::str::from_utf8(&header[148..154]).unwrap(), 8).unwrap();
        let mut blank = header;
        blank[148..156].copy_from_slice(b"        ");
        assert_eq!(told, blank.iter().map(|byte| u32::from(*byte)).sum::<u32>());
    }

    #[test]
    fn files_fill_whole_blocks() {
        let mut archive = Archive::new(0);
        assert!(archive.put("a", &[7; 513]) && archive.put("b", b""));
        assert!(!archive.put(&"x".repeat(101), b""));
        assert_eq!(archive.tar.len(), 512 + 1024 + 512);
    }
}
