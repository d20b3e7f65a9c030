"""Talks to a server knowing only its address: the messages come from server reflection.

Calls the services by the names that they have for clients of any version, which is without a package:
/RawKV/RawPut, /RawKV/RawGet, /RawKV/RawScanAt, /Distribution/GetTimestamp and /RaftAdmin/Status. Transactions are in
a package of their own: /elastickv.v1.Txn/Begin, Read, Scan and Commit.
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


def main(address):
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        wanted = {"RawKV", "RaftAdmin", "Distribution", "elastickv.v1.Txn"}
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

        status = raft_admin.call("Status")
        expect(status.leader_id and status.term > 0, f"Status answered {status}")
        states = status.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
        print(f"{address} is {states[status.state].name}, the leader is {status.leader_id}")
    print("all as expected")


if __name__ == "__main__":
    main(sys.argv[1])
