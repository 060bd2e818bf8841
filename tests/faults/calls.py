"""Rows: a number that is called; SIPp as Debian has it, and one of our own that does one thing wrong."""

from collections.abc import Iterator
from pathlib import Path

from incidents.sip.message import Request
from tests.faults.table import Ask, Rows, see
from tests.peers.calls import Change, Number, number_peer
from tests.peers.faults import ok
from tests.peers.programs import free_port
from tests.peers.sipp import sipp


async def calls(folder: Path) -> Rows:
    """Ten packets of audio, and two seconds for everything."""
    rows = {}
    for fault, echoes in (("none (SIPp)", True), ("SIPp answers, but is silent", False)):
        with sipp(folder, calls=10, echoes=echoes) as peer:
            rows[fault] = await _called(peer.port)
            while rows[fault]["sip_call"] == "refused":  # it has not started yet
                rows[fault] = await _called(peer.port)
    for fault, number in _numbers():
        async with number_peer(number) as own:
            rows[fault] = await _called(own.port)
    rows["nothing listens"] = await _called(free_port())
    return rows


async def _called(port: int) -> dict[str, str]:
    target = f"sip:echo@127.0.0.1:{port}"
    options = {"packets": 10, "deadline_seconds": 2}
    asks = [Ask("sip_call", target, options), Ask("sip_options", target, {"deadline_seconds": 1})]
    return await see(asks, tries=1)


def _numbers() -> Iterator[tuple[str, Number]]:
    yield "none", Number()
    yield "answers, but no audio comes back", Number(change=lambda _: None)
    yield "half of the audio is lost", Number(change=_every_other())
    yield "rings for ever", Number(answer=lambda request, own: _refusing(request, own, 180))
    for code in (404, 486, 503):
        yield (
            f"refuses calls with {code}",
            Number(
                answer=lambda request, own, code=code: _refusing(request, own, code)  # type: ignore[misc]
            ),
        )
    yield (
        "answers with audio that makes no sense",
        Number(answer=lambda request, own: own.honest(request, body=b"v=0\r\n")),
    )
    yield (
        "never answers the BYE",
        Number(answer=lambda request, own: [] if request.method == "BYE" else own.honest(request)),
    )
    yield "answers nothing", Number(answer=lambda *_: [])


def _refusing(request: Request, own: Number, code: int) -> list[bytes]:
    return [ok(request, code=code, reason="No")] if request.method == "INVITE" else own.honest(request)


def _every_other() -> Change:
    seen = iter(range(10_000))
    return lambda data: data if next(seen) % 2 else None
