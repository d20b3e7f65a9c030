//! Parts of a document, in lines that a shell can read.
//!
//! A path goes from the top of the document down, `/` before each step: `/data/leader`. `*` stands for every element of a
//! list, and braces at the end for several values in one line: `/data/members/*/{name,part}`, parted by blanks. What is
//! not there prints nothing, null prints `-`, and a text that a line can not hold is printed as JSON. So is, between braces, one
//! that would shift the columns or be taken for null: it is empty, is `-`, or has a blank, which is written `\\u0020`. Whoever
//! reads words of a line reads the same number of them in every line.

use std::str::FromStr;

use serde_json::Value;

/// Which parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    steps: Vec<String>,
    /// Paths below the last step; none for the value itself.
    fields: Vec<String>,
}

impl FromStr for Query {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.strip_prefix('/').ok_or("a path begins with /, such as /data/leader")?;
        let (path, fields) = match path.split_once('{') {
            None => (path, Vec::new()),
            Some((path, rest)) => {
                let inside =
                    rest.strip_suffix('}').ok_or("the braces are not closed, or not the last step")?;
                (path, inside.split(',').map(|field| field.trim().to_owned()).collect())
            }
        };
        let steps = path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        if fields.iter().any(String::is_empty) {
            return Err("a name between the braces is empty");
        }
        Ok(Self { steps, fields })
    }
}

impl Query {
    /// The parts of a document, a line each.
    pub fn lines(&self, document: &Value) -> String {
        let found = self.steps.iter().fold(vec![document], |found, step| {
            found.into_iter().flat_map(|value| below(value, step)).collect()
        });
        found.into_iter().map(|value| self.line(value) + "\n").collect()
    }

    fn line(&self, value: &Value) -> String {
        if self.fields.is_empty() {
            return word(value);
        }
        let words = self.fields.iter().map(|field| {
            let found = field.split('/').try_fold(value, |value, step| below(value, step).into_iter().next());
            found.map_or_else(|| "-".to_owned(), column)
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

fn below<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (value, step) {
        (Value::Array(items), "*") => items.iter().collect(),
        (Value::Object(fields), "*") => fields.values().collect(),
        (Value::Array(items), step) => {
            step.parse().ok().and_then(|at: usize| items.get(at)).into_iter().collect()
        }
        (Value::Object(fields), step) => fields.get(step).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if !text.chars().any(char::is_control) => text.clone(),
        other => other.to_string(),
    }
}

/// A value that is one word of a line.
fn column(value: &Value) -> String {
    let as_it_is = |text: &str| {
        !(text.is_empty() || text == "-" || text.starts_with('"') || text.contains(char::is_whitespace))
    };
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if as_it_is(text) && !text.contains(char::is_control) => text.clone(),
        // Blanks stand in texts alone.
        other => other.to_string().replace(' ', "\\u0020"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(path: &str) -> String {
        let document = json!({
            "data": {
                "leader": "n2",
                "first_index": null,
                "members": [
                    { "name": "n1", "kek": { "version": "ab" }, "ready": true },
                    { "name": "n2\nn3", "kek": null, "ready": false },
                ],
            },
        });
        path.parse::<Query>().expect("a path").lines(&document)
    }

    #[test]
    fn a_path_leads_to_values_in_lines() {
        assert_eq!(lines("/data/leader"), "n2\n");
        assert_eq!(lines("/data/first_index"), "-\n");
        assert_eq!(lines("/data/nothing/there"), "");
        assert_eq!(lines("/data/members/0/name"), "n1\n");
        assert_eq!(lines("/data/members/*/ready"), "true\nfalse\n");
    }

    #[test]
    fn braces_put_several_values_into_a_line() {
        assert_eq!(lines("/data/members/*/{name,kek/version,ready}"), "n1 ab true\n\"n2\\nn3\" - false\n");
    }

    #[test]
    fn every_line_has_as_many_words_as_there_are_names() {
        let document = json!([{ "a": "why not", "b": "", "c": "-", "d": ["x y", null], "e": "z" }]);
        let line = "/*/{a,b,c,d,e,f}".parse::<Query>().unwrap().lines(&document);
        assert_eq!(line, "\"why\\u0020not\" \"\" \"-\" [\"x\\u0020y\",null] z -\n");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words.len(), 6);
        assert_eq!(serde_json::from_str::<Value>(words[0]).unwrap(), "why not");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", "data", "/data/{a", "/data/{a}/b", "/data/{a,}"] {
            assert!(bad.parse::<Query>().is_err(), "{bad}");
        }
    }
}
