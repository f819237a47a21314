//! Rewrites a GGUF file with Q4_0 in place of Q4_1: `requantize SOURCE TARGET`.
#![allow(clippy::print_stdout, reason = "the result is told to the person")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, source, target] = arguments.as_slice() else {
        return Err("give the path of a GGUF file and the path to write".into());
    };
    let done = atelier_inference::requantize(Path::new(source), Path::new(target))?;
    println!("{} of {} tensors converted, {} bytes", done.converted, done.tensors, done.bytes);
    Ok(())
}
