"""Reads the values of a backup from the format pages alone: a snapshot, wrapped keys, envelopes.

    backup.py DIR KEK-FILE    prints {key: newest value} as JSON, both in hexadecimal digits

Every file is held against the manifest first. What does not fit ends it by name.
"""

import base64
import hashlib
import json
import os
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from envelopes import derive, row_aad, snappy_expand, wrap_aad

ROWS, END = 0x02, 0xFF


def sections(snapshot):
    magic = snapshot[:8]
    if magic == b"EKVTHLC1":
        at = 16
    else:
        assert magic == b"EKVTHLC2", magic
        at = 10 + struct.unpack(">H", snapshot[8:10])[0]
    while True:
        tag, length = struct.unpack(">BQ", snapshot[at : at + 9])
        yield tag, snapshot[at + 9 : at + 9 + length]
        at += 9 + length + 4
        if tag == END:
            assert at == len(snapshot), "something follows the end"
            return


def pairs(body):
    at = 0
    while at < len(body):
        parts = []
        for _ in range(2):
            length = struct.unpack(">I", body[at : at + 4])[0]
            parts.append(body[at + 4 : at + 4 + length])
            at += 4 + length
        yield parts


def user_key(row_key):
    end = len(row_key) - 10
    assert row_key[end : end + 2] == b"\x00\x01"
    return row_key[:end].replace(b"\x00\xff", b"\x00")


def unwrapped(keys, kek):
    cluster = bytes.fromhex(keys["cluster_id"].replace("-", ""))
    opened = {}
    for name, key in keys["keys"].items():
        wrapped = base64.b64decode(key["wrapped"])
        aad = wrap_aad(cluster, int(name), key["purpose"])
        try:
            secret = AESGCM(kek).decrypt(wrapped[:12], wrapped[12:], aad)
        except InvalidTag:
            raise SystemExit(f"key {name} does not open: it was wrapped by {key['kek']}, which this KEK is not")
        assert derive(secret, b"elastickv commit") == bytes.fromhex(key["commitment"])
        opened[int(name)] = secret
    return opened


def value_of(row_key, row, keys):
    header, body = row[:9], row[9:]
    if header[0] & 0x06 == 0:
        return body
    assert header[0] & 0x06 == 0x02, "no state that is drawn"
    version, flag, key_id = struct.unpack(">BBI", body[:6])
    assert version == 1
    aad = row_aad(flag, key_id, header, row_key)
    if key_id not in keys:
        raise SystemExit(f"a value is sealed under key {key_id}, which did not come along")
    try:
        plain = AESGCM(keys[key_id]).decrypt(body[6:18], body[18:], aad)
    except InvalidTag:
        raise SystemExit(f"the value of {row_key.hex()} does not open under key {key_id}: it is not what was written")
    return snappy_expand(plain) if flag & 1 else plain


def main(directory, kek_file):
    def read(name):
        with open(os.path.join(directory, name), "rb") as file:
            return file.read()

    with open(kek_file, "rb") as file:
        kek = file.read()
    manifest = json.loads(read("MANIFEST.json"))
    for name, facts in manifest["files"].items():
        if hashlib.sha256(read(name)).hexdigest() != facts["sha256"]:
            raise SystemExit(f"{name} is not what was written: its checksum is another")
    keys = unwrapped(json.loads(read("keys.json")), kek) if "keys.json" in manifest["files"] else {}
    values, gone = {}, set()
    for group in manifest["groups"]:
        for tag, body in sections(read(group["file"])):
            for row_key, row in pairs(body) if tag == ROWS else ():
                key = user_key(row_key).hex()
                # The newest version of a key comes first.
                if key in values or key in gone:
                    continue
                value = value_of(row_key, row, keys)
                if row[0] & 1:
                    gone.add(key)
                else:
                    values[key] = value.hex()
    json.dump(values, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
