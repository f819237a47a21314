//! Model files that are none, or were changed on the way: refused in words, whatever is in them.

use std::path::Path;

use atelier_inference::{ChatModel, LoadOptions, TokenCounter};

/// The smallest file that has something of everything: settings of several kinds, a list, two tensors.
fn tiny() -> Vec<u8> {
    let mut out = b"GGUF".to_vec();
    let number = |out: &mut Vec<u8>, n: u64| out.extend(n.to_le_bytes());
    out.extend(3u32.to_le_bytes());
    number(&mut out, 2);
    number(&mut out, 9);
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    };
    for (key, value) in [("general.architecture", "llama"), ("tokenizer.ggml.model", "gpt2")] {
        text(&mut out, key);
        out.extend(8u32.to_le_bytes());
        text(&mut out, value);
    }
    for (key, value) in [
        ("general.alignment", 32u32),
        ("llama.context_length", 64),
        ("llama.block_count", 1),
        ("llama.embedding_length", 32),
        ("llama.attention.head_count", 1),
    ] {
        text(&mut out, key);
        out.extend(4u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    for (key, words) in [("tokenizer.ggml.tokens", ["a", "b"]), ("tokenizer.ggml.merges", ["a b", "b a"])] {
        text(&mut out, key);
        out.extend(9u32.to_le_bytes());
        out.extend(8u32.to_le_bytes());
        number(&mut out, 2);
        words.iter().for_each(|word| text(&mut out, word));
    }
    for (name, offset) in [("token_embd.weight", 0), ("output_norm.weight", 256)] {
        text(&mut out, name);
        out.extend(2u32.to_le_bytes());
        number(&mut out, 32);
        number(&mut out, 2);
        out.extend(0u32.to_le_bytes());
        number(&mut out, offset);
    }
    out.resize(out.len().next_multiple_of(32) + 512, 0);
    out
}

fn read(path: &Path) {
    // Whether it is read or refused is the file's affair; that there is an answer is ours.
    let counted = TokenCounter::open(path).map(|counter| counter.count("a b a"));
    let loaded = ChatModel::load(path, &LoadOptions { threads: 1 }).map(|_| ());
    for told in
        [counted.err().map(|e| e.to_string()), loaded.err().map(|e| e.to_string())].into_iter().flatten()
    {
        assert!(!told.is_empty());
    }
}

#[test]
fn any_model_file_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let whole = tiny();
    for bytes in [whole.clone()].into_iter().chain(atelier_testkit::mutations(vec![whole], 1_500)) {
        std::fs::write(&path, bytes).unwrap();
        read(&path);
    }
}

#[test]
fn tensors_that_lie_at_no_distance_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let mut bytes = tiny();
    let key = b"general.alignment";
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap() + key.len() + 4;
    bytes[at..at + 4].fill(0);
    std::fs::write(&path, bytes).unwrap();
    assert!(TokenCounter::open(&path).is_err());
}
