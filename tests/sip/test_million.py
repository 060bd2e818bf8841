"""A million damaged inputs: no error but our own, none that costs 5 ms, and memory that stays as it is."""

import multiprocessing
import random
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from incidents.sip.addresses import parse_address
from incidents.sip.digest import choose
from incidents.sip.errors import SipFailure
from incidents.sip.framing import StreamFramer
from incidents.sip.headers import Headers
from incidents.sip.parser import parse_datagram
from incidents.sip.uri import parse_sip_uri
from incidents.sip.via import parse_via
from tests.sip.test_mutations import damage
from tests.sip.test_rfc4475 import INVALID, TOLERATED, VALID

pytestmark = pytest.mark.slow
INPUTS = 1_000_000
PROCESSES = 2
MOST_SECONDS = 0.005
MOST_GROWTH = 20 * 1024
"""Kilobytes; the interpreter itself breathes by a few thousand."""
CHALLENGE = (
    b'Digest realm="a, b", nonce="1", algorithm=MD5, qop="auth,auth-int", stale=TRUE, Digest realm="r",'
    b' nonce="\\"2", algorithm=SHA-256, opaque=""'
)
WARM_UP = 2000


def _text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "replace"))


def _stream(data: bytes) -> None:
    framer = StreamFramer()
    for start in range(0, len(data), 300):
        framer.feed(data[start : start + 300])


READERS: Mapping[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]] = {
    "datagrams": (
        lambda data: parse_datagram(data).identifiers,
        (*VALID.values(), *INVALID.values(), *TOLERATED.values()),
    ),
    "streams": (_stream, tuple(TOLERATED.values())),
    "challenges": (
        _text(lambda text: choose(Headers([("WWW-Authenticate", text)]), "WWW-Authenticate")),
        (CHALLENGE,),
    ),
    "Vias": (_text(parse_via), (b"SIP / 2.0 / TLS [::1] : 5061 ; rport ; branch=z9hG4bK1;received=::1",)),
    "addresses": (
        _text(parse_address),
        (b'"A \\" B" <sip:x@[2001:db8::1]:5061;lr?a=b>;tag=1;q="0.5"', b"sip:a@b;tag=2"),
    ),
    "URIs": (_text(parse_sip_uri), (b"sips:a;b=c:d%40e@host.example:5061;transport=tls?Subject=x",)),
}


@dataclass
class Found:
    """What one process saw."""

    inputs: int = 0
    read: int = 0
    slowest: float = 0.0
    grown: int = 0
    faults: tuple[str, ...] = ()


def _spent(read: Callable[[bytes], object], data: bytes) -> tuple[float, bool]:
    began = time.thread_time()
    try:
        read(data)
    except SipFailure:
        return time.thread_time() - began, False
    return time.thread_time() - began, True


def _try(seed: int) -> Found:
    chance, found = random.Random(seed), Found()
    kinds = list(READERS.items())
    memory = 0
    for number in range(INPUTS // PROCESSES):
        if number == WARM_UP:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        name, (read, corpus) = kinds[number % len(kinds)]
        data = damage(chance.choice(corpus), chance)
        try:
            spent, was_read = _spent(read, data)
            if (
                spent > MOST_SECONDS
            ):  # a collection of garbage, or a machine out of breath: the least of three counts
                spent = min(spent, *(_spent(read, data)[0] for _ in range(2)))
        except Exception as error:  # noqa: BLE001  (that is what is looked for)
            found.faults += (f"{name}: {type(error).__name__}: {error}: {data!r}"[:500],)
            continue
        found.inputs += 1
        found.read += was_read
        found.slowest = max(found.slowest, spent)
    found.grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    return found


def test_a_million_damaged_inputs_raise_nothing_of_their_own_and_cost_little() -> None:
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        found = pool.map(_try, range(PROCESSES))
    total = sum(each.inputs for each in found)
    slowest, grown = max(each.slowest for each in found), max(each.grown for each in found)
    print(
        f"{total:,} inputs in {time.monotonic() - began:.0f} s, {sum(each.read for each in found):,} of them read; "
        f"the slowest took {slowest * 1000:.2f} ms; memory grew by {grown} kB"
    )
    assert [fault for each in found for fault in each.faults][:5] == []
    assert total == INPUTS
    assert slowest < MOST_SECONDS
    assert grown < MOST_GROWTH
