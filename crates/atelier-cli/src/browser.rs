//! The person's browser, where there is one.

use std::process::{Command, Stdio};

use crate::environment::Environment;
use crate::output;

/// Shows an address in the browser. That there is none, or that it does not come up, is told and no more.
pub(crate) fn show(address: &str, environment: &Environment) {
    let set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let program = match std::env::consts::OS {
        "macos" => Some("open"),
        _ if set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME") => Some("xdg-open"),
        _ => None,
    };
    let Some(program) = program else {
        return output::talk(&format!("no screen was found here: open {address} in a browser"));
    };
    let mut begin = Command::new(program);
    begin.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = begin.spawn() {
        output::talk(&format!("{program} cannot be started ({error}): open {address} in a browser"));
    }
}
