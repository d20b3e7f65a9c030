//! JSON as the sidecar uses it, read without trust.
//!
//! What is not used is not read: arrays, fractions and negative numbers are refused, and so is a name that
//! stands twice in one object, of which a lenient reader would take the last. Objects are taken apart field by
//! field, so that a complaint can name its place (`keys.7.local_epoch`) and nothing is left over unnoticed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::error::Problem;

/// More than a sidecar may hold keys, and few enough to be no burden.
const MOST_FIELDS: usize = 8192;

pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    Object(BTreeMap<String, Json>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a text, a whole number, a boolean or null")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
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
                    return Err(de::Error::custom(format_args!("field {:?} stands twice", there.key())));
                }
            }
        }
        Ok(Json::Object(fields))
    }
}

/// An object that is being taken apart.
pub(crate) struct Fields {
    path: String,
    fields: BTreeMap<String, Json>,
}

impl Fields {
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let root = serde_json::from_slice(bytes).map_err(|error| Problem::Syntax(error.to_string()))?;
        Self::of(String::new(), root)
    }

    fn of(path: String, json: Json) -> Result<Self, Problem> {
        match json {
            Json::Object(fields) => Ok(Self { path, fields }),
            _ => Err(Problem::invalid(path, "is not an object")),
        }
    }

    /// The place of a field in the file, for a complaint about it.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn invalid(&self, name: &str, reason: impl fmt::Display) -> Problem {
        Problem::invalid(self.at(name), reason)
    }

    fn take(&mut self, name: &str) -> Result<Json, Problem> {
        self.fields.remove(name).ok_or_else(|| Problem::Missing { field: self.at(name) })
    }

    pub fn number(&mut self, name: &str) -> Result<u64, Problem> {
        match self.take(name)? {
            Json::Number(number) => Ok(number),
            _ => Err(self.invalid(name, "is not a number")),
        }
    }

    /// A number, or `null` for none.
    pub fn number_or_null(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        match self.take(name)? {
            Json::Null => Ok(None),
            Json::Number(number) => Ok(Some(number)),
            _ => Err(self.invalid(name, "is neither a number nor null")),
        }
    }

    pub fn bool(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name)? {
            Json::Bool(value) => Ok(value),
            _ => Err(self.invalid(name, "is neither true nor false")),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<String, Problem> {
        match self.take(name)? {
            Json::Text(text) => Ok(text),
            _ => Err(self.invalid(name, "is not a text")),
        }
    }

    pub fn text_or_null(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.take(name)? {
            Json::Null => Ok(None),
            Json::Text(text) => Ok(Some(text)),
            _ => Err(self.invalid(name, "is neither a text nor null")),
        }
    }

    /// A text that stands for something else, in the one spelling that is written.
    pub fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Problem> {
        let text = self.text(name)?;
        parse(&text).ok_or_else(|| self.invalid(name, "is not spelt as it is written"))
    }

    pub fn object(&mut self, name: &str) -> Result<Fields, Problem> {
        let json = self.take(name)?;
        Self::of(self.at(name), json)
    }

    pub fn names(&self) -> Vec<String> {
        self.fields.keys().cloned().collect()
    }

    /// What was not taken is not known.
    pub fn finish(self) -> Result<(), Problem> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::Unknown { field: self.at(name) }),
        }
    }
}
