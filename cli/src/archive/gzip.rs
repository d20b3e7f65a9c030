//! gzip (RFC 1952) around deflate's stored blocks (RFC 1951, 3.2.4).

/// The longest stored block.
const LONGEST: usize = 0xFFFF;

/// Wraps the bytes as they are.
pub fn stored(bytes: &[u8], modified: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / LONGEST * 5 + 32);
    // Magic, deflate, no flags, when, nothing of the effort, Unix.
    out.extend_from_slice(&[0x1F, 0x8B, 8, 0]);
    out.extend_from_slice(&u32::try_from(modified).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&[0, 3]);
    let blocks = bytes.chunks(LONGEST);
    let last = blocks.len().saturating_sub(1);
    for (at, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(at == last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    if bytes.is_empty() {
        out.extend_from_slice(&[1, 0, 0, 0xFF, 0xFF]);
    }
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&u32::try_from(bytes.len() % (1 << 32)).unwrap_or(0).to_le_bytes());
    out
}

/// Of IEEE 802.3, as gzip has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_everybody() {
        assert_eq!((crc32(b"123456789"), crc32(b"")), (0xCBF4_3926, 0));
    }

    #[test]
    fn an_empty_one_is_what_gzip_reads() {
        let wanted = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(stored(b"", 0), wanted);
        let long = stored(&[7; LONGEST + 1], 0);
        assert_eq!(long[10..15], [0, 0xFF, 0xFF, 0, 0], "not the last block");
        assert_eq!(long[15 + LONGEST..20 + LONGEST], [1, 1, 0, 0xFE, 0xFF], "the last one, of one byte");
    }
}
