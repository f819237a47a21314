//! Prints the document that describes the HTTP API. `cargo xtask codegen` keeps it in `docs/`.
#![expect(clippy::print_stdout, reason = "what it prints is its whole purpose")]

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&atelier_server::document())?);
    Ok(())
}
