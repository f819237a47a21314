//! The program `atelier`: words to requests, answers to text or JSON, exit codes.
//!
//! Owns: arguments, the terminal, who is asked (the folder itself or its owner). Does not own: any rule of the product.

mod answer;
mod app;
mod args;
mod bench;
mod browser;
mod codes;
mod command;
mod door;
mod environment;
mod input;
mod later;
mod live;
mod output;
mod report;
mod signals;
mod text;

fn main() -> std::process::ExitCode {
    app::main(std::env::args_os().collect())
}
