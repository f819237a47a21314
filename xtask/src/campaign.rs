//! `cargo xtask campaign`: the binary is killed again and again, and nothing may be lost or paid for twice.

use anyhow::{Result, bail};

use crate::args::Args;
use crate::{sh, workspace};

pub(crate) fn main(mut args: Args) -> Result<()> {
    let kills = args.option("--kills")?.unwrap_or_else(|| "1000".to_owned());
    args.done()?;
    if !kills.parse::<u32>().is_ok_and(|n| n > 0) {
        bail!("--kills needs a number from 1 on, not `{kills}`");
    }
    let root = workspace::root()?;
    let words = ["test", "--package", "atelier-cli", "--test", "campaign", "--"];
    let mut campaign = sh::cargo(&words);
    campaign.args(["--include-ignored", "--nocapture", "--test-threads=1"]);
    sh::run(campaign.env("ATELIER_KILLS", kills).current_dir(root))
}
