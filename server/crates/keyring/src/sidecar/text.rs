//! The bytes of a sidecar; `docs/formats/sidecar.md` draws them.

use std::collections::BTreeMap;
use std::io;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use elastickv_types::{
    ClusterId, Commitment, GroupId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose, WrappedKey,
};
use serde::{Serialize, Serializer};

use super::{Active, MOST_GROUPS, MOST_KEYS, Sidecar, SidecarKey};
use crate::error::Problem;
use crate::json::Fields;
use crate::load::LoadMark;
use crate::table::KeyState;

pub(crate) const VERSION: u64 = 1;
const STARTING: &str = "starting";
const STARTED: &str = "started";

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    cluster_id: String,
    node_name: &'a str,
    start: &'static str,
    load_token: String,
    previous_load_token: Option<String>,
    raft_applied_index: u64,
    storage_envelope_active: bool,
    storage_envelope_cutover_index: Option<u64>,
    raft_envelope_cutover_index: WrittenCutovers<'a>,
    active: WrittenActive,
    keys: WrittenKeys<'a>,
    crc32c: String,
}

#[derive(Serialize)]
struct WrittenActive {
    storage: u32,
    raft: u32,
}

struct WrittenCutovers<'a>(&'a BTreeMap<GroupId, LogIndex>);

impl Serialize for WrittenCutovers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(group, at)| (group.get(), at.get())))
    }
}

/// Each is made as it is written.
struct WrittenKeys<'a>(&'a BTreeMap<KeyId, SidecarKey>);

impl Serialize for WrittenKeys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, entry)| (key.get(), WrittenKey::of(entry))))
    }
}

#[derive(Serialize)]
struct WrittenKey<'a> {
    purpose: &'static str,
    state: &'static str,
    wrapped: String,
    commitment: String,
    created: String,
    local_epoch: u16,
    load_token: String,
    kek: &'a KekLabel,
}

impl<'a> Written<'a> {
    /// Without its checksum.
    fn of(sidecar: &'a Sidecar) -> Self {
        let starting = matches!(sidecar.load, LoadMark::Starting { .. });
        Self {
            version: VERSION,
            cluster_id: sidecar.cluster.to_string(),
            node_name: sidecar.node.as_str(),
            start: if starting { STARTING } else { STARTED },
            load_token: token_text(sidecar.load.token()),
            previous_load_token: sidecar.load.previous().map(token_text),
            raft_applied_index: sidecar.applied.get(),
            storage_envelope_active: sidecar.storage_cutover.is_some(),
            storage_envelope_cutover_index: sidecar.storage_cutover.map(LogIndex::get),
            raft_envelope_cutover_index: WrittenCutovers(&sidecar.raft_cutovers),
            active: WrittenActive { storage: sidecar.active.storage.get(), raft: sidecar.active.raft.get() },
            keys: WrittenKeys(&sidecar.keys),
            crc32c: String::new(),
        }
    }

    /// Of the fields before it, as JSON without blanks and with an empty checksum.
    fn checksum(&self) -> Result<String, Problem> {
        let mut sum = Sum(0);
        serde_json::to_writer(&mut sum, self).map_err(|error| Problem::Syntax(error.to_string()))?;
        Ok(format!("{:08x}", sum.0))
    }
}

/// Takes the checksum of what is written, and keeps nothing of it.
struct Sum(u32);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = crc32c::crc32c_append(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> WrittenKey<'a> {
    fn of(entry: &'a SidecarKey) -> Self {
        Self {
            purpose: entry.purpose.as_str(),
            state: entry.state.as_str(),
            wrapped: STANDARD.encode(entry.wrapped.as_bytes()),
            commitment: hex::encode(entry.commitment.as_bytes()),
            created: entry.created.to_string(),
            local_epoch: entry.epoch.get(),
            load_token: token_text(entry.token),
            kek: &entry.kek,
        }
    }
}

