//! Texts, lists and sets that can not outgrow what a replica reads back.

use std::collections::BTreeSet;
use std::fmt;

use elastickv_types::KeyId;

/// A text of at most so many bytes; line breaks and other control characters are not in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text<const MOST: usize>(String);

impl<const MOST: usize> Text<MOST> {
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (text.len() <= MOST && !text.contains(char::is_control)).then_some(Self(text))
    }

    /// What fits of a text, for reasons that nobody can shorten any more.
    pub fn cut(text: &str) -> Self {
        let mut kept = String::new();
        for letter in text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
            if kept.len() + letter.len_utf8() > MOST {
                break;
            }
            kept.push(letter);
        }
        Self(kept)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> fmt::Display for Text<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const MOST: usize> fmt::Debug for Text<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// At most so many things.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> List<T, MOST> {
    pub const MOST: usize = MOST;

    pub fn new(items: Vec<T>) -> Option<Self> {
        (items.len() <= MOST).then_some(Self(items))
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one, or gives it back where there is no room.
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.0.len() == MOST {
            return Err(item);
        }
        self.0.push(item);
        Ok(())
    }
}

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Ids of keys: one at least, no order among them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeySet(BTreeSet<KeyId>);

impl KeySet {
    pub const MOST: usize = 1024;

    pub fn new(keys: BTreeSet<KeyId>) -> Option<Self> {
        (1..=Self::MOST).contains(&keys.len()).then_some(Self(keys))
    }

    pub fn iter(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.0.iter().copied()
    }

    pub fn contains(&self, key: KeyId) -> bool {
        self.0.contains(&key)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_in_bytes_and_keep_to_one_line() {
        assert!(Text::<4>::new("abcd").is_some());
        assert!(Text::<4>::new("abcde").is_none());
        assert!(Text::<4>::new("a\nb").is_none());
        assert_eq!(Text::<4>::cut("ab\ncd").as_str(), "ab c");
        assert_eq!(Text::<4>::cut("abcü").as_str(), "abc");
    }

    #[test]
    fn a_set_of_no_keys_is_none() {
        assert!(KeySet::new(BTreeSet::new()).is_none());
        let key = |raw: usize| KeyId::from_u32(raw as u32).unwrap();
        assert!(KeySet::new((1..=KeySet::MOST).map(key).collect()).is_some());
        assert!(KeySet::new((1..=KeySet::MOST + 1).map(key).collect()).is_none());
    }
}
