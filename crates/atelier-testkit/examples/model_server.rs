//! The scripted model server by hand: `model_server [--port N] [--first-ms N] [--inter-ms N]`. It prints its base URL
//! and serves until it is killed.

use atelier_testkit::{ModelServer, Reply, Script};

fn main() {
    let port = number("--port").and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
    let reply =
        Reply::auto().first_ms(number("--first-ms").unwrap_or(0)).inter_ms(number("--inter-ms").unwrap_or(0));
    let server = ModelServer::at(port, Script::new().otherwise(reply));
    say(&server.base_url());
    loop {
        std::thread::park();
    }
}

#[expect(clippy::print_stdout, reason = "a program to be used by hand")]
fn say(url: &str) {
    println!("{url}");
}

/// The number behind an option; an option without one ends the program with a message.
#[expect(clippy::expect_used, reason = "a program to be used by hand")]
fn number(option: &str) -> Option<u64> {
    let mut args = std::env::args().skip_while(|arg| arg != option);
    args.next()?;
    Some(args.next().and_then(|n| n.parse().ok()).expect("options are followed by a number"))
}
