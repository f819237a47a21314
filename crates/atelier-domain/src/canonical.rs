//! Canonical JSON: keys sorted by their bytes, no spaces, no floats. Two equal values have equal bytes.

use serde::Serialize;
use serde_json::{Number, Value};

use crate::text::Hash;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The value cannot be written as JSON at all.
    #[error("the value cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Floating-point numbers differ between machines, so neither events nor state hold one.
    #[error("the number {0} is not whole: keep it as a whole number of thousandths or millionths")]
    Float(String),
}

/// The canonical JSON text of a value.
pub fn to_string(value: &impl Serialize) -> Result<String, Error> {
    written(&serde_json::to_value(value)?, &|n| Err(Error::Float(n.to_string())))
}

/// The canonical JSON text of a foreign value, with every number that is not whole replaced by its text.
pub fn kept(value: &Value) -> Result<String, Error> {
    written(value, &|n| Ok(n.to_string()))
}

/// The hash of the canonical JSON of a value.
pub fn hash(value: &impl Serialize) -> Result<Hash, Error> {
    Ok(Hash::of(to_string(value)?.as_bytes()))
}

/// Replaces every number that is not whole by its text, so that the rest of a foreign value can be kept.
pub fn without_floats(value: Value) -> Value {
    match value {
        Value::Number(n) if !n.is_i64() && !n.is_u64() => Value::String(n.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(without_floats).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, without_floats(v))).collect()),
        other => other,
    }
}

/// What becomes of a number that is not whole: the text that stands for it, or an error.
type Float<'a> = &'a dyn Fn(&Number) -> Result<String, Error>;

fn written(value: &Value, float: Float<'_>) -> Result<String, Error> {
    let mut out = Vec::with_capacity(128);
    write(value, float, &mut out)?;
    // Serde writes whole strings, and the rest is written here.
    String::from_utf8(out).map_err(|error| Error::Json(serde::ser::Error::custom(error)))
}

fn write(value: &Value, float: Float<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            if !entries.is_sorted_by_key(|(key, _)| *key) {
                entries.sort_unstable_by_key(|(key, _)| *key);
            }
            out.push(b'{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key)?;
                out.push(b':');
                write(value, float, out)?;
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, float, out)?;
            }
            out.push(b']');
        }
        Value::Number(n) if !n.is_i64() && !n.is_u64() => serde_json::to_writer(&mut *out, &float(n)?)?,
        scalar => serde_json::to_writer(&mut *out, scalar)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_and_floats_are_refused() {
        let value = json!({"b": 1, "a": {"z": [1, {"d": null, "c": "ü\n"}], "y": true}});
        assert_eq!(to_string(&value).unwrap(), r#"{"a":{"y":true,"z":[1,{"c":"ü\n","d":null}]},"b":1}"#);
        assert!(matches!(to_string(&json!([0.5])), Err(Error::Float(_))));
        assert_eq!(without_floats(json!([0.5, 1])), json!(["0.5", 1]));
        assert_eq!(kept(&json!({"b": [0.5, 1], "a": 2})).unwrap(), r#"{"a":2,"b":["0.5",1]}"#);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::hash_map(".{0,6}", inner, 0..6)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_equal_and_is_its_own_canonical_form(value in any_json()) {
            let text = to_string(&value).unwrap();
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&back, &value);
            prop_assert_eq!(to_string(&back).unwrap(), text);
        }
    }
}