/// Refuses what [`decode`] would refuse.
pub(crate) fn encode(sidecar: &Sidecar) -> Result<Vec<u8>, Problem> {
    sidecar.check()?;
    let mut written = Written::of(sidecar);
    written.crc32c = written.checksum()?;
    let failed = |error: serde_json::Error| Problem::Syntax(error.to_string());
    let mut len = Count(0);
    serde_json::to_writer_pretty(&mut len, &written).map_err(failed)?;
    let mut bytes = Vec::with_capacity(len.0 + 1);
    serde_json::to_writer_pretty(&mut bytes, &written).map_err(failed)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Counts what is written, so that there is room for all of it at once.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What bytes turned out to be.
#[derive(Debug)]
pub(crate) enum Parsed {
    Known(Box<Sidecar>),
    /// Of another version, of which nothing else can be said.
    Version(u64),
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Parsed, Problem> {
    let mut fields = Fields::parse(bytes)?;
    let version = fields.number("version")?;
    if version != VERSION {
        return Ok(Parsed::Version(version));
    }
    let sidecar = Sidecar {
        cluster: fields.parsed("cluster_id", cluster)?,
        node: fields.parsed("node_name", |text| text.parse().ok())?,
        load: load(&mut fields)?,
        applied: LogIndex::new(fields.number("raft_applied_index")?),
        storage_cutover: storage_cutover(&mut fields)?,
        raft_cutovers: raft_cutovers(fields.object("raft_envelope_cutover_index")?)?,
        active: active(fields.object("active")?)?,
        keys: keys(fields.object("keys")?)?,
    };
    let written = fields.text("crc32c")?;
    fields.finish()?;
    let computed = Written::of(&sidecar).checksum()?;
    if written != computed {
        return Err(Problem::Checksum { written, computed });
    }
    sidecar.check()?;
    Ok(Parsed::Known(Box::new(sidecar)))
}

fn load(fields: &mut Fields<'_>) -> Result<LoadMark, Problem> {
    let (start, token) = (fields.text("start")?, fields.parsed("load_token", token)?);
    let previous = match fields.text_or_null("previous_load_token")? {
        None => None,
        Some(text) => Some(token_of(fields, "previous_load_token", &text)?),
    };
    match (start.as_str(), previous) {
        (STARTING, previous) => Ok(LoadMark::Starting { token, previous }),
        (STARTED, None) => Ok(LoadMark::Settled { token }),
        (STARTED, Some(_)) => Err(fields.invalid("previous_load_token", "is there after the start")),
        _ => Err(fields.invalid("start", format_args!("is neither {STARTING} nor {STARTED}"))),
    }
}

fn token_of(fields: &Fields<'_>, name: &str, text: &str) -> Result<LoadToken, Problem> {
    token(text).ok_or_else(|| fields.invalid(name, "is not spelt as it is written"))
}

fn storage_cutover(fields: &mut Fields<'_>) -> Result<Option<LogIndex>, Problem> {
    let active = fields.bool("storage_envelope_active")?;
    let cutover = fields.number_or_null("storage_envelope_cutover_index")?;
    if active != cutover.is_some() {
        return Err(fields.invalid("storage_envelope_cutover_index", "contradicts storage_envelope_active"));
    }
    Ok(cutover.map(LogIndex::new))
}

fn raft_cutovers(mut fields: Fields<'_>) -> Result<BTreeMap<GroupId, LogIndex>, Problem> {
    super::most(fields.path(), fields.len(), MOST_GROUPS)?;
    let mut cutovers = BTreeMap::new();
    while let Some(name) = fields.next_name() {
        let group = exact::<u64>(&name).and_then(GroupId::from_u64);
        let group = group.ok_or_else(|| fields.invalid(&name, "is not named for a group"))?;
        cutovers.insert(group, LogIndex::new(fields.number(&name)?));
    }
    Ok(cutovers)
}

fn active(mut fields: Fields<'_>) -> Result<Active, Problem> {
    let mut key = |name| {
        let number = fields.number(name)?;
        let key = u32::try_from(number).ok().and_then(KeyId::from_u32);
        key.ok_or_else(|| fields.invalid(name, "is not a key id"))
    };
    let active = Active { storage: key("storage")?, raft: key("raft")? };
    fields.finish()?;
    Ok(active)
}

fn keys(mut fields: Fields<'_>) -> Result<BTreeMap<KeyId, SidecarKey>, Problem> {
    super::most(fields.path(), fields.len(), MOST_KEYS)?;
    let mut keys = BTreeMap::new();
    while let Some(name) = fields.next_name() {
        let key = exact::<u32>(&name).and_then(KeyId::from_u32);
        let key = key.ok_or_else(|| fields.invalid(&name, "is not named for a key"))?;
        keys.insert(key, entry(fields.object(&name)?)?);
    }
    Ok(keys)
}

fn entry(mut fields: Fields<'_>) -> Result<SidecarKey, Problem> {
    let entry = SidecarKey {
        purpose: fields.parsed("purpose", purpose)?,
        state: fields.parsed("state", KeyState::from_text)?,
        wrapped: fields.parsed("wrapped", wrapped)?,
        commitment: fields.parsed("commitment", commitment)?,
        created: fields.parsed("created", exact)?,
        epoch: local_epoch(&mut fields)?,
        token: fields.parsed("load_token", token)?,
        kek: kek(fields.object("kek")?)?,
    };
    fields.finish()?;
    Ok(entry)
}

fn kek(mut fields: Fields<'_>) -> Result<KekLabel, Problem> {
    let label = KekLabel {
        provider: fields.text("provider")?,
        key: fields.text("key")?,
        version: fields.text("version")?,
    };
    fields.finish()?;
    Ok(label)
}

fn local_epoch(fields: &mut Fields<'_>) -> Result<LocalEpoch, Problem> {
    let found = fields.number("local_epoch")?;
    let refused = || Problem::LocalEpochOutOfRange { field: fields.at("local_epoch"), found };
    let raw = u32::try_from(found).map_err(|_| refused())?;
    LocalEpoch::from_wire(raw).map_err(|_| refused())
}

/// No number, cluster or time is spelt in more letters.
const LONGEST_EXACT: usize = 64;

/// Reads a text that is spelt just as it would be written. Who parses may repeat the text in an error, escaped.
fn exact<T: FromStr + ToString>(text: &str) -> Option<T> {
    let text = (text.len() <= LONGEST_EXACT).then_some(text)?;
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

fn cluster(text: &str) -> Option<ClusterId> {
    exact(text)
}

fn purpose(text: &str) -> Option<Purpose> {
    Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == text)
}

fn wrapped(text: &str) -> Option<WrappedKey> {
    STANDARD.decode(text).ok().and_then(|raw| WrappedKey::new(Bytes::from(raw)))
}

fn commitment(text: &str) -> Option<Commitment> {
    let raw = lower_hex::<{ Commitment::BYTES }>(text)?;
    Some(Commitment::new(raw))
}

fn token(text: &str) -> Option<LoadToken> {
    lower_hex(text).map(|raw| LoadToken::new(u64::from_be_bytes(raw)))
}

fn token_text(token: LoadToken) -> String {
    format!("{:016x}", token.get())
}

fn lower_hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut raw = [0; BYTES];
    hex::decode_to_slice(text, &mut raw).ok()?;
    (hex::encode(raw) == text).then_some(raw)
}
