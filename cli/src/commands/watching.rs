//! Looking again and again, until the operator has seen enough.
//!
//! What a look does not find out is shown like anything else, and the next look tries again: a member that goes away, or
//! all of them, ends nothing.

use crate::args::{Format, WatchArgs};
use crate::error::{CliError, Code, Exit};
use crate::model::{Done, Finished, Report};
use crate::run::attend;

use super::Desk;

pub async fn watch<R: Report>(
    desk: Desk<'_>,
    args: &WatchArgs,
    look: impl AsyncFn() -> Result<Done<R>, CliError>,
) -> Exit {
    let Desk { session, ui, path, strictness, .. } = desk;
    if matches!(ui.format(), Format::Json | Format::Yaml) {
        let error = CliError::new(Code::Usage, "json and yaml are one document, and --watch has no end")
            .hint("use -o ndjson: a document in a line for each look");
        return desk.show(async { Err::<Done<R>, _>(error) }).await;
    }
    let looking = async {
        loop {
            session.begin_look();
            let result = look().await;
            session.progress().say("");
            let finished = Finished::new(path, result, session.facts(), strictness);
            if !ui.frame(&finished, session.unix_ms(), args.interval)?
                || session.elapsed() + args.interval >= session.allowed()
            {
                return Ok(());
            }
            tokio::time::sleep(args.interval).await;
        }
    };
    match attend(session, ui, looking).await {
        Ok(()) => Exit::Done,
        // That is how it ends.
        Err(error) if error.code() == Code::Interrupted => Exit::Done,
        Err(error) => {
            ui.error(&error);
            error.exit()
        }
    }
}
