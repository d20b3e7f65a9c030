//! Takes out of a transcript what differs from run to run: amounts, moments, ids, and the blanks that align them.

use serde_json::Value;

/// A text for people. Blanks in a row become two, because what they align has other widths each time.
pub fn text(told: &str) -> String {
    let lines = told.lines().map(|line| {
        let words: Vec<String> = line.split(' ').map(word).collect();
        squeezed(&words.join(" ")).trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// A document: strings as texts, amounts as 0. How far each member has answered by the time depends on the time.
pub fn document(told: &Value) -> Value {
    match told {
        Value::Number(_) => 0.into(),
        Value::String(told) => squeezed(&told.split(' ').map(word).collect::<Vec<_>>().join(" ")).into(),
        Value::Array(items) => items.iter().map(document).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match name.as_str() {
                "exit_code" => (name.clone(), value.clone()),
                "reachable" | "age_ms" | "last_error" => (name.clone(), Value::Null),
                _ => (word(name), document(value)),
            })
            .collect(),
        Value::Null | Value::Bool(_) => told.clone(),
    }
}

fn squeezed(line: &str) -> String {
    let mut squeezed = String::new();
    let mut blanks = 0;
    for letter in line.chars() {
        blanks = if letter == ' ' { blanks + 1 } else { 0 };
        if blanks <= 2 {
            squeezed.push(letter);
        }
    }
    squeezed
}

/// A word with its marks around it.
fn word(word: &str) -> String {
    if is_moment(word.trim_matches(is_mark)) {
        return word.replace(word.trim_matches(is_mark), "<time>");
    }
    let mut plain = String::new();
    let mut run = String::new();
    for letter in word.chars().chain(['\0']) {
        if letter.is_ascii_alphanumeric() || "-._".contains(letter) {
            run.push(letter);
            continue;
        }
        plain.push_str(&replaced(&run));
        run.clear();
        plain.push(letter);
    }
    plain.pop();
    plain
}

fn is_mark(letter: char) -> bool {
    "\"'(),;.".contains(letter)
}

fn replaced(run: &str) -> String {
    let bare = run.trim_end_matches('.');
    let kind = match bare {
        _ if is_uuid(bare) => "<uuid>",
        _ if is_amount(bare) => "#",
        _ if is_size(bare) => "B",
        _ if is_hex(bare) => "<hex>",
        _ if is_date(bare) => "<date>",
        _ => return run.to_owned(),
    };
    kind.to_owned() + &run[bare.len()..]
}

fn is_uuid(run: &str) -> bool {
    run.len() == 36
        && run.chars().enumerate().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

/// A number, perhaps with a fraction and a unit of time.
fn is_amount(run: &str) -> bool {
    let bare = run.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let unit = &run[bare.len()..];
    let digits = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_digit());
    ["", "ms", "s", "m", "h", "d"].contains(&unit)
        && bare.split('.').count() <= 3
        && bare.split('.').all(digits)
}

fn is_size(run: &str) -> bool {
    ["B", "KiB", "MiB", "GiB", "TiB"].contains(&run)
}

fn is_hex(run: &str) -> bool {
    let digits = run.strip_prefix("0x").unwrap_or(run);
    let long = run.len() > digits.len() || digits.len() >= 12;
    long && digits.chars().all(|letter| letter.is_ascii_hexdigit())
        && digits.chars().any(|it| it.is_ascii_digit())
}

fn is_date(run: &str) -> bool {
    let shape: String =
        run.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape == "0000-00-00"
}

fn is_moment(word: &str) -> bool {
    let shape: String =
        word.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape.starts_with("0000-00-00T")
        || ["00:00", "00:00:00", "00:00:00Z", "00:00:00.000Z"].contains(&shape.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_taken_out_and_words_stay() {
        assert_eq!(text("n1      12 KiB   0.3s\n"), "n1  # B  #\n");
        assert_eq!(text("key 305419896 (0x12345678), EK-1203."), "key # (<hex>), EK-1203.\n");
        assert_eq!(text("at 2026-11-22T00:35:04.123Z, 09:14:03Z"), "at <time>, <time>\n");
        assert_eq!(text("id 01937a5e-0000-7000-8000-000000000001 n2*"), "id <uuid> n2*\n");
        let told = serde_json::json!({ "exit_code": 3, "rows": "12", "age_ms": 4, "name": "n1" });
        let plain = serde_json::json!({ "exit_code": 3, "rows": "#", "age_ms": null, "name": "n1" });
        assert_eq!(document(&told), plain);
    }
}
