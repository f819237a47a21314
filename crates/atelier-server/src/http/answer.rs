//! Answers: a value, or a page of a list.

use axum::http::StatusCode;
use axum::response::Json;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::problem::Problem;

use crate::codes;

/// Most things on a page, and how many where nothing is said.
const MOST: usize = 1_000;

/// What a handler gives: the application's answer as it is.
pub(super) type Answer = Result<Json<Value>, Problem>;

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<usize>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

impl Paging {
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(MOST),
            Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
            Some(limit) => {
                let message = format!("a page of {limit} is not possible");
                Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    codes::BAD_LIMIT,
                    message,
                    "ask for 1 to 1000",
                ))
            }
        }
    }

    /// A page of a whole list; the cursor is the key of the last thing on the page before.
    pub(super) fn page(&self, all: Value, key: &str) -> Answer {
        let Value::Array(all) = all else { return Ok(Json(json!({"items": all, "next": null}))) };
        let word = |item: &Value| match &item[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let begin = match &self.cursor {
            None => 0,
            Some(cursor) => 1 + all.iter().position(|item| word(item) == *cursor).ok_or_else(bad_cursor)?,
        };
        let limit = self.limit()?;
        let next = all.get(begin + limit).and_then(|_| all.get(begin + limit - 1)).map(word);
        let items: Vec<Value> = all.into_iter().skip(begin).take(limit).collect();
        Ok(Json(json!({"items": items, "next": next})))
    }
}

pub(super) fn bad_cursor() -> Problem {
    let hint = "begin again without a cursor";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, codes::BAD_CURSOR, "the cursor leads nowhere", hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let all: Vec<Value> = (0..7).map(|n| json!({"id": format!("x{n}")})).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let paging = Paging { limit: Some(3), cursor };
            let Json(page) = paging.page(json!(all), "id").unwrap();
            seen.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(seen, all);
        let lost = Paging { limit: None, cursor: Some("gone".into()) };
        assert!(lost.page(json!(all), "id").is_err());
        assert!(Paging { limit: Some(0), cursor: None }.page(json!(all), "id").is_err());
    }
}
