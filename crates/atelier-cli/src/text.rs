//! Answers for people: tables, lists of words, short forms.

use serde_json::Value;

/// A text field of an answer; empty where there is none.
pub(crate) fn field<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The items of an answer; none where it is no list.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A value in a cell or a line.
pub(crate) fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A table of some keys of a list of objects, with headings; a sentence where the list is empty.
pub(crate) fn table(list: &Value, keys: &[&str], empty: &str) -> String {
    let rows: Vec<Vec<String>> = items(list)
        .iter()
        .map(|item| keys.iter().map(|key| one_line(&word(&item[*key]))).collect())
        .collect();
    if rows.is_empty() {
        return empty.to_owned();
    }
    let heading = keys.iter().map(|key| key.replace('_', " ").to_uppercase()).collect();
    columns(std::iter::once(heading).chain(rows).collect())
}

/// Rows with their cells below each other; the last column is as long as it is.
pub(crate) fn columns(rows: Vec<Vec<String>>) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| console::measure_text_width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| {
            let missing = width.saturating_sub(console::measure_text_width(cell));
            format!("{cell}{}", " ".repeat(missing))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first line of a text, shortened.
pub(crate) fn one_line(text: &str) -> String {
    short(text.lines().next().unwrap_or_default(), 100)
}

/// At most `most` characters, with an ellipsis where something is missing. Control characters, which could steer the
/// terminal, become spaces.
pub(crate) fn short(text: &str, most: usize) -> String {
    let mut shown: String = clean(text).chars().take(most).collect();
    if text.chars().count() > most {
        shown.push('…');
    }
    shown
}

/// A text that cannot steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_has_headings_and_an_empty_one_says_so() {
        let list = json!([{"id": "a", "last_seq": 12}, {"id": "bcd", "last_seq": 3}]);
        assert_eq!(table(&list, &["id", "last_seq"], "nothing"), "ID   LAST SEQ\na    12\nbcd  3");
        assert_eq!(table(&json!([]), &["id"], "nothing"), "nothing");
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(short("a\u{1b}[2Jb\u{7}", 10), "a [2Jb ");
        assert_eq!(short("abcdef", 3), "abc…");
    }
}
