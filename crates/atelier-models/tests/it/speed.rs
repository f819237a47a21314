//! What the gateway itself costs, for reading; nothing is asserted about time.

use crate::ask::{block_on, call, gateway, request, spec};
use atelier_testkit::{ModelServer, Script};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

#[test]
fn many_calls_use_few_connections() {
    let server = ModelServer::with(Script::new().otherwise("ok"));
    let (gateway, model, asked) = (gateway(), spec(&server.spec()), request("a"));
    block_on(async {
        let token = CancellationToken::new();
        for _ in 0..20 {
            call(&gateway, &model, &asked, &token).await.answer();
        }
        let began = Instant::now();
        for _ in 0..200 {
            call(&gateway, &model, &asked, &token).await.answer();
        }
        println!("one call takes {} µs, server included", began.elapsed().as_micros() / 200);
    });
    assert_eq!(server.count(), 220);
}
