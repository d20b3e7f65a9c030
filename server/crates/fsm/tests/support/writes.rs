//! The words of users' writes.

use std::collections::BTreeMap;
use std::error::Error;

use elastickv_fsm::*;
use elastickv_types::*;
use goldenscript::ArgumentConsumer;

use super::operation;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub fn stamp(raw: &str) -> Result<Timestamp> {
    let (ms, count) = raw.split_once('.').unwrap_or((raw, "0"));
    Ok(Timestamp::from_u64(ms.parse::<u64>()? << 16 | count.parse::<u64>()?))
}

fn take_stamp(args: &mut ArgumentConsumer<'_>, name: &str) -> Result<Option<Timestamp>> {
    args.take_key(name).map(stamp).transpose()
}

pub fn bounds(args: &mut ArgumentConsumer<'_>) -> Result<Bounds> {
    let ceiling = take_stamp(args, "ceiling")?.unwrap_or_default();
    Ok(Bounds { ceiling, oldest: take_stamp(args, "oldest")?.unwrap_or_default() })
}

/// A timed id; the last bytes tell those of one millisecond apart.
pub fn request(drawn_ms: u64, tail: u64) -> RequestId {
    RequestId::from_bytes(*operation(drawn_ms, tail).as_bytes())
}

pub fn write(requests: &mut BTreeMap<String, RequestId>, args: &mut ArgumentConsumer<'_>) -> Result<Write> {
    let commit_ts = take_stamp(args, "ts")?.ok_or("no ts")?;
    let drawn = args.take_key("drawn").map(str::parse).transpose()?.unwrap_or(commit_ts.unix_ms());
    let request_id = args.take_key("id").map(|name| {
        let tail = name.bytes().fold(0, |tail, byte| tail << 8 | u64::from(byte)) & (u64::MAX >> 2);
        let fresh = if name == "untimed" { RequestId::from_bytes([0x11; 16]) } else { request(drawn, tail) };
        *requests.entry(name.to_owned()).or_insert(fresh)
    });
    Ok(Write { commit_ts, request_id, reads: reads(args)?, mutations: mutations(args)? })
}

fn reads(args: &mut ArgumentConsumer<'_>) -> Result<Option<ReadSet>> {
    let Some(at) = take_stamp(args, "read")? else { return Ok(None) };
    let mut reads = ReadSet::builder(at).ok_or("read at nothing")?;
    for key in args.take_key("keys").iter().flat_map(|keys| keys.split('/')) {
        reads.key(key.as_bytes())?;
    }
    for span in args.take_key("spans").iter().flat_map(|spans| spans.split('/')) {
        let (start, end) = span.split_once("..").ok_or("a span has two ends")?;
        reads.span(Span { start: start.as_bytes(), end: end.as_bytes() });
    }
    Ok(Some(reads.build()))
}

fn mutations(args: &mut ArgumentConsumer<'_>) -> Result<Mutations> {
    let expire_at = args.take_key("expire").map(str::parse).transpose()?.unwrap_or(0);
    let (puts, deletes) = (args.take_key("put"), args.take_key("delete"));
    let nothing = args.next_pos() == Some("nothing");
    let puts = if puts.is_none() && deletes.is_none() && !nothing { Some("k@v") } else { puts };
    let mut list = MutationsBuilder::default();
    for put in puts.iter().flat_map(|puts| puts.split('/')) {
        let (key, value) = put.split_once('@').ok_or("a put has a value")?;
        list.push(Mutation::Put { key: key.as_bytes(), value: value.as_bytes(), expire_at })?;
    }
    for number in 0..args.take_key("many").map_or(Ok(0), str::parse::<u32>)? {
        list.push(Mutation::Delete { key: format!("m{number}").as_bytes() })?;
    }
    for key in deletes.iter().flat_map(|keys| keys.split('/')) {
        list.push(Mutation::Delete { key: key.as_bytes() })?;
    }
    Ok(list.build())
}

pub fn prewrite(args: &mut ArgumentConsumer<'_>) -> Result<PreWrite> {
    let start_ts = take_stamp(args, "start")?.ok_or("no start")?;
    let at = take_stamp(args, "ts")?.ok_or("no ts")?;
    let expires_at = UnixMillis::new(args.take_key("until").ok_or("no end")?.parse()?);
    Ok(PreWrite { at, start_ts, expires_at, mutations: mutations(args)? })
}

pub fn resolve(commit: bool, args: &mut ArgumentConsumer<'_>) -> Result<Resolve> {
    let start_ts = take_stamp(args, "start")?.ok_or("no start")?;
    let at = take_stamp(args, "ts")?.ok_or("no ts")?;
    let keys = Keys::of(args.take_key("keys").iter().flat_map(|keys| keys.split('/')).map(str::as_bytes))?;
    Ok(Resolve { start_ts, at, commit, keys })
}
