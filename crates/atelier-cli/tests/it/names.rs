//! Whom a text speaks of, on the real binary.

use crate::support::{bible, content_server, project, studio, text, told_in_three_lines};
use atelier_testkit::Atelier;
use serde_json::Value;

fn written(atelier: &Atelier, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = atelier.data_dir().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn scan(atelier: &Atelier, file: &str, more: &[&str]) -> Value {
    let words = [&["names", "scan", "--project", "Salt", "--text", file][..], more].concat();
    atelier.json(words)
}

fn spans(found: &Value) -> Vec<(u64, u64, String, String)> {
    let items = found.as_array().unwrap().iter();
    items
        .map(|one| {
            assert!(text(one, "bucket").starts_with("bkt_"), "{one}");
            (
                one["start"].as_u64().unwrap(),
                one["end"].as_u64().unwrap(),
                text(one, "text"),
                text(one, "title"),
            )
        })
        .collect()
}

#[test]
fn c39_known_names_are_found_unknown_ones_offered_and_a_refusal_stays() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let asked = server.requests().len();
    let file = written(
        &atelier,
        "scene.txt",
        "Öde See. Mara Tull’s hand; Old Penn woke. Then Quorin came, and Quorin wept.",
    );

    let span = |start, end, text: &str| (start, end, text.to_owned(), text.to_owned());
    let expected = [span(9, 18, "Mara Tull"), span(27, 35, "Old Penn")];
    assert_eq!(spans(&scan(&atelier, &file, &[])), expected);
    let unknown = || atelier.json(["names", "unknown", "--project", "Salt", "--text", &file]);
    assert_eq!((unknown()[0]["text"].as_str(), unknown()[0]["n"].as_u64()), (Some("Quorin"), Some(2)));

    atelier.json(["names", "refuse", "Quorin", "--project", "Salt"]);
    atelier.json(["names", "refuse", "Old Penn", "--project", "Salt", "--bucket", "Old Penn"]);
    assert_eq!(unknown(), serde_json::json!([]));
    assert_eq!(spans(&scan(&atelier, &file, &[])), expected[..1]);
    atelier.json(["names", "allow", "Old Penn", "--project", "Salt", "--bucket", "Old Penn"]);
    assert_eq!(spans(&scan(&atelier, &file, &[])), expected);
    assert_eq!(server.requests().len(), asked, "a model was asked");
}

#[test]
fn a_text_that_cannot_be_read_is_refused_in_words() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let latin = written(&atelier, "latin.txt", b"caf\xe9");
    let folder = atelier.data_dir().to_str().unwrap().to_owned();
    for (file, code) in
        [(&latin, "not_utf8"), (&folder, "file_unreadable"), (&"nowhere".to_owned(), "file_unreadable")]
    {
        let output = atelier.run(["names", "scan", "--project", "Salt", "--text", file]).expect_code(2);
        told_in_three_lines(&output);
        let told = atelier.json_code(["names", "scan", "--project", "Salt", "--text", file], 2);
        assert_eq!(told["error"]["code"], *code, "{told}");
    }
    atelier.json_code(["names", "refuse", "Mara", "--project", "Salt", "--bucket", "nobody"], 3);
    atelier.json_code(["names", "refuse", " ", "--project", "Salt"], 2);
}

#[test]
fn a_long_text_is_scanned_through_the_owners_socket_too() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let file = written(&atelier, "long.txt", "Mara Tull walked on by the water.\n".repeat(15_000));
    let _owner = atelier.spawn(["serve"]);
    assert_eq!(spans(&scan(&atelier, &file, &[])).len(), 15_000);
}
