//! A file of more than 800 lines holds more than one idea, unless it is a table and says so on its first line.

use super::finding::Finding;
use super::tree::Tree;

const LONGEST: usize = 800;
const SOURCE: [&str; 9] = [".rs", ".ts", ".tsx", ".py", ".sh", ".sql", ".yaml", ".toml", ".md"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree.texts().filter(|(path, _)| SOURCE.iter().any(|end| path.ends_with(end)));
    let long = sources.filter(|(_, text)| text.lines().count() > LONGEST && !is_table(text));
    let mend = "split it by idea, or write `// table` on line 1 if it is one";
    long.map(|(path, text)| Finding::new(path, LONGEST, format!("{} lines", text.lines().count()), mend))
        .collect()
}

fn is_table(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim_start_matches(['/', '#', '!', ' ']).starts_with("table"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    #[test]
    fn only_tables_may_be_long() {
        let long = "x\n".repeat(801);
        assert_eq!(check(&Tree::default().with("a.rs", &long)).len(), 1);
        assert!(check(&Tree::default().with("a.rs", &format!("// table\n{long}"))).is_empty());
        assert!(check(&Tree::default().with("a.json", &long)).is_empty());
        assert!(check(&Tree::default().with("a.rs", &"x\n".repeat(800))).is_empty());
    }
}
