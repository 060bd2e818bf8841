"""What a probe hands back: its verdict, the times by layer and the evidence for it (DESIGN 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from incidents.domain.outcomes import Health, Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """One run of one probe; every text in it is printable, masked and bounded.

    `code` is the SIP status of the reply, or OpenSSL's verify code for tls_verify. `times` are milliseconds
    by layer (dns, connect, tls, sip, media, total), present only for the layers that were reached. `facts` are the
    numbers that a kind measures besides: days_left, loss_percent, jitter_ms, checked, bad. `subject` is whose
    trouble it is in words of our own configuration, such as a domain; it may be said in public.
    """

    outcome: Outcome
    health: Health
    detail: str
    code: int | None = None
    server: str = ""
    times: Mapping[str, float] = field(default_factory=dict)
    retransmissions: int = 0
    trace: tuple[str, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)
    subject: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "outcome": self.outcome.value,
            "health": self.health.value,
            "detail": self.detail,
            "code": self.code,
            "server": self.server,
            "times": dict(self.times),
            "retransmissions": self.retransmissions,
            "trace": list(self.trace),
            "facts": dict(self.facts),
            "subject": self.subject,
        }
