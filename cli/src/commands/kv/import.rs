//! `kv import`: the lines of an export, a batch of them a write.

use elastickv_proto::v1;
use elastickv_types::RequestId;

use super::commit;
use super::exchange::{Batch, Ending, Pair, Progress, Sent, Source};
use crate::args::kv::ImportArgs;
use crate::client::{Aim, Plan, Session, rpc};
use crate::error::{CliError, Code};
use crate::model::{Decimal, Done, ImportReport};

pub async fn run(session: &Session, args: &ImportArgs) -> Result<Done<ImportReport>, CliError> {
    let path = args.file.as_deref().filter(|path| path.as_os_str() != "-");
    let mut source = match path {
        Some(path) => Source::file(path)?,
        None => Source::standard(),
    };
    let begin = source.begin()?;
    let mut sent = None;
    let progress = match path {
        Some(path) if args.resume => {
            let (progress, earlier) = Progress::resume(path, &begin)?;
            if let Some(earlier) = &earlier {
                source = Source::again(path, earlier)?.ok_or_else(|| progress.foreign())?;
            }
            sent = earlier;
            Some(progress)
        }
        Some(path) => Some(Progress::start(path, &begin)?),
        None => None,
    };
    commit::begin(session, args.expect.expect_cluster.as_deref()).await?;
    session.advise(match path {
        Some(_) => "run it again with --resume",
        None => "import it again from the beginning, if nobody else writes those keys",
    });
    let report = report(path, sent.as_ref());
    Import { session, source, progress, report }.run(sent).await
}

fn report(path: Option<&std::path::Path>, sent: Option<&Sent>) -> ImportReport {
    ImportReport {
        file: path.map(|path| path.display().to_string()),
        pairs: Decimal(sent.map_or(0, |sent| sent.pairs)),
        over: Decimal(sent.map_or(0, |sent| sent.over)),
        resumed_behind: Decimal(sent.map_or(0, |sent| sent.pairs)),
        last_commit_ts: None,
    }
}

struct Import<'a> {
    session: &'a Session,
    source: Source,
    progress: Option<Progress>,
    report: ImportReport,
}

impl Import<'_> {
    async fn run(mut self, mut sent: Option<Sent>) -> Result<Done<ImportReport>, CliError> {
        let ending = loop {
            let earlier = sent.take();
            let batch = self.source.batch(earlier.as_ref().map(|sent| sent.until))?;
            let id = earlier.map_or_else(|| self.session.new_request_id(), |sent| sent.request_id);
            if !batch.pairs.is_empty() {
                self.send(&batch, id).await?;
            }
            if batch.ending != Ending::Open {
                break batch.ending;
            }
        };
        let problem = self.problem(ending);
        if problem.is_none()
            && let Some(progress) = self.progress.take()
        {
            progress.finish()?;
        }
        let changed = self.report.last_commit_ts.is_some();
        Ok(Done::changed(self.report, changed).with_problem(problem))
    }

    async fn send(&mut self, batch: &Batch, id: RequestId) -> Result<(), CliError> {
        self.session.begin_step();
        self.session.progress().say(format!("{} pairs so far", self.report.pairs));
        if let Some(progress) = &self.progress {
            progress.note(batch, id, self.report.pairs.0, self.report.over.0)?;
        }
        let now = self.session.unix_ms();
        let (over, living): (Vec<&Pair>, Vec<&Pair>) =
            batch.pairs.iter().partition(|pair| pair.expire_at.is_some_and(|at| at.0 <= now));
        if !living.is_empty() {
            let request = v1::CommitRequest {
                mutations: living.into_iter().map(mutation).collect(),
                request_id: id.as_bytes().to_vec().into(),
                ..v1::CommitRequest::default()
            };
            let plan = Plan::repeatable(Aim::Anyone);
            let told = self.session.call(plan, &request, rpc::commit).await.map_err(forgotten)?.message;
            self.report.last_commit_ts = Some(Decimal(told.commit_ts));
        }
        self.report.pairs.0 += batch.pairs.len() as u64;
        self.report.over.0 += over.len() as u64;
        Ok(())
    }

    fn problem(&self, ending: Ending) -> Option<CliError> {
        match ending {
            Ending::Told(pairs) if pairs == self.report.pairs.0 => None,
            Ending::Told(pairs) => {
                let text = format!("it has {} pairs and says that it has {pairs}", self.report.pairs);
                Some(CliError::new(Code::ExportCutShort, text))
            }
            Ending::Open | Ending::CutShort => {
                let text = format!("it ends behind {} pairs and without its last line", self.report.pairs);
                Some(CliError::new(Code::ExportCutShort, text))
            }
        }
    }
}

/// The batch was noted so long ago that nobody can tell whether it arrived.
fn forgotten(error: CliError) -> CliError {
    match error.code() {
        Code::RequestExpired => {
            error.hint("if nobody else writes those keys, remove FILE.progress and begin anew")
        }
        _ => error,
    }
}

fn mutation(pair: &Pair) -> v1::Mutation {
    v1::Mutation {
        key: pair.key.0.clone().into(),
        change: Some(v1::mutation::Change::Put(pair.value.0.clone().into())),
        ttl_ms: 0,
        expire_at: pair.expire_at.map_or(0, |at| at.0),
    }
}
