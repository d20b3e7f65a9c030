//! JSON as the sidecar uses it, read without trust.
//!
//! What is not used is not read: arrays, fractions and negative numbers are refused, and so is a name that
//! stands twice in one object, of which a lenient reader would take the last. Objects are taken apart field by
//! field, so that a complaint can name its place (`keys.7.local_epoch`) and nothing is left over unnoticed.
//!
//! Only the object that is being taken apart is in memory as one, and what it holds are parts of the text: an
//! object of one field takes five bytes there, and a map of its own would be a hundred times that.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::Problem;

/// More than a sidecar may hold keys, and few enough to be no burden.
const MOST_FIELDS: usize = 8192;
/// No name that is written is longer; of one that is, a complaint shows so much.
const LONGEST_SHOWN: usize = 64;

/// The fields of an object, none of them read.
struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.len() == MOST_FIELDS {
                return Err(de::Error::custom(format_args!("more than {MOST_FIELDS} fields in an object")));
            }
            match fields.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(map.next_value()?);
                }
                Entry::Occupied(there) => {
                    let name = shown(there.key());
                    return Err(de::Error::custom(format_args!("field {name:?} stands twice")));
                }
            }
        }
        Ok(Object(fields))
    }
}

/// What a complaint shows of a name that may be anything.
fn shown(name: &str) -> &str {
    name.get(..name.floor_char_boundary(LONGEST_SHOWN)).unwrap_or(name)
}

/// An object that is being taken apart.
pub(crate) struct Fields<'a> {
    path: String,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Fields<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Problem> {
        let read = |error: serde_json::Error| Problem::Syntax(error.to_string());
        let root: &RawValue = serde_json::from_slice(bytes).map_err(read)?;
        Self::of(String::new(), root)
    }

    fn of(path: String, json: &'a RawValue) -> Result<Self, Problem> {
        if !json.get().starts_with('{') {
            return Err(Problem::invalid(path, "is not an object"));
        }
        match serde_json::from_str(json.get()) {
            Ok(Object(fields)) => Ok(Self { path, fields }),
            Err(error) if path.is_empty() => Err(Problem::Syntax(error.to_string())),
            Err(error) => Err(Problem::Syntax(format!("in {path}: {error}"))),
        }
    }

    /// The place of a field in the file, for a complaint about it.
    pub fn at(&self, name: &str) -> String {
        let name = shown(name);
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn invalid(&self, name: &str, reason: impl fmt::Display) -> Problem {
        Problem::invalid(self.at(name), reason)
    }

    fn take(&mut self, name: &str) -> Result<&'a RawValue, Problem> {
        self.fields.remove(name).ok_or_else(|| Problem::Missing { field: self.at(name) })
    }

    /// The next field, whatever it is called, left where it is.
    pub fn next_name(&self) -> Option<String> {
        self.fields.keys().next().cloned()
    }

    fn read<T: DeserializeOwned>(&mut self, name: &str, wanted: &str) -> Result<T, Problem> {
        let json = self.take(name)?;
        serde_json::from_str(json.get()).map_err(|_| self.invalid(name, wanted))
    }

    pub fn number(&mut self, name: &str) -> Result<u64, Problem> {
        self.read(name, "is not a number")
    }

    /// A number, or `null` for none.
    pub fn number_or_null(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        self.read(name, "is neither a number nor null")
    }

    pub fn bool(&mut self, name: &str) -> Result<bool, Problem> {
        self.read(name, "is neither true nor false")
    }

    pub fn text(&mut self, name: &str) -> Result<String, Problem> {
        self.read(name, "is not a text")
    }

    pub fn text_or_null(&mut self, name: &str) -> Result<Option<String>, Problem> {
        self.read(name, "is neither a text nor null")
    }

    /// A text that stands for something else, in the one spelling that is written.
    pub fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Problem> {
        let text = self.text(name)?;
        parse(&text).ok_or_else(|| self.invalid(name, "is not spelt as it is written"))
    }

    pub fn object(&mut self, name: &str) -> Result<Fields<'a>, Problem> {
        let json = self.take(name)?;
        Self::of(self.at(name), json)
    }

    /// What was not taken is not known.
    pub fn finish(self) -> Result<(), Problem> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::Unknown { field: self.at(name) }),
        }
    }
}
