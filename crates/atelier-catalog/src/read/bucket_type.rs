//! Reads `types/<id>.yaml`.

use atelier_engine::definition::{BucketType, Field};

use super::parts;
use super::section::Section;
use crate::finding::Findings;
use crate::yaml::Node;

/// The words for the types of fields.
const FIELD_TYPES: &[&str] =
    &["string", "text", "integer", "number", "boolean", "date", "enum", "list", "reference", "json"];

pub(crate) fn read(findings: &Findings, id: &str, node: &Node) -> Option<BucketType> {
    let section = Section::open(findings, "", node)?;
    let name = section.need_text("name");
    let plural = section.need_text("plural");
    let context_window = section.need_text("context_window");
    let mut bucket_type = BucketType {
        id: id.to_owned(),
        name: name.unwrap_or_default(),
        plural: plural.unwrap_or_default(),
        icon: section.text("icon").unwrap_or_default(),
        colour: parts::colour(&section),
        fields: Default::default(),
        context_window: context_window.unwrap_or_default(),
    };
    for (key, line, field) in section.named_sections("fields") {
        if !parts::is_variable(&key) {
            let hint = "use lower-case letters, digits and underscores, a letter first";
            findings.add(line, "fields", format!("`{key}` is no good name"), hint);
        }
        bucket_type.fields.insert(key, read_field(field));
    }
    section.close();
    Some(bucket_type)
}

fn read_field(section: Section<'_>) -> Field {
    let r#type: String = section.word("type", FIELD_TYPES).unwrap_or_default();
    if !r#type.is_empty() && !FIELD_TYPES.contains(&r#type.as_str()) {
        let hint = crate::nearest::guess(&r#type, FIELD_TYPES.iter().copied());
        section.report("type", format!("`{type}` is not one of {}", FIELD_TYPES.join(", ")), hint);
    }
    let field = Field {
        r#type,
        description: section.text("description").unwrap_or_default(),
        values: section.texts("values").unwrap_or_default(),
        to: section.texts("to").unwrap_or_default(),
    };
    match field.r#type.as_str() {
        "" => section.report("type", "is missing", FIELD_TYPES.join(", ")),
        "enum" if field.values.is_empty() => section.report("values", "an enum needs values", ""),
        "enum" | "reference" | "list" => {}
        _ if !field.values.is_empty() => section.report("values", "only an enum has values", ""),
        _ if !field.to.is_empty() => section.report("to", "only a reference or a list points somewhere", ""),
        _ => {}
    }
    section.close();
    field
}
