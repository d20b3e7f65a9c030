//! What somebody may have meant by a word that is none.

/// The word that takes the fewest letters to be put right, if that is few.
pub fn similar<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let near = known.into_iter().map(|word| (distance(&typed, &word.to_lowercase()), word));
    near.filter(|(far, word)| *far <= 1 + word.len().min(typed.len()) / 3).min().map(|(_, word)| word)
}

/// The question behind a message; nothing where nothing is near.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    similar(typed, known).map(|word| format!("; did you mean {word}?")).unwrap_or_default()
}

/// How many letters have to be put in, taken out or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut last = place + 1;
        let mut next = vec![last];
        for (pair, candidate) in row.windows(2).zip(&other) {
            let [above_left, above] = pair else { continue };
            let replaced = above_left + usize::from(letter != *candidate);
            last = replaced.min(above + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        for (one, other, far) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("abc", "abd", 1), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["endpoints", "tls-ca", "tls-cert", "token-file"];
        assert_eq!(similar("endpoint", known), Some("endpoints"));
        assert_eq!(similar("tls_ca", known), Some("tls-ca"));
        assert_eq!(similar("Token-File", known), Some("token-file"));
        assert_eq!(similar("password", known), None);
        assert_eq!(did_you_mean("endpoint", known), "; did you mean endpoints?");
        assert_eq!(did_you_mean("x", known), "");
    }
}
