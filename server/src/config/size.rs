//! Sizes as people write them: `256MiB`, `1GiB`, `4096`.

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

pub fn parse(text: &str) -> Result<u64, String> {
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)))
        .unwrap_or((text, 1));
    let number: u64 = number.parse().map_err(|_| "a number with B, KiB, MiB or GiB is wanted".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "it is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse("256MiB"), Ok(256 << 20));
        assert_eq!(parse("1 KiB"), Ok(1024));
        assert_eq!(parse("7"), Ok(7));
        assert!(parse("7MB").is_err() && parse("").is_err() && parse("99999999999GiB").is_err());
    }
}
