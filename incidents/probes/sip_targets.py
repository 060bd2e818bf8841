"""What a SIP probe is pointed at: `sip:host[:port]`, `host[:port]`, an IPv6 address in brackets or bare."""

import re
from dataclasses import dataclass
from functools import lru_cache

from incidents.probes.config import ConfigError
from incidents.sip.errors import MalformedMessage
from incidents.sip.resolution import bracketed, is_ip
from incidents.sip.uri import parse_sip_uri

MAX_TARGET = 255
REMEMBERED = 16_384
PORT = 5060
TLS_PORT = 5061

_LABELS = re.compile(r"(?!.*\.\.)[A-Za-z0-9_]([A-Za-z0-9._\-]{0,252})")


@dataclass(frozen=True, slots=True)
class SipTarget:
    """Where to send and what to ask for; `port` is None where the target names none."""

    user: str
    host: str
    port: int | None

    def port_over(self, transport: str) -> int:
        """The port to use: the target's own, or the transport's default (RFC 3261 section 19.1.2)."""
        return self.port or (TLS_PORT if transport == "tls" else PORT)

    @property
    def uri(self) -> str:
        """The Request-URI."""
        place = bracketed(self.host) + (f":{self.port}" if self.port else "")
        return f"sip:{self.user}@{place}" if self.user else f"sip:{place}"


@lru_cache(maxsize=REMEMBERED)
def read_target(text: str) -> SipTarget:
    """The target a person typed; remembered, since each run asks several times.

    Raises:
        ConfigError: for the field `target`, with what is wrong in a sentence.
    """
    target = text.strip()
    if not target:
        raise ConfigError("target", "is empty; write sip:host or host:port")
    if len(target) > MAX_TARGET or not target.isascii() or not target.isprintable():
        raise ConfigError("target", f"must be at most {MAX_TARGET} printable ASCII characters")
    if is_ip(target):
        return SipTarget("", target, None)
    try:
        uri = parse_sip_uri(target if target.lower().startswith(("sip:", "sips:")) else f"sip:{target}")
    except MalformedMessage as error:
        raise ConfigError("target", f"{error}; write sip:host or host:port") from error
    if uri.parameters or uri.headers:
        raise ConfigError("target", "must carry no parameters; choose the transport by its option")
    if uri.scheme == "sips":
        raise ConfigError("target", "write sip: and choose the transport tls")
    if ":" in uri.user:
        raise ConfigError("target", "must carry no password")
    return SipTarget(uri.user, _host(uri.host), uri.port)


def _host(host: str) -> str:
    if host.startswith("["):
        host = host[1:-1]
        if is_ip(host) and ":" in host:
            return host
        raise ConfigError("target", "the IPv6 address is malformed")
    if not _LABELS.fullmatch(host):
        raise ConfigError("target", "the host name is malformed")
    return host
