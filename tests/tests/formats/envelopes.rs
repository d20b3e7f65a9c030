//! What we seal is opened by a script that knows nothing but the format pages, and we open what it seals.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use bytes::BytesMut;
use elastickv_crypto::{
    Dek, EntryContext, KeyMaterial, NonceSalt, NonceSource, ROW_HEADER_BYTES, Raft, RowContext, Storage,
    Usage, WrapContext, WrappingKey,
};
use elastickv_tests::{python, workspace};
use elastickv_types::{ClusterId, FullNodeId, GroupId, KeyId, LocalEpoch, Purpose, WrappedKey};
use serde::{Deserialize, Serialize};

/// Bytes as hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Hex(#[serde(with = "hex::serde")] Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Vectors {
    rows: Vec<Row>,
    entries: Vec<Entry>,
    wrapped: Vec<Wrapped>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    key: Hex,
    key_id: u32,
    row_key: Hex,
    row: Hex,
    value: Hex,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    key: Hex,
    key_id: u32,
    group: u64,
    envelope: Hex,
    command: Hex,
}

#[derive(Serialize, Deserialize)]
struct Wrapped {
    kek: Hex,
    cluster: Hex,
    key_id: u32,
    purpose: Purpose,
    wrapped: Hex,
    key: Hex,
    commitment: Hex,
}

fn material(bytes: &Hex, id: u32, purpose: Purpose) -> Result<KeyMaterial> {
    let id = KeyId::from_u32(id).context("key 0")?;
    Ok(KeyMaterial::draw(id, purpose, |secret| secret.copy_from_slice(&bytes.0)))
}

fn dek<U: Usage>(bytes: &Hex, id: u32) -> Result<Dek<U>> {
    Ok(Dek::new(material(bytes, id, U::PURPOSE)?)?)
}

fn nonces<U: Usage>(dek: &Dek<U>) -> NonceSource<U> {
    NonceSource::new(dek, FullNodeId::of_name("n1").short(), LocalEpoch::new(3), NonceSalt::new(0x5a17))
}

fn wrapping_key(bytes: &Hex) -> Result<WrappingKey> {
    WrappingKey::load(|key| {
        *key = bytes.0[..].try_into().context("a wrapping key of another length")?;
        Ok(())
    })
}

fn key_bytes(number: usize) -> Hex {
    Hex((0..32).map(|at| (at * 7 + number * 31 + 1) as u8).collect())
}

/// Values that compress, and one of each length that does not.
fn values() -> Vec<Vec<u8>> {
    let lengths = [0, 1, 15, 16, 17, 63, 64, 65, 1000, 4096, 70_000];
    let mixed = |len: usize| (0..len).map(|at| (at * at * 31 / 7) as u8).collect::<Vec<u8>>();
    let repeating = |len: usize| b"some words that come again ".iter().copied().cycle().take(len).collect();
    lengths.into_iter().flat_map(|len| [mixed(len), repeating(len)]).collect()
}

fn sealed_row(number: usize, value: &[u8]) -> Result<Row> {
    let (key, key_id) = (key_bytes(number), 0x0100_0000 + number as u32);
    let dek = dek::<Storage>(&key, key_id)?;
    let mut header = [0; ROW_HEADER_BYTES];
    header[0] = 0b010 | (number & 1) as u8;
    header[8] = number as u8;
    let row_key = vec![b'k'; 11 + number * 13];
    let mut row = BytesMut::from(&header[..]);
    let context = RowContext { header: &header, row_key: &row_key };
    dek.seal(nonces(&dek).draw()?, context, value, &mut row)?;
    Ok(Row { key, key_id, row_key: Hex(row_key), row: Hex(row.to_vec()), value: Hex(value.to_vec()) })
}

fn sealed_entry(number: usize, command: &[u8]) -> Result<Entry> {
    let (key, key_id, group) = (key_bytes(number), 0xf000_0000 + number as u32, 1 + number as u64);
    let dek = dek::<Raft>(&key, key_id)?;
    let context = EntryContext { group: GroupId::from_u64(group).context("group 0")? };
    let mut envelope = BytesMut::new();
    dek.seal(nonces(&dek).draw()?, context, &mut envelope, |out| out.extend_from_slice(command))?;
    Ok(Entry { key, key_id, group, envelope: Hex(envelope.to_vec()), command: Hex(command.to_vec()) })
}

fn wrapped(number: usize) -> Result<Wrapped> {
    let (kek, key, key_id) = (key_bytes(100 + number), key_bytes(number), 1 + number as u32);
    let (cluster, purpose) = ([number as u8; 16], Purpose::ALL[number % 2]);
    let inside = material(&key, key_id, purpose)?;
    let wrapped =
        wrapping_key(&kek)?.wrap(ClusterId::from_bytes(cluster), &inside, |nonce| nonce.fill(number as u8));
    let commitment = Hex(inside.commitment().as_bytes().to_vec());
    let (cluster, wrapped) = (Hex(cluster.to_vec()), Hex(wrapped.as_bytes().to_vec()));
    Ok(Wrapped { kek, cluster, key_id, purpose, wrapped, key, commitment })
}

