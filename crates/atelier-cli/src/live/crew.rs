//! The agents' names and colours, from their crews.

use std::collections::BTreeMap;

use atelier_runtime::Request;
use console::Color;
use serde_json::Value;

use crate::door::Door;
use crate::text::field;

/// Who is at work: names and colours by id. Of whom nothing is known, the id is the name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crew {
    people: BTreeMap<String, Person>,
}

#[derive(Debug, Clone)]
struct Person {
    name: String,
    colour: String,
}

/// The agents a project knows. Where they cannot be read, the run itself says so better.
pub(crate) async fn of(door: &Door, project: &str) -> Crew {
    let mut crew = Crew::default();
    match door.ask(Request::CrewsList { project: Some(project.to_owned()) }).await {
        Ok(value) => crew.gather(&value),
        Err(failure) => tracing::info!(%failure, "the crew is shown without names"),
    }
    crew
}

impl Crew {
    pub(crate) fn name(&self, id: &str) -> String {
        self.people.get(id).map_or_else(|| id.to_owned(), |person| person.name.clone())
    }

    pub(crate) fn colour(&self, id: &str) -> Color {
        match self.people.get(id).map(|person| person.colour.as_str()).unwrap_or_default() {
            "red" | "crimson" | "rose" => Color::Red,
            "green" | "emerald" | "olive" => Color::Green,
            "yellow" | "amber" | "gold" | "orange" => Color::Yellow,
            "blue" | "indigo" | "sky" => Color::Blue,
            "magenta" | "purple" | "violet" | "pink" => Color::Magenta,
            "cyan" | "teal" | "turquoise" => Color::Cyan,
            hex => spelled(hex).unwrap_or_else(|| drawn(id)),
        }
    }

    fn gather(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let (id, name, colour) = (field(value, "id"), field(value, "name"), field(value, "colour"));
                if !id.is_empty() && !name.is_empty() {
                    let person = Person { name: name.to_owned(), colour: colour.to_lowercase() };
                    self.people.entry(id.to_owned()).or_insert(person);
                }
                fields.values().for_each(|inner| self.gather(inner));
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(item)),
            _ => {}
        }
    }
}

/// `#rrggbb` as the nearest of the 216 colours every terminal has.
fn spelled(hex: &str) -> Option<Color> {
    let number = u32::from_str_radix(hex.strip_prefix('#').filter(|hex| hex.len() == 6)?, 16).ok()?;
    let step = |shift: u32| ((number >> shift & 0xff) * 5 + 127) / 255;
    u8::try_from(16 + 36 * step(16) + 6 * step(8) + step(0)).ok().map(Color::Color256)
}

/// A colour of its own for whoever has none.
fn drawn(id: &str) -> Color {
    const WHEEL: [Color; 5] = [Color::Cyan, Color::Magenta, Color::Green, Color::Yellow, Color::Blue];
    WHEEL[id.bytes().map(usize::from).sum::<usize>() % WHEEL.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_and_colours_come_from_the_crew() {
        let mut crew = Crew::default();
        crew.gather(&json!({"agents": [{"id": "character", "name": "Character", "colour": "#ff0000"}]}));
        assert_eq!(crew.name("character"), "Character");
        assert_eq!(crew.colour("character"), Color::Color256(196));
        assert_eq!(crew.name("nobody"), "nobody");
    }
}
