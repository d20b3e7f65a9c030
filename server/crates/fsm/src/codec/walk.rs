//! Walking over the fields of a message without building anything.
//!
//! A protobuf decoder makes a whole struct of an empty message of two bytes, so a list can take fifty times its
//! input before anybody looks at it. Here lists are looked at first: [`check`] counts their elements and
//! refuses those that are shorter than any can be, so that what is built afterwards stays within a small factor
//! of what came. A [`Walk`] in order of the fields reads a message itself, in the one spelling it has.

use bytes::{Buf, Bytes};
use prost::encoding::{WireType, decode_key, decode_varint, encoded_len_varint};

/// What is wrong with bytes that were to be a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    Malformed(String),
    /// A field that this build does not know, or a known one in another spelling or place than it has.
    Unknown,
    Invalid(&'static str),
}

impl From<&'static str> for Wrong {
    fn from(reason: &'static str) -> Self {
        Wrong::Invalid(reason)
    }
}

/// A part of a message, to be found by the number of its field, and how often and how large it may be.
#[derive(Debug)]
pub struct Part {
    pub field: u8,
    pub most: usize,
    /// Of what is refused when there are more.
    pub too_many: &'static str,
    /// What the shortest one takes, and the longest.
    pub bytes: std::ops::RangeInclusive<usize>,
    pub within: &'static [Part],
}

impl Part {
    /// A part that is there once, in which others are.
    pub const fn once(field: u8, within: &'static [Part]) -> Self {
        Self { field, most: 1, too_many: "a field is there twice", bytes: 0..=usize::MAX, within }
    }
}

/// Refuses a message whose parts are more, shorter or longer than they may be. Allocates nothing.
pub fn check(message: &[u8], parts: &[Part]) -> Result<(), Wrong> {
    for part in parts {
        let mut walk = Walk::new(message);
        let mut found = 0;
        while let Some((field, bytes)) = walk.any()? {
            if field != u32::from(part.field) {
                continue;
            }
            let bytes = bytes.ok_or(Wrong::Unknown)?;
            found += 1;
            if found > part.most {
                return Err(Wrong::Invalid(part.too_many));
            }
            if !part.bytes.contains(&bytes.len()) {
                return Err(Wrong::Invalid("a part is shorter or longer than it can be"));
            }
            check(bytes, part.within)?;
        }
    }
    Ok(())
}

/// A field's number, and its bytes if it is a part.
type Field<'a> = (u32, Option<&'a [u8]>);

/// What is left of a message.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a>(&'a [u8]);

