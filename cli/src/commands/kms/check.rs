//! `kms check`
//!
//! A key that nobody will ever use is wrapped for a cluster that does not exist, and unwrapped again. Then the
//! same wrapping is tried for another cluster, another key and another purpose: each must be refused, or the
//! provider does not bind wrappings to what they are for.

use std::time::Duration;

use elastickv_crypto::{KeyMaterial, WrapContext};
use elastickv_kek::{Kek, KekError, KekUri, Wrapped};
use elastickv_sys::random::{SharedRandom, SystemRandom};
use elastickv_types::{ClusterId, KeyId, Purpose};
use tokio::time::Instant;

use super::trouble;
use crate::args::kms::CheckArgs;
use crate::client::Session;
use crate::error::{CliError, Code, Warning};
use crate::model::{Done, KekCheckReport, precise_ms};

/// For each of the calls, unless the whole command is given less.
const CALL: Duration = Duration::from_secs(10);

pub async fn run(session: &Session, args: &CheckArgs) -> Result<Done<KekCheckReport>, CliError> {
    let uri: KekUri = args.uri.parse().map_err(|error| trouble(&error))?;
    if let KekUri::Environment(name) = &uri {
        let text = format!("whoever may look at the process can read {name}");
        session.warn(Warning::new(Code::KekInEnvironment, text));
    }
    session.progress().say(format!("opening {uri}"));
    let random = SystemRandom::shared();
    let began = Instant::now();
    let kek = Kek::open(&uri, random.clone()).map_err(|error| trouble(&error))?;
    let opened = began.elapsed();
    let trial = Trial::draw(&random)?;
    session.progress().say("wrapping and unwrapping a new key");
    let began = Instant::now();
    let wrapped = kek.wrap(trial.cluster, &trial.key, deadline()).await.map_err(|error| trouble(&error))?;
    let wrapping = began.elapsed();
    let began = Instant::now();
    trial.unwrap(&kek, trial.context(), &wrapped).await.map_err(|error| trouble(&error))?;
    let unwrapping = began.elapsed();
    session.progress().say("trying it for something else");
    let context_bound = trial.is_bound(&kek, &wrapped).await?;
    let report = KekCheckReport {
        uri: uri.to_string(),
        kek: wrapped.by,
        open_ms: precise_ms(opened),
        wrap_ms: precise_ms(wrapping),
        unwrap_ms: precise_ms(unwrapping),
        context_bound,
    };
    let text = "it unwraps a key for a cluster, an id or a purpose that the key was not wrapped for";
    let problem = (!context_bound).then(|| CliError::new(Code::KekIgnoresContext, text));
    Ok(Done::read(report).with_problem(problem))
}

fn deadline() -> Instant {
    Instant::now() + CALL
}

/// A key, and what it is wrapped for.
struct Trial {
    cluster: ClusterId,
    other_cluster: ClusterId,
    key: KeyMaterial,
    other_key: KeyId,
}

impl Trial {
    fn draw(random: &SharedRandom) -> Result<Self, CliError> {
        let id = || (0..8).find_map(|_| KeyId::from_u32(random.u64() as u32));
        let broken = || CliError::new(Code::Unexpected, "the source of randomness gives only zeroes");
        let first = id().ok_or_else(broken)?;
        let other_key = (0..8).filter_map(|_| id()).find(|other| *other != first).ok_or_else(broken)?;
        Ok(Self {
            cluster: ClusterId::from_random(random.bytes16()),
            other_cluster: ClusterId::from_random(random.bytes16()),
            key: KeyMaterial::draw(first, Purpose::Storage, |bytes| random.fill(bytes)),
            other_key,
        })
    }

    fn context(&self) -> WrapContext {
        self.key.context(self.cluster)
    }

    /// Succeeds when what comes out is the very key.
    async fn unwrap(&self, kek: &Kek, context: WrapContext, wrapped: &Wrapped) -> Result<(), KekError> {
        kek.unwrap(context, &wrapped.key, self.key.commitment(), deadline()).await.map(|_| ())
    }

    async fn is_bound(&self, kek: &Kek, wrapped: &Wrapped) -> Result<bool, CliError> {
        let own = self.context();
        let others = [
            WrapContext { cluster: self.other_cluster, ..own },
            WrapContext { key: self.other_key, ..own },
            WrapContext { purpose: Purpose::Raft, ..own },
        ];
        for context in others {
            match self.unwrap(kek, context, wrapped).await {
                Ok(()) => return Ok(false),
                // No answer says nothing about the context.
                Err(error) if error.is_transient() => return Err(trouble(&error)),
                Err(_) => {}
            }
        }
        Ok(true)
    }
}
