"""The Python client of TiKV, driven line by line; integration/tikv/harness/driver.js tells the commands."""

import asyncio
import json
import random
import resource
import sys
import time

from tikv_client.asynchronous import RawClient, TransactionClient


class Unsupported(Exception):
    pass


class Session:
    def __init__(self, pd):
        self.pd = pd
        self.txn = None
        self.raw = None
        self.open = {}

    async def txn_client(self):
        if self.txn is None:
            self.txn = await TransactionClient.connect(self.pd)
        return self.txn

    async def raw_client(self):
        if self.raw is None:
            self.raw = await RawClient.connect(self.pd)
        return self.raw

    async def run(self, c):
        op = c["op"]
        if op == "begin":
            client = await self.txn_client()
            self.open[c["txn"]] = await client.begin(pessimistic=c.get("mode") == "pessimistic")
            return {}
        if op == "bench":
            raw = c["mode"].startswith("raw ")
            return {"result": await bench(await (self.raw_client() if raw else self.txn_client()), c)}
        if op.startswith("raw"):
            return await in_raw(await self.raw_client(), c)
        return await self.in_txn(self.open[c["txn"]], c)

    async def in_txn(self, txn, c):
        op = c["op"]
        if op == "get":
            return found(await txn.get(unhex(c["key"])))
        if op == "batchget":
            return pairs(sorted(await txn.batch_get([unhex(key) for key in c["keys"]])))
        if op == "put":
            await txn.put(unhex(c["key"]), unhex(c["value"]))
        elif op == "delete":
            await txn.delete(unhex(c["key"]))
        elif op == "scan":
            return pairs(await txn.scan(unhex(c["key"]), end_of(c), limit_of(c)))
        elif op == "lock":
            await txn.lock_keys([unhex(c["key"])])
        elif op in ("commit", "rollback"):
            del self.open[c["txn"]]
            await (txn.commit() if op == "commit" else txn.rollback())
        else:
            raise Unsupported(op)
        return {}


async def in_raw(client, c):
    op = c["op"]
    if op == "rawget":
        return found(await client.get(unhex(c["key"])))
    if op == "rawbatchget":
        return pairs(sorted(await client.batch_get([unhex(key) for key in c["keys"]])))
    if op == "rawput":
        await client.put(unhex(c["key"]), unhex(c["value"]))
    elif op == "rawbatchput":
        await client.batch_put({unhex(key): unhex(value) for key, value in zip(c["keys"], c["values"])})
    elif op == "rawdelete":
        await client.delete(unhex(c["key"]))
    elif op == "rawdeleterange":
        await client.delete_range(unhex(c["key"]), end_of(c))
    elif op == "rawscan":
        return pairs(await client.scan(unhex(c["key"]), end_of(c), limit_of(c)))
    else:
        raise Unsupported(op)
    return {}


async def bench(client, c):
    value = bytes(c.get("size", 0))

    total, callers = c["limit"], c["callers"]

    def key(rng):
        return b"bench-%06d" % rng.randrange(total)

    def own_keys(rng, caller, count):
        """Spreads keys that no other caller writes over the whole range."""
        slots = total // callers
        start, step = rng.randrange(slots), max(1, slots // count)
        return [b"bench-%06d" % ((start + at * step) % slots * callers + caller) for at in range(count)]

    async def get(rng, _):
        txn = await client.begin(pessimistic=False)
        await txn.get(key(rng))
        await txn.rollback()

    async def batch_get(rng, _):
        txn = await client.begin(pessimistic=False)
        await txn.batch_get([key(rng) for _ in range(10)])
        await txn.rollback()

    async def scan(rng, _):
        txn = await client.begin(pessimistic=False)
        await txn.scan(key(rng), None, 100)
        await txn.rollback()

    def write(count):
        async def run(rng, caller):
            txn = await client.begin(pessimistic=False)
            for key in own_keys(rng, caller, count):
                await txn.put(key, value)
            await txn.commit()

        return run

    async def raw_get(rng, _):
        await client.get(key(rng))

    async def raw_put(rng, _):
        await client.put(key(rng), value)

    operations = {
        "raw get": raw_get,
        "raw put": raw_put,
        "get": get,
        "batch get": batch_get,
        "scan": scan,
        "txn 1": write(1),
        "txn 10": write(10),
        "txn 100": write(100),
    }
    operation = operations[c["mode"]]
    times, failed = [], 0
    cpu = cpu_seconds()
    start = time.monotonic()
    deadline = start + c["seconds"]

    async def work(caller):
        nonlocal failed
        rng = random.Random(caller)
        while time.monotonic() < deadline:
            began = time.monotonic()
            try:
                await operation(rng, caller)
                times.append((time.monotonic() - began) * 1e6)
            except Exception:
                failed += 1

    await asyncio.gather(*(work(caller) for caller in range(callers)))
    seconds = time.monotonic() - start
    times.sort()

    def at(share):
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0

    return {
        "operations": len(times),
        "failed": failed,
        "seconds": seconds,
        "cpuSeconds": cpu_seconds() - cpu,
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
    }


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def unhex(text):
    return bytes.fromhex(text)


def end_of(c):
    return unhex(c["end"]) if c.get("end") else None


def limit_of(c):
    return c.get("limit") or 10000


def found(value):
    return {} if value is None else {"value": bytes(value).hex()}


def pairs(items):
    return {"pairs": [[bytes(key).hex(), bytes(value).hex()] for key, value in items]}


def kind_of(error):
    if isinstance(error, Unsupported):
        return "unsupported"
    text = str(error).lower()
    if "deadlock" in text and "deadlock: none" not in text:
        return "deadlock"
    if "conflict: some" in text:
        return "conflict"
    if "already_exist: some" in text:
        return "exists"
    return "locked" if "lock" in text else ""


async def main():
    session = Session(sys.argv[1:])
    for line in sys.stdin:
        try:
            answer = {"ok": True, **await session.run(json.loads(line))}
        except Exception as error:
            answer = {"ok": False, "error": str(error), "kind": kind_of(error)}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
