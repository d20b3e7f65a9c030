//! `backup restore`

use std::sync::Arc;

use elastickv_offline::Strides;
use elastickv_offline::backup::{EmptyDir, NewNode};
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_types::ClusterId;

use super::{kek, not_rekeyed, pace, refused, verified};
use crate::args::backup::RestoreArgs;
use crate::client::Session;
use crate::commands::striding::striding;
use crate::error::{CliError, Code};
use crate::model::{Done, RestoreReport};

pub async fn run(session: &Session, args: &RestoreArgs) -> Result<Done<RestoreReport>, CliError> {
    let kek = kek(args.kek.as_deref())?;
    // Before an hour of reading.
    let empty = EmptyDir::take(SystemFiles::shared(), &args.data_dir).map_err(|error| refused(&error))?;
    let verified = verified(session, &args.dir, args.rate).await?;
    if verified.has_keys() && kek.is_none() {
        let text = "the backup has data keys, and no wrapping key was named";
        return Err(CliError::new(Code::Usage, text).hint("name the KEK: --kek file:/path"));
    }
    let random = SystemRandom::shared();
    let cluster = ClusterId::from_random(random.bytes16());
    session.progress().say("wrapping its keys for the new cluster");
    let rekeyed = verified.rekey(kek.as_ref(), cluster, &*random).await;
    let rekeyed = rekeyed.map_err(|error| not_rekeyed(&error))?;
    let node = NewNode {
        name: args.node_name.clone(),
        address: args.address.clone(),
        cluster: args.cluster_name.clone(),
        unix_ms: session.unix_ms(),
    };
    let (strides, pace) = (Arc::new(Strides::default()), pace(args.rate));
    let (shared, of, sealed) = (strides.clone(), verified.clone(), verified.has_keys());
    let work = move || empty.restore(&of, rekeyed, &node, &random, pace, &shared);
    let restored = striding(session, "copying", &strides, work).await?.map_err(|error| refused(&error))?;
    session.learn_cluster(restored.cluster.to_string());
    Ok(Done::changed(RestoreReport::of(args, &verified.backup.manifest, &restored, sealed), true))
}
