"""The kind `http_get`: does a web page or API answer GET as it should (RFC 9110 section 9.3.1)?"""

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from incidents.domain.outcomes import Outcome
from incidents.probes.config import ConfigError, Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.resolving import resolve_target
from incidents.probes.results import Result
from incidents.probes.sip_targets import read_target
from incidents.probes.sip_verdicts import failure, is_expected, read_codes
from incidents.probes.web_question import Question, Reply
from incidents.sip.errors import SipFailure
from incidents.sip.resolution import Family, bracketed
from incidents.sip.tls import TlsSettings

MAX_TARGET = 255
_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*)://", re.IGNORECASE)
_CLIENT_ERROR, _REQUEST_TIMEOUT, _SERVER_ERROR = 400, 408, 500


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `http_get`."""

    expected_codes: str = field(
        default="2xx",
        metadata=described("Status codes or classes that are healthy, such as 2xx or 200, 404."),
    )
    expect: str = field(
        default="",
        metadata=described(
            "Text that the first million bytes of the body must contain. Empty: any body will do."
        ),
    )
    deadline_seconds: float = field(
        default=10.0,
        metadata=described(
            "The time for everything, from the name to the last byte.", minimum=0.5, maximum=40
        ),
    )
    server_name: str = field(
        default="",
        metadata=described("The site to ask for (Host, SNI) and to be proved. Empty: the target's own host."),
    )
    ca_file: str = field(
        default="",
        metadata=described(
            "https: a PEM file on the prober of issuers to trust as well.", maximum=1024, names=Names.FILE
        ),
    )
    verify_tls: bool = field(
        default=True,
        metadata=described("https: check the certificate's chain, dates and name. Off: any will do."),
    )
    family: Family = field(default="any", metadata=described("Which addresses of the target's name to use."))

    def __post_init__(self) -> None:
        """Refuse codes and names that are none."""
        read_codes("expected_codes", self.expected_codes)
        if self.server_name:
            try:
                named = read_target(self.server_name)
            except ConfigError as error:
                raise ConfigError("server_name", error.message) from error
            if named.port or named.user:
                raise ConfigError("server_name", "must be a name alone")


def read_url(target: str) -> SplitResult:
    """The URL a person typed; a bare host or host:port is asked by http.

    Raises:
        ConfigError: for the field `target`, with what is wrong in a sentence.
    """
    text = target.strip()
    if len(text) > MAX_TARGET or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError("target", f"must be a URL of at most {MAX_TARGET} printable ASCII characters")
    try:
        url = urlsplit(text if _SCHEME.match(text) else f"http://{text}")
        port = url.port
    except ValueError as error:
        raise ConfigError("target", f"is no URL: {error}") from error
    if url.scheme not in _PORTS:
        raise ConfigError("target", "write http:// or https://")
    if "@" in url.netloc:
        raise ConfigError("target", "must carry no user or password")
    read_target(f"{bracketed(url.hostname or '')}:{port or _PORTS[url.scheme]}")
    return url


def check_target(target: str) -> None:
    """Raise `ConfigError` for a target that is none."""
    read_url(target)


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    del config
    return "Web"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    del config
    return "The web page"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    del config
    url = read_url(target)
    return url.hostname or "", url.port or _PORTS[url.scheme]


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    del config
    return Cost.CONNECTION


async def probe(target: str, config: Config) -> Result:
    """Ask once.

    Raises:
        ConfigError: the target is none.
    """
    evidence, url = Evidence(), read_url(target)
    deadline = asyncio.get_running_loop().time() + config.deadline_seconds
    host, port = endpoint(target, config)
    try:
        found = await resolve_target(host, port, family=config.family, evidence=evidence, deadline=deadline)
        name = config.server_name or (url.hostname or "").lower()
        tls = TlsSettings(name, config.verify_tls, config.ca_file) if url.scheme == "https" else None
        question = Question(url, config.server_name, tls, wants_body=bool(config.expect))
        # Only here: aiohttp takes longer to load than all the rest, and most probes do without it.
        from incidents.probes.web_asking import get  # noqa: PLC0415

        return _judge(await get(question, found, evidence=evidence, deadline=deadline), config, evidence)
    except SipFailure as error:
        return failure(evidence, error, subject=config.server_name or host)


def _judge(response: Reply, config: Config, evidence: Evidence) -> Result:
    said = f"{response.status} {response.reason or ''}".strip()
    server = response.headers.get("Server", "")
    for name in ("Location", "Content-Type", "Retry-After"):
        if name in response.headers:
            evidence.note(f"{name}: {response.headers[name]}")

    def result(outcome: Outcome, words: str) -> Result:
        return evidence.result(outcome, words, code=response.status, server=server)

    if is_expected(response.status, read_codes("expected_codes", config.expected_codes)):
        if config.expect.encode() in response.body:
            return result(Outcome.OK, said)
        return result(Outcome.WRONG_REPLY, f"{said}, but without the text that is expected")
    if response.status == _REQUEST_TIMEOUT or response.status >= _SERVER_ERROR:
        return result(Outcome.ERROR_CODE, said)
    if response.status < _CLIENT_ERROR and "Location" in response.headers:
        return result(Outcome.DEGRADED, f"{said}: leads to {response.headers['Location']}, not followed")
    return result(Outcome.DEGRADED, f"{said}, expected {config.expected_codes}")


KIND = Kind(
    "http_get",
    "Web page",
    Config,
    probe,
    check_target,
    facet,
    service,
    endpoint,
    cost,
)
