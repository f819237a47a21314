//! Words that depend on a text alone: what makes one answer differ from the next without a counter that would depend
//! on the order in which parallel requests arrive.

/// Two words drawn from the text. Ids in it are left out, so that a repeated run draws the same words.
pub(crate) fn pair(text: &str) -> (&'static str, &'static str) {
    let hash = blake3::hash(crate::normalise::blank_ids(text).as_bytes());
    let bytes = hash.as_bytes();
    (FIRST[usize::from(bytes[0]) % FIRST.len()], SECOND[usize::from(bytes[1]) % SECOND.len()])
}

const FIRST: [&str; 32] = [
    "Amber", "Ashen", "Bitter", "Blue", "Brazen", "Broken", "Cold", "Copper", "Crimson", "Distant", "Dusty",
    "Early", "Faded", "Gilded", "Grey", "Hidden", "Hollow", "Iron", "Ivory", "Late", "Long", "Lost",
    "Narrow", "Pale", "Quiet", "Salt", "Silver", "Still", "Tall", "Velvet", "Wild", "Winter",
];
const SECOND: [&str; 32] = [
    "Anchor", "Bell", "Bridge", "Candle", "Crane", "Crown", "Door", "Falcon", "Ferry", "Forge", "Garden",
    "Gate", "Harbor", "Heron", "Kettle", "Lantern", "Ledger", "Mill", "Mirror", "Needle", "Orchard", "Otter",
    "Quarry", "Raven", "River", "Rook", "Sparrow", "Spire", "Tide", "Tower", "Well", "Willow",
];