fn sealed_by_us() -> Result<Vectors> {
    let values = values();
    Ok(Vectors {
        rows: values
            .iter()
            .enumerate()
            .map(|(number, value)| sealed_row(number, value))
            .collect::<Result<_>>()?,
        entries: values
            .iter()
            .enumerate()
            .map(|(number, command)| sealed_entry(number, command))
            .collect::<Result<_>>()?,
        wrapped: (0..8).map(wrapped).collect::<Result<_>>()?,
    })
}

fn open_row(row: &Row) -> Result<()> {
    let (header, envelope) = row.row.0.split_first_chunk().context("a row without a header")?;
    let context = RowContext { header, row_key: &row.row_key.0 };
    let mut opened = BytesMut::new();
    dek::<Storage>(&row.key, row.key_id)?.open(context, envelope, &mut opened)?;
    ensure!(opened == row.value.0, "a row of another value");
    Ok(())
}

fn open_entry(entry: &Entry) -> Result<()> {
    let context = EntryContext { group: GroupId::from_u64(entry.group).context("group 0")? };
    let mut opened = BytesMut::from(&entry.envelope.0[..]);
    dek::<Raft>(&entry.key, entry.key_id)?.open_in_place(context, &mut opened)?;
    ensure!(opened == entry.command.0, "an entry of another command");
    Ok(())
}

fn unwrap(wrap: &Wrapped) -> Result<()> {
    let cluster = ClusterId::from_slice(&wrap.cluster.0).context("a cluster id of another length")?;
    let key = KeyId::from_u32(wrap.key_id).context("key 0")?;
    let context = WrapContext { cluster, key, purpose: wrap.purpose };
    let wrapped = WrappedKey::new(wrap.wrapped.0.clone().into()).context("an empty wrapping")?;
    let inside = wrapping_key(&wrap.kek)?.unwrap(context, &wrapped)?;
    ensure!(inside.commitment().as_bytes()[..] == wrap.commitment.0, "another commitment");
    ensure!(
        inside.commitment() == material(&wrap.key, wrap.key_id, wrap.purpose)?.commitment(),
        "another key"
    );
    Ok(())
}

fn run(interpreter: &Path, doing: &str, file: &Path) -> Result<String> {
    let script = workspace::root().join("tests/python/envelopes.py");
    let told =
        Command::new(interpreter).arg(script).arg(doing).arg(file).output().context("cannot run Python")?;
    if !told.status.success() {
        bail!("{doing} failed: {}", String::from_utf8_lossy(&told.stderr));
    }
    Ok(String::from_utf8(told.stdout)?)
}

#[test]
fn python_opens_what_we_seal() -> Result<()> {
    let Some(interpreter) = python::environment()? else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("ours.json");
    let vectors = sealed_by_us()?;
    let compressed = vectors.rows.iter().filter(|row| row.row.0[ROW_HEADER_BYTES + 1] == 1).count();
    fs::write(&file, serde_json::to_vec(&vectors)?)?;
    let told = run(&interpreter, "open", &file)?;
    print!("{told}");
    ensure!(told.contains("'rows': 22, 'entries': 22, 'wrapped': 8"), "{told}");
    ensure!(compressed > 3 && told.contains(&format!("{compressed} of the rows compressed")), "{told}");
    Ok(())
}

/// A changed vector is noticed, so one that is opened was really looked at.
#[test]
fn python_refuses_what_was_changed() -> Result<()> {
    let Some(interpreter) = python::environment()? else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("changed.json");
    let changes: [fn(&mut Vectors); 4] = [
        |vectors| vectors.rows[5].row.0[0] ^= 1,
        |vectors| vectors.entries[5].envelope.0[20] ^= 1,
        |vectors| vectors.wrapped[5].wrapped.0[20] ^= 1,
        |vectors| vectors.wrapped[5].commitment.0[20] ^= 1,
    ];
    for change in changes {
        let mut vectors = sealed_by_us()?;
        change(&mut vectors);
        fs::write(&file, serde_json::to_vec(&vectors)?)?;
        ensure!(run(&interpreter, "open", &file).is_err());
    }
    Ok(())
}

#[test]
fn we_open_what_python_seals() -> Result<()> {
    let Some(interpreter) = python::environment()? else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("theirs.json");
    run(&interpreter, "seal", &file)?;
    let vectors: Vectors = serde_json::from_slice(&fs::read(&file)?)?;
    ensure!((vectors.rows.len(), vectors.entries.len(), vectors.wrapped.len()) == (11, 11, 8));
    for (number, row) in vectors.rows.iter().enumerate() {
        open_row(row).with_context(|| format!("row {number}"))?;
    }
    for (number, entry) in vectors.entries.iter().enumerate() {
        open_entry(entry).with_context(|| format!("entry {number}"))?;
    }
    for (number, wrap) in vectors.wrapped.iter().enumerate() {
        unwrap(wrap).with_context(|| format!("wrapping {number}"))?;
    }
    Ok(())
}
