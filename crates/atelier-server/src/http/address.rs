//! Addresses to listen at.

use std::net::SocketAddr;

use atelier_runtime::Failure;

use crate::codes;

/// An address on this machine, as `127.0.0.1:4400` or `localhost:4400`.
pub fn loopback(text: &str) -> Result<SocketAddr, Failure> {
    let spelled = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    let hint = "give an address of this machine, such as 127.0.0.1:4400";
    let address: SocketAddr = spelled.parse().map_err(|_| {
        Failure::usage(codes::BAD_ADDRESS, format!("`{text}` is no address with a port"), hint)
    })?;
    if !address.ip().is_loopback() {
        let message =
            format!("`{text}` can be reached from other machines, and there is no key to the door yet");
        return Err(Failure::usage(codes::NOT_LOOPBACK, message, hint));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_others_can_reach_are_refused() {
        assert_eq!(loopback("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(loopback("[::1]:80").unwrap().to_string(), "[::1]:80");
        for bad in ["0.0.0.0:80", "192.168.0.2:80", "4400", "localhost", "example.org:80"] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}
