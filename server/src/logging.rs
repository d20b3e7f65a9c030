//! Structured logs on standard error.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

pub fn start(config: &Config) {
    // The library's own chatter is for its developers; what matters of it is said again by ours.
    let filter = EnvFilter::try_new(format!(
        "openraft=error,h2=error,fjall=warn,lsm_tree=warn,rustls=warn,{},{}=info",
        config.log_level,
        crate::audit::TARGET
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => logs.with_target(false).with_ansi(false).init(),
        LogFormat::Json => logs.json().flatten_event(true).with_target(false).init(),
    }
}
