//! `kv export`: every key of one moment, a line each.

use std::path::Path;

use elastickv_proto::v1;

use super::super::Desk;
use super::exchange::{
    Begin, BeginKind, End, EndKind, Line, Number, Output, Pair, Partial, SCHEMA, Text, there_already,
};
use super::range::Range;
use crate::args::kv::ExportArgs;
use crate::client::{Aim, Plan, Session, rpc};
use crate::error::{CliError, Code};
use crate::local_files;
use crate::model::{Decimal, Done, ExportReport};

pub async fn run(desk: Desk<'_>, args: &ExportArgs) -> Result<Done<ExportReport>, CliError> {
    match &args.file {
        Some(path) if args.resume => resume(desk.session, path).await,
        Some(path) if local_files::exists(path) => Err(there_already(path)),
        Some(path) => begin(desk, args, || Output::create(path)).await,
        None => {
            desk.refuse_for_machines("an export to standard output")?;
            begin(desk, args, || Ok(Output::standard(desk.ui))).await
        }
    }
}

async fn begin<'a>(
    desk: Desk<'a>,
    args: &ExportArgs,
    open: impl FnOnce() -> Result<Output<'a>, CliError>,
) -> Result<Done<ExportReport>, CliError> {
    let session = desk.session;
    let range = Range::of(&args.range, args.keys)?;
    let cluster_id = cluster_id(session).await?;
    let mut pages = Pages::new(session, range.clone(), args.at.unwrap_or_default());
    let first = pages.next(0).await?;
    let begin = Begin {
        schema: SCHEMA.to_owned(),
        kind: BeginKind::Begin,
        cluster_id,
        read_ts: Number(pages.ts),
        start: Text(range.start),
        end: Text(range.end),
    };
    // Only now is it certain that there is something to write.
    let mut output = open()?;
    let read_on = output.write(&Line::Begin(begin))?;
    let mut export = Export { report: report(args.file.as_deref(), pages.ts, 0), output };
    if read_on && export.take(first)? {
        export.rest(pages).await?;
    }
    Ok(Done::read(export.report))
}

/// Goes on behind the last whole line of a file, at the moment of the lines before it.
async fn resume(session: &Session, path: &Path) -> Result<Done<ExportReport>, CliError> {
    let partial = Partial::read(path)?;
    let report = report(Some(path), partial.begin.read_ts.0, partial.pairs);
    if partial.is_complete {
        return Ok(Done::read(report));
    }
    let found = cluster_id(session).await?;
    if found != partial.begin.cluster_id {
        let text = format!("the export is of cluster {}, this is {found}", partial.begin.cluster_id);
        return Err(CliError::new(Code::ClusterMismatch, text));
    }
    let mut range = Range { start: partial.begin.start.0.clone(), end: partial.begin.end.0.clone() };
    if let Some(last) = &partial.last {
        range = range.rest(last.clone(), false);
    }
    let pages = Pages::new(session, range, partial.begin.read_ts.0);
    let mut export = Export { report, output: Output::append(path, &partial)? };
    export.rest(pages).await?;
    Ok(Done::read(export.report))
}

async fn cluster_id(session: &Session) -> Result<String, CliError> {
    session.progress().say("looking for the cluster");
    session.survey_with_leader().await?;
    Ok(session.facts().cluster_id.unwrap_or_default())
}

fn report(file: Option<&Path>, read_ts: u64, pairs: u64) -> ExportReport {
    ExportReport {
        file: file.map(|path| path.display().to_string()),
        read_ts: Decimal(read_ts),
        pairs: Decimal(pairs),
        resumed_behind: Decimal(pairs),
    }
}

struct Export<'a> {
    report: ExportReport,
    output: Output<'a>,
}

impl Export<'_> {
    /// Writes a page. False when nobody reads any more.
    fn take(&mut self, page: Vec<v1::Pair>) -> Result<bool, CliError> {
        for pair in page {
            let expire_at = (pair.expire_at > 0).then_some(Number(pair.expire_at));
            let (key, value) = (Text(pair.key.into()), Text(pair.value.into()));
            if !self.output.write(&Line::Pair(Pair { key, value, expire_at }))? {
                return Ok(false);
            }
            self.report.pairs.0 += 1;
        }
        self.output.flush()?;
        Ok(true)
    }

    async fn rest(&mut self, mut pages: Pages<'_>) -> Result<(), CliError> {
        while !pages.is_over {
            let page = pages.next(self.report.pairs.0).await?;
            if !self.take(page)? {
                return Ok(());
            }
        }
        let pairs = Number(self.report.pairs.0);
        self.output.write(&Line::End(End { kind: EndKind::End, pairs }))?;
        self.output.finish()
    }
}

/// The pages of a range, all of one moment.
struct Pages<'a> {
    session: &'a Session,
    range: v1::KeyRange,
    /// Zero until the first page says of which moment it is.
    ts: u64,
    token: bytes::Bytes,
    /// Keeps the moment readable from page to page.
    hold: bytes::Bytes,
    is_over: bool,
}

impl<'a> Pages<'a> {
    fn new(session: &'a Session, range: Range, ts: u64) -> Self {
        let hold = session.new_request_id().as_bytes().to_vec().into();
        Self { session, range: range.into(), ts, token: bytes::Bytes::new(), hold, is_over: false }
    }

    async fn next(&mut self, so_far: u64) -> Result<Vec<v1::Pair>, CliError> {
        self.session.begin_step();
        self.session.progress().say(format!("{so_far} pairs so far"));
        let request = v1::ScanRequest {
            ts: self.ts,
            range: Some(self.range.clone()),
            token: self.token.clone(),
            hold: self.hold.clone(),
            ..v1::ScanRequest::default()
        };
        let told = self.session.call(Plan::read(Aim::Anyone), &request, rpc::scan).await?.message;
        self.ts = told.ts;
        self.is_over = told.next_token.is_empty();
        self.token = told.next_token;
        Ok(told.pairs)
    }
}
