"""Opens what the server seals and seals what it has to open, from the format pages alone.

    envelopes.py open FILE    checks every vector in the file
    envelopes.py seal FILE    writes vectors of its own

A file holds rows, entries and wrapped keys as JSON, every value of bytes in hexadecimal digits.
"""

import json
import os
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER = 18
PURPOSES = {"storage": 1, "raft": 2}


def unhex(text):
    return bytes.fromhex(text)


def prefix(flag, key_id):
    return struct.pack(">BBI", 1, flag, key_id)


def row_aad(flag, key_id, header, row_key):
    return prefix(flag, key_id) + header + row_key


def entry_aad(key_id, group):
    return b"R" + prefix(0, key_id) + struct.pack(">Q", group)


def wrap_aad(cluster, key_id, purpose):
    return b"elastickv/dek/v1" + cluster + struct.pack(">IB", key_id, PURPOSES[purpose])


def derive(secret, label):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(secret)


def snappy_expand(block):
    """A raw Snappy block: a length, then literals and copies."""
    length, at, shift = 0, 0, 0
    while True:
        byte, at = block[at], at + 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    out = bytearray()
    while at < len(block):
        tag, at = block[at], at + 1
        if tag & 3 == 0:
            size = (tag >> 2) + 1
            if size > 60:
                more = size - 60
                size, at = int.from_bytes(block[at : at + more], "little") + 1, at + more
            out += block[at : at + size]
            at += size
            continue
        if tag & 3 == 1:
            size, offset, at = ((tag >> 2) & 7) + 4, (tag >> 5) << 8 | block[at], at + 1
        elif tag & 3 == 2:
            size, offset, at = (tag >> 2) + 1, int.from_bytes(block[at : at + 2], "little"), at + 2
        else:
            size, offset, at = (tag >> 2) + 1, int.from_bytes(block[at : at + 4], "little"), at + 4
        for _ in range(size):
            out.append(out[-offset])
    assert len(out) == length, "a block of another length"
    return bytes(out)


def snappy_pack(value):
    """Literals of up to 60 bytes: a valid block that saves nothing."""
    out, left = bytearray(), len(value)
    while left >= 0x80:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    for at in range(0, len(value), 60):
        part = value[at : at + 60]
        out.append((len(part) - 1) << 2)
        out += part
    return bytes(out)


def open_envelope(key, key_id, envelope, aad_of):
    version, flag, named = struct.unpack(">BBI", envelope[:6])
    assert (version, named) == (1, key_id), "another version or key"
    plain = AESGCM(key).decrypt(envelope[6:HEADER], envelope[HEADER:], aad_of(flag))
    return flag, plain


def open_row(row):
    stored, row_key = unhex(row["row"]), unhex(row["row_key"])
    header, envelope = stored[:9], stored[9:]
    assert header[0] & 0b110 == 0b010, "a row that is not sealed"

    def aad(flag):
        return row_aad(flag, row["key_id"], header, row_key)

    flag, plain = open_envelope(unhex(row["key"]), row["key_id"], envelope, aad)
    return flag, snappy_expand(plain) if flag == 1 else plain


def refused(call):
    try:
        call()
    except InvalidTag:
        return True
    return False


def check(vectors):
    compressed = 0
    for row in vectors["rows"]:
        flag, value = open_row(row)
        compressed += flag
        assert value == unhex(row["value"]), row
        moved = dict(row, row_key=row["row_key"] + "00")
        assert refused(lambda: open_row(moved)), "opened under another key of a row"
    for entry in vectors["entries"]:
        key, key_id, envelope = unhex(entry["key"]), entry["key_id"], unhex(entry["envelope"])
        flag, command = open_envelope(key, key_id, envelope, lambda _: entry_aad(key_id, entry["group"]))
        assert (flag, command) == (0, unhex(entry["command"])), entry
        elsewhere = entry_aad(key_id, entry["group"] + 1)
        assert refused(lambda: open_envelope(key, key_id, envelope, lambda _: elsewhere))
    for wrap in vectors["wrapped"]:
        wrapped, key = unhex(wrap["wrapped"]), unhex(wrap["key"])
        aad = wrap_aad(unhex(wrap["cluster"]), wrap["key_id"], wrap["purpose"])
        assert AESGCM(unhex(wrap["kek"])).decrypt(wrapped[:12], wrapped[12:], aad) == key, wrap
        assert derive(key, b"elastickv commit").hex() == wrap["commitment"], wrap
    counts = {kind: len(found) for kind, found in vectors.items()}
    print(f"opened {counts}, {compressed} of the rows compressed")


def seal_row(length, number):
    key, key_id, nonce = os.urandom(32), 1 + number, os.urandom(12)
    header = struct.pack(">BQ", 0b010 | number & 1, number * 1000)
    row_key, value = os.urandom(number % 40 + 11), os.urandom(length)
    flag = 1 if number % 3 == 0 and value else 0
    plain = snappy_pack(value) if flag else value
    sealed = AESGCM(key).encrypt(nonce, plain, row_aad(flag, key_id, header, row_key))
    stored = header + prefix(flag, key_id) + nonce + sealed
    return {"key": key.hex(), "key_id": key_id, "row_key": row_key.hex(), "row": stored.hex(), "value": value.hex()}


def seal_entry(length, number):
    key, key_id, nonce, group = os.urandom(32), 0xFFFFFFFF - number, os.urandom(12), number + 1
    command = os.urandom(length)
    sealed = AESGCM(key).encrypt(nonce, command, entry_aad(key_id, group))
    envelope = prefix(0, key_id) + nonce + sealed
    return {"key": key.hex(), "key_id": key_id, "group": group, "envelope": envelope.hex(), "command": command.hex()}


def wrap_key(number):
    kek, cluster, nonce, key = os.urandom(32), os.urandom(16), os.urandom(12), os.urandom(32)
    key_id, purpose = number + 1, sorted(PURPOSES)[number % 2]
    wrapped = nonce + AESGCM(kek).encrypt(nonce, key, wrap_aad(cluster, key_id, purpose))
    return {
        "kek": kek.hex(),
        "cluster": cluster.hex(),
        "key_id": key_id,
        "purpose": purpose,
        "wrapped": wrapped.hex(),
        "key": key.hex(),
        "commitment": derive(key, b"elastickv commit").hex(),
    }


def make():
    lengths = [0, 1, 15, 16, 17, 63, 64, 65, 1000, 4096, 70000]
    return {
        "rows": [seal_row(length, number) for number, length in enumerate(lengths)],
        "entries": [seal_entry(length, number) for number, length in enumerate(lengths)],
        "wrapped": [wrap_key(number) for number in range(8)],
    }


def main():
    doing, path = sys.argv[1:]
    if doing == "open":
        with open(path, encoding="utf-8") as file:
            check(json.load(file))
    else:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(make(), file)


if __name__ == "__main__":
    main()
