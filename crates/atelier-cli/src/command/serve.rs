//! `atelier serve`: owns the data folder until it is stopped.

use atelier_runtime::{Exit, Failure, Recovery};
use atelier_server::{HttpServer, loopback};
use clap::Args;
use serde_json::json;

use super::Context;
use crate::browser;
use crate::door::Local;
use crate::output;
use crate::signals::Signals;

/// Where the studio is shown.
const DEFAULT: &str = "127.0.0.1:4400";

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Also answer over HTTP, at an address of this machine such as 127.0.0.1:4400
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Show the studio in the browser; listens at 127.0.0.1:4400 where nothing else is said
    #[arg(long)]
    open: bool,
    /// Do not carry on the runs that were running
    #[arg(long)]
    safe: bool,
}

impl ServeArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let listen = self.listen.as_deref().or(self.open.then_some(DEFAULT));
        let address = listen.map(loopback).transpose()?;
        let mut signals = Signals::new()?;
        let recovery = if self.safe { Recovery::Nothing } else { Recovery::Everything };
        let local = Local::own_soon(context, recovery).await?;
        let served = async {
            local.serve(context)?;
            let http = match address {
                Some(address) => Some(HttpServer::bind(address).await?),
                None => None,
            };
            let listens = http.as_ref().map(|http| format!("http://{}", http.address()));
            if let Some(http) = http {
                local.spawn("http", http.serve(local.studio.clone(), local.shutdown().clone()));
            }
            self.announce(context, listens.as_deref())?;
            if let (true, Some(listens)) = (self.open, &listens) {
                browser::show(listens, &context.environment);
            }
            signals.next().await;
            Ok(Exit::Ok)
        };
        let ended = served.await;
        if ended.is_ok() {
            output::talk("stopping: runs go on where they are when the studio is served again");
        }
        local.close().await;
        ended
    }

    fn announce(&self, context: &Context, listens: Option<&str>) -> Result<(), Failure> {
        if context.output.json {
            let value = json!({"pid": std::process::id(), "data": context.data, "listen": listens});
            output::data(&format!("{value}\n"))?;
        }
        output::talk(&format!("serving {}; Ctrl-C stops", context.data.display()));
        if let Some(listens) = listens {
            output::talk(&format!("listening on {listens}"));
        }
        Ok(())
    }
}
