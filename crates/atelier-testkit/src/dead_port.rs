//! An address at which nobody answers, for as long as it is kept: bound, so that nobody else can take it, and never
//! listening, so that every connection is refused.

use tokio::net::TcpSocket;

#[derive(Debug)]
pub struct DeadPort {
    socket: TcpSocket,
}

impl DeadPort {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        Self { socket }
    }

    pub fn base_url(&self) -> String {
        format!("{}/v1", self.root_url())
    }

    pub fn root_url(&self) -> String {
        format!("http://{}", self.socket.local_addr().expect("a bound socket"))
    }
}

impl Default for DeadPort {
    fn default() -> Self {
        Self::new()
    }
}