impl<'a> Walk<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// Bytes that are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// The next field, whichever it is.
    pub fn any(&mut self) -> Result<Option<Field<'a>>, Wrong> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (field, kind) = decode_key(&mut self.0).map_err(|error| Wrong::Malformed(error.to_string()))?;
        let part = match kind {
            WireType::Varint => self.number().map(|_| None)?,
            WireType::SixtyFourBit => self.bytes(8).map(|_| None)?,
            WireType::ThirtyTwoBit => self.bytes(4).map(|_| None)?,
            WireType::LengthDelimited => Some(self.sized()?),
            // Nothing of ours is spelt like this.
            WireType::StartGroup | WireType::EndGroup => return Err(Wrong::Unknown),
        };
        Ok(Some((field, part)))
    }

    /// The bytes of this field, if it is the next one.
    pub fn part(&mut self, field: u8) -> Result<Option<&'a [u8]>, Wrong> {
        if self.is_next(field, WireType::LengthDelimited) { self.sized().map(Some) } else { Ok(None) }
    }

    /// The value of this field, if it is the next one; zero is spelt by leaving it out.
    pub fn fixed64(&mut self, field: u8) -> Result<u64, Wrong> {
        if !self.is_next(field, WireType::SixtyFourBit) {
            return Ok(0);
        }
        match self.bytes(8)?.get_u64_le() {
            0 => Err(Wrong::Unknown),
            value => Ok(value),
        }
    }

    /// Whether this field is the next one, and so true; false is spelt by leaving it out.
    pub fn flag(&mut self, field: u8) -> Result<bool, Wrong> {
        if !self.is_next(field, WireType::Varint) {
            return Ok(false);
        }
        if self.number()? == 1 { Ok(true) } else { Err(Wrong::Unknown) }
    }

    /// The bytes of this field if it is the next one; nothing is spelt by leaving it out.
    pub fn optional_part(&mut self, field: u8) -> Result<&'a [u8], Wrong> {
        match self.part(field)? {
            Some([]) => Err(Wrong::Unknown),
            part => Ok(part.unwrap_or_default()),
        }
    }

    /// All that is left.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Goes past as many of this field as come next, and returns them as they stand there.
    pub fn run(&mut self, field: u8) -> Result<&'a [u8], Wrong> {
        let before = self.0;
        while self.part(field)?.is_some() {}
        Ok(before.split_at_checked(before.len() - self.0.len()).map_or(&[], |(run, _)| run))
    }

    /// The parts of a list of this field, up to where it is none any more.
    pub fn parts(mut self, field: u8) -> impl Iterator<Item = &'a [u8]> {
        std::iter::from_fn(move || self.part(field).ok().flatten())
    }

    /// There has to be nothing left.
    pub fn end(self) -> Result<(), Wrong> {
        if self.0.is_empty() { Ok(()) } else { Err(Wrong::Unknown) }
    }

    /// Fields below 16 have a key of one byte.
    fn is_next(&mut self, field: u8, kind: WireType) -> bool {
        match self.0.split_first() {
            Some((key, rest)) if *key == field << 3 | kind as u8 => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn sized(&mut self) -> Result<&'a [u8], Wrong> {
        let len = self.number()?;
        self.bytes(usize::try_from(len).unwrap_or(usize::MAX))
    }

    fn bytes(&mut self, len: usize) -> Result<&'a [u8], Wrong> {
        let (bytes, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| Wrong::Malformed("it ends within a field".to_owned()))?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A number in as few bytes as it takes.
    fn number(&mut self) -> Result<u64, Wrong> {
        let before = self.0.len();
        let number = decode_varint(&mut self.0).map_err(|error| Wrong::Malformed(error.to_string()))?;
        if before - self.0.len() == encoded_len_varint(number) { Ok(number) } else { Err(Wrong::Unknown) }
    }
}

/// Splits a message before its last field, which is a list: what is before is read as a whole, and the list one
/// element at a time.
pub fn split_list(raw: &Bytes, list: u8) -> Result<(Bytes, Bytes), Wrong> {
    let mut walk = Walk::new(raw);
    loop {
        let before = raw.len() - walk.left();
        match walk.any()? {
            Some((field, _)) if field != u32::from(list) => {}
            _ => return Ok((raw.slice(..before), raw.slice(before..))),
        }
    }
}

/// Reads a list of messages one at a time, into exactly as much memory as it takes in the end. What is built in
/// between is of one element; how many there may be, and how short, is checked before.
pub fn read_list<M: prost::Message + Default, T>(
    list: &Bytes,
    part: &'static Part,
    read_one: impl Fn(M) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    check(list, std::slice::from_ref(part))?;
    let mut walk = Walk::new(list);
    walk.run(part.field)?;
    walk.end()?;
    let elements = || Walk::new(list).parts(part.field);
    let mut built = Vec::with_capacity(elements().count());
    for element in elements() {
        built.push(read_one(read(list.slice_ref(element), &[])?)?);
    }
    Ok(built)
}

/// Reads a message of which no byte is left over, once its lists are known to be bounded.
pub fn read<M: prost::Message + Default>(raw: Bytes, lists: &[Part]) -> Result<M, Wrong> {
    check(&raw, lists)?;
    let read = M::decode(raw.clone()).map_err(|error| Wrong::Malformed(error.to_string()))?;
    if read.encode_to_vec() == raw { Ok(read) } else { Err(Wrong::Unknown) }
}
