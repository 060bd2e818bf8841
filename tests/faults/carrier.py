"""A SIP server of our own that does everything right: OPTIONS are answered, alice may register."""

from collections.abc import Sequence

from incidents.sip.message import Request
from tests.faults.table import Ask
from tests.peers.faults import ok
from tests.peers.hostile import Honest
from tests.peers.registrar import Registrar

ALICE = {"username": "alice", "password": "s3cret"}


def carrier() -> Honest:
    """A new one, to which nobody has registered."""
    registrar = Registrar()

    def reply(request: Request) -> Sequence[bytes]:
        return registrar.reply(request) if request.method == "REGISTER" else [ok(request)]

    return reply


def sip(port: int, transport: str, *, seconds: float = 1.0, **options: object) -> list[Ask]:
    """How the SIP kinds ask it."""
    given = {"transport": transport, "deadline_seconds": seconds, **options}
    target = f"127.0.0.1:{port}"
    return [
        Ask("sip_options", target, given, transport.upper()),
        Ask("sip_register", target, {**given, **ALICE}, transport.upper()),
    ]
