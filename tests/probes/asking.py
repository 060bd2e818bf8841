"""How the tests of a SIP probe ask."""

from incidents.probes.results import Result
from incidents.probes.running import run


async def ask(port: int, transport: str = "udp", *, seconds: float = 1.0, **options: object) -> Result:
    """One run of sip_options against loopback, with a deadline fit for tests."""
    given = {"transport": transport, "deadline_seconds": seconds, **options}
    return await run("sip_options", f"127.0.0.1:{port}", given)
