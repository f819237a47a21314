//! From what a model wrote to a value: tolerant in the wrapping, strict in the content.

use atelier_domain::canonical;
use serde_json::Value;

/// Reads the JSON in an answer, which may stand in a code fence or between sentences.
///
/// A schema of type `string` takes the answer as it is. Numbers that are not whole become texts, and the schema then
/// refuses them where it wanted a number.
pub(crate) fn read(text: &str, schema: &Value) -> Result<Value, String> {
    let text = text.trim();
    if schema.get("type").and_then(Value::as_str) == Some("string") {
        return if text.is_empty() {
            Err("the answer is empty".into())
        } else {
            Ok(Value::String(text.to_owned()))
        };
    }
    let whole = serde_json::from_str::<Value>(text);
    let value = match whole {
        Ok(value) => value,
        Err(error) => inner(text).ok_or_else(|| format!("the answer is not JSON: {error}"))?,
    };
    Ok(canonical::without_floats(value))
}

fn inner(text: &str) -> Option<Value> {
    let (open, close) = match (text.find('{'), text.find('[')) {
        (Some(brace), Some(bracket)) if bracket < brace => (bracket, text.rfind(']')?),
        (Some(brace), _) => (brace, text.rfind('}')?),
        (None, Some(bracket)) => (bracket, text.rfind(']')?),
        (None, None) => return None,
    };
    serde_json::from_str(text.get(open..=close)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_found_in_fences_and_sentences_and_prose_is_refused() {
        let schema = json!({"type": "object"});
        for text in ["{\"a\":1}", "```json\n{\"a\":1}\n```", "Here you are: {\"a\":1} Enjoy!"] {
            assert_eq!(read(text, &schema).unwrap(), json!({"a": 1}), "{text}");
        }
        for text in ["", "no", "{\"a\":", "the model is overloaded }{"] {
            assert!(read(text, &schema).is_err(), "{text}");
        }
        assert_eq!(read("Once.", &json!({"type": "string"})).unwrap(), json!("Once."));
    }
}
