"""Talks to a server knowing only its address: the messages come from server reflection. Given the files of an
authority, a key and a certificate as well, it does so over TLS.

Calls the services by the names that they have for clients of any version, which is without a package:
/RawKV/RawPut, /RawKV/RawGet, /RawKV/RawScanAt, /TransactionalKV/PreWrite and its other calls, /Distribution/GetTimestamp
and /RaftAdmin/Status. Transactions of our own kind are in a package: /elastickv.v1.Txn/Begin, Read, Scan and Commit.
"""

import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

TIMEOUT_SECONDS = 30


class Service:
    """A service found by reflection; its methods are called by name with plain values."""

    def __init__(self, channel, pool, name):
        self._channel = channel
        self._descriptor = pool.FindServiceByName(name)

    def call(self, method, **fields):
        found = self._descriptor.methods_by_name[method]
        request = message_factory.GetMessageClass(found.input_type)(**fields)
        answer = message_factory.GetMessageClass(found.output_type)
        stub = self._channel.unary_unary(
            f"/{self._descriptor.full_name}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return stub(request, timeout=TIMEOUT_SECONDS)


def expect(condition, what):
    if not condition:
        sys.exit(f"not as expected: {what}")


def transact(txn):
    start = txn.call("Begin").ts
    read = txn.call("Read", ts=start, keys=[b"python/1", b"python/none"])
    expect([result.found for result in read.results] == [True, False], f"Read answered {read}")
    written = txn.call(
        "Commit",
        start_ts=start,
        read_keys=[b"python/1", b"python/none"],
        conditions=[{"key": b"python/none", "absent": {}}],
        mutations=[{"key": b"python/none", "put": b"some"}, {"key": b"python/1", "delete": {}}],
    )
    expect(written.commit_ts > start and written.index > 0, f"Commit answered {written}")
    expect(not written.already_applied, f"Commit answered {written}")
    page = txn.call("Scan", ts=written.commit_ts, range={"start": b"python/", "end": b"python0"}, limit=2)
    expect([pair.key for pair in page.pairs] == [b"python/0", b"python/2"], f"Scan answered {page}")
    expect(page.next_token != b"", f"Scan answered {page}")
    before = txn.call("Read", ts=start, keys=[b"python/1"]).results[0]
    expect(before.found and before.value == b"value 1", f"Read of the past answered {before}")


def lock_and_commit(kv, timestamps):
    """Transactions as clients of earlier versions know them: in two steps."""
    expect(kv.call("Put", key=b"two/1", value=b"100").success, "Put of an account")
    start = timestamps.call("GetTimestamp").timestamp
    moves = [{"key": b"two/1", "value": b"60"}, {"key": b"two/2", "value": b"40"}]
    locked = kv.call("PreWrite", mutations=moves, start_ts=start, lock_ttl=30000)
    expect(not locked.errors, f"PreWrite answered {locked}")
    other = timestamps.call("GetTimestamp").timestamp
    met = kv.call("PreWrite", mutations=moves[:1], start_ts=other)
    expect([error.retryable for error in met.errors] == [True] and met.errors[0].message, f"PreWrite met {met}")
    done = kv.call("Commit", start_ts=start, keys=[b"two/1", b"two/2"])
    expect(done.success and done.commit_index > 0 and not done.errors, f"Commit answered {done}")
    expect(kv.call("Get", key=b"two/2").value == b"40", "Get of what was committed")
    scanned = kv.call("Scan", start_key=b"two/", end_key=b"two0", limit=10)
    pairs = [(kv.key, kv.value) for kv in scanned.kvs]
    expect(pairs == [(b"two/1", b"60"), (b"two/2", b"40")], f"Scan answered {scanned}")
    expect(kv.call("Rollback", start_ts=other).success, "Rollback of one that locked nothing")
    late = kv.call("Commit", start_ts=other, keys=[b"two/1"])
    expect(not late.success and late.errors[0].reason == "TransactionRolledBack", f"Commit answered {late}")
    expect(kv.call("Delete", key=b"two/1").success, "Delete")


def connect(address, files):
    if not files:
        return grpc.insecure_channel(address)
    authority, key, certificate = (open(file, "rb").read() for file in files)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authority, key, certificate))


def main(address, *files):
    with connect(address, files) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        wanted = {"RawKV", "TransactionalKV", "RaftAdmin", "Distribution", "elastickv.v1.Txn"}
        expect(wanted <= services, f"the server names {sorted(services)}")
        pool = descriptor_pool.DescriptorPool(database)
        raw_kv, raft_admin = Service(channel, pool, "RawKV"), Service(channel, pool, "RaftAdmin")

        pairs = {b"python/%d" % number: b"value %d" % number for number in range(5)}
        for key, value in pairs.items():
            answer = raw_kv.call("RawPut", key=key, value=value)
            expect(answer.success and answer.commit_index > 0, f"RawPut answered {answer}")

        found = raw_kv.call("RawGet", key=b"python/3")
        expect(found.exists and found.value == b"value 3", f"RawGet answered {found}")
        absent = raw_kv.call("RawGet", key=b"python/none")
        expect(not absent.exists, f"RawGet of an absent key answered {absent}")

        scanned = raw_kv.call("RawScanAt", start_key=b"python/", end_key=b"python0", limit=10)
        expect({pair.key: pair.value for pair in scanned.pairs} == pairs, f"RawScanAt answered {scanned}")

        given = Service(channel, pool, "Distribution").call("GetTimestamp")
        expect(given.timestamp > scanned.read_ts, f"GetTimestamp answered {given}")
        transact(Service(channel, pool, "elastickv.v1.Txn"))
        lock_and_commit(Service(channel, pool, "TransactionalKV"), Service(channel, pool, "Distribution"))

        status = raft_admin.call("Status")
        expect(status.leader_id and status.term > 0, f"Status answered {status}")
        states = status.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
        print(f"{address} is {states[status.state].name}, the leader is {status.leader_id}")
    print("all as expected")


if __name__ == "__main__":
    main(*sys.argv[1:])
