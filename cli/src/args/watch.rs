//! What commands have in common that can be looked at again and again.

use std::time::Duration;

use clap::Args;

#[derive(Args, Debug, Clone, Default)]
pub struct WatchArgs {
    /// Look again and again until Ctrl-C, which ends it with 0: redrawn on a terminal, elsewhere a line each time
    #[arg(long)]
    pub watch: bool,
    /// Between two looks
    #[arg(long, value_name = "TIME", default_value = "2s", requires = "watch", value_parser = super::duration)]
    pub interval: Duration,
}
