"""The kind `certificate_store`: are the certificate files that a server will load at its next start sound?

Each file is asked of OpenSSL and of cryptography; with `served_at` also whether the running server shows what is on
disk: a reload that was refused leaves the old set being served, and nobody notices until the next restart.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from incidents.domain.outcomes import Outcome
from incidents.probes.certificate_files import SUFFIXES, Look, Store, lint_store
from incidents.probes.config import ConfigError, Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.results import Result
from incidents.probes.served_certificates import Compared, compare
from incidents.probes.shown_certificates import days_left
from incidents.probes.sip_targets import read_target
from incidents.probes.sip_verdicts import failure
from incidents.sip.errors import SipFailure
from incidents.sip.flaws import LADDER
from incidents.sip.lint import Linted

MAX_PATH = 255
_NAMED = 3
_NOTED = 40


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `certificate_store`."""

    served_at: str = field(
        default="",
        metadata=described(
            "host:port of the server that loads these files, to compare with what it shows.",
            names=Names.ADDRESS,
        ),
    )
    ca_file: str = field(
        default="",
        metadata=described(
            "A PEM file on the prober of issuers, to check signatures against.",
            maximum=1024,
            names=Names.FILE,
        ),
    )
    suffixes: tuple[str, ...] = field(
        default=(),
        metadata=described(
            f"Which files to look at, by the end of their names. Empty: {', '.join(SUFFIXES)}.", maximum=20
        ),
    )
    check_keys: bool = field(
        default=True,
        metadata=described(
            "Whether each certificate's key must be there and fit; off if it is kept elsewhere."
        ),
    )
    warn_days: int = field(
        default=LADDER[0],
        metadata=described(
            "From so many days before its end a certificate is a warning, again at 14, 7, 3 and 1.",
            minimum=1,
            maximum=365,
        ),
    )
    deadline_seconds: float = field(
        default=30.0, metadata=described("The time for everything.", minimum=0.5, maximum=40)
    )

    def __post_init__(self) -> None:
        """Refuse a server that is none, and suffixes."""
        if not all(suffix.startswith(".") and suffix.strip(".").isalnum() for suffix in self.suffixes):
            raise ConfigError("suffixes", "must each be a dot and letters, such as .pem")
        if self.served_at:
            try:
                read_target(self.served_at)
            except ConfigError as error:
                raise ConfigError("served_at", error.message) from error


def check_target(target: str) -> None:
    """Raise `ConfigError` for what is no absolute path."""
    path = target.strip()
    if not path.startswith("/") or not path.isprintable() or len(path) > MAX_PATH or ".." in Path(path).parts:
        raise ConfigError("target", "must be the absolute path of a directory or PEM file on the prober")


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    del config
    return "Files"


def service(config: Config) -> str:
    """What customers would lose."""
    del config
    return "Certificate files"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """The server that it burdens; without one, nobody."""
    if not config.served_at:
        return target.strip(), 0
    place = read_target(config.served_at)
    return place.host.lower(), place.port_over("tls")


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    return Cost.HANDSHAKE if config.served_at else Cost.NOTHING


async def probe(target: str, config: Config) -> Result:
    """Look at every file once.

    Raises:
        ConfigError: the target is none.
    """
    check_target(target)
    evidence = Evidence()
    deadline = asyncio.get_running_loop().time() + config.deadline_seconds
    look = Look(
        Path(target.strip()),
        ca_file=config.ca_file,
        suffixes=config.suffixes or SUFFIXES,
        warn_days=config.warn_days,
        keys=config.check_keys,
    )
    try:
        with evidence.timed("files"):
            store = await lint_store(look, deadline=deadline)
    except SipFailure as error:
        return failure(evidence, error)
    compared = Compared()
    if config.served_at:
        compared = await compare(store.checked, config.served_at, evidence=evidence, deadline=deadline)
    return _judge(evidence, store, compared, config.warn_days)


def _judge(evidence: Evidence, store: Store, compared: Compared, warn_days: int) -> Result:
    bad, odd, stale = store.bad, store.odd, compared.stale
    _note(evidence, store, compared, warn_days)
    if bad:
        hidden = any(each in stale for each in bad)
        latent = "the server still shows an older one and may fail at its next start; " if hidden else ""
        return evidence.result(Outcome.BAD_CERTIFICATE, latent + _told(bad, store), subject=_whose(bad[0]))
    if not store.checked or not store.is_whole:
        words = f"looked at {len(store.checked)} files only" if store.checked else "holds no certificate file"
        return evidence.result(Outcome.WARNING, words)
    if stale:
        words = (
            f"{len(stale)} of {len(store.checked)} files are not what the server shows: {_whose(stale[0])}"
        )
        return evidence.result(Outcome.WARNING, words, subject=_whose(stale[0]))
    if odd:
        return evidence.result(Outcome.WARNING, _told(odd, store), subject=_whose(odd[0]))
    sound = f"all {len(store.checked)} certificate files are sound"
    if compared.trouble or store.closed:
        but = compared.trouble or f"{store.closed[0]} may not be looked into"
        return evidence.result(Outcome.WARNING, f"{sound}, but {but}")
    return evidence.result(Outcome.OK, sound)


def _note(evidence: Evidence, store: Store, compared: Compared, warn_days: int) -> None:
    evidence.fact("checked", len(store.checked))
    evidence.fact("bad", len(store.bad))
    evidence.fact("differing", len(compared.stale))
    ends = [each.not_after for each in store.checked if each.not_after]
    if ends:
        days_left(evidence, min(ends), at=datetime.now(UTC), warn_days=warn_days)
    if compared.trouble:
        evidence.note(compared.trouble)
    for folder in store.closed[:_NAMED]:
        evidence.note(f"{folder} may not be looked into")
    for each in (*store.bad, *store.odd)[:_NOTED]:
        evidence.note(f"{each.file.name}: {each.words}")
    for each in compared.stale[:_NOTED]:
        evidence.note(f"{each.file.name}: the server shows another certificate for {each.domain}")


def _told(files: Sequence[Linted], store: Store) -> str:
    each = list(dict.fromkeys(f"{_whose(file)}: {file.words}" for file in files))
    count = len({file.file for file in files})
    return f"{count} of {len(store.checked)} files: {'; '.join(each[:_NAMED])}"


def _whose(file: Linted) -> str:
    return file.domain or file.file.name


KIND = Kind(
    "certificate_store",
    "Certificate files",
    Config,
    probe,
    check_target,
    facet,
    service,
    endpoint,
    cost,
    announces=False,
    interval=600,
)
