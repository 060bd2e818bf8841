"""The kind `sip_register`: can a customer register with a password, and only with it (RFC 3261 sections 10, 22)?"""

import asyncio
import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, fields

from incidents.domain.outcomes import Outcome
from incidents.probes import sip_options
from incidents.probes.config import ConfigError, Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.results import Result
from incidents.probes.sip_exchange import COSTS, Answer, Exchange, Line, Route, Transport
from incidents.probes.sip_registration import Account, Registration, Unsatisfactory
from incidents.probes.sip_targets import SipTarget, read_target
from incidents.probes.sip_verdicts import failure, verdict
from incidents.sip.digest import Credentials, NoUsableChallenge
from incidents.sip.errors import SipFailure
from incidents.sip.message import Response
from incidents.sip.requests import Binding
from incidents.sip.resolution import Family, bracketed
from incidents.sip.tls import TlsSettings

# Nothing is ever to be sent to the probe's contact: a name that never resolves (RFC 2606), as browsers' clients use.
CONTACT_HOST = "dialtone.invalid"
_USER = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,%]{1,128}")
_HELP = {item.name: str(item.metadata["help"]) for item in fields(sip_options.Config)}


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `sip_register`."""

    username: str = field(
        default="",
        metadata=described(
            "The account's user: use one that is the probe's alone and may not call.", required=True
        ),
    )
    password: str = field(default="", metadata=described("The account's password.", secret=True))
    auth_username: str = field(
        default="", metadata=described("The name to sign in with, where it is another. Empty: the user.")
    )
    domain: str = field(
        default="", metadata=described("The domain of the account. Empty: the target's own host.")
    )
    transport: Transport = field(default="udp", metadata=described(_HELP["transport"]))
    deadline_seconds: float = field(
        default=5.0, metadata=described(_HELP["deadline_seconds"], minimum=0.5, maximum=30)
    )
    expires_seconds: int = field(
        default=60, metadata=described("How long the registration would last.", minimum=10, maximum=3600)
    )
    check_challenge: bool = field(
        default=True, metadata=described("Whether a registration without a password must be refused.")
    )
    check_wrong_password: bool = field(
        default=False,
        metadata=described(
            "Whether to try a wrong password as well, which must be refused. Some servers lock the account."
        ),
    )
    server_name: str = field(default="", metadata=described(_HELP["server_name"]))
    ca_file: str = field(default="", metadata=described(_HELP["ca_file"], maximum=1024, names=Names.FILE))
    verify_tls: bool = field(default=True, metadata=described(_HELP["verify_tls"]))
    family: Family = field(default="any", metadata=described(_HELP["family"]))

    def __post_init__(self) -> None:
        """Refuse what cannot stand in a URI."""
        if self.username and not _USER.fullmatch(self.username):
            raise ConfigError("username", "must be the user part of a SIP URI; the domain has its own option")
        if self.domain:
            try:
                read_target(self.domain)
            except ConfigError as error:
                raise ConfigError("domain", error.message) from error


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    return f"REG {config.transport.upper()}"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    return f"Registrations over {config.transport.upper()}"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    place = read_target(target)
    return place.host.lower(), place.port_over(config.transport)


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    return COSTS[config.transport]


async def probe(target: str, config: Config) -> Result:
    """Register, see that the contact is there, un-register, see that it is gone.

    Raises:
        ConfigError: the target is none.
    """
    evidence = Evidence()
    place = read_target(target)
    settings = TlsSettings(
        config.server_name or config.domain or place.host, config.verify_tls, config.ca_file
    )
    exchange = Exchange(
        place, Route(config.transport, config.family, settings, config.deadline_seconds), evidence
    )
    account = _account(place, config)
    try:
        response = await exchange.converse(lambda line: _converse(line, account, config, evidence))
    except Unsatisfactory as ended:
        judged = _verdict(evidence, exchange, ended.response)
        if ended.outcome is None:
            return judged
        return evidence.result(
            ended.outcome,
            str(ended),
            code=ended.response.code,
            server=ended.response.server,
            retransmissions=exchange.retransmissions,
        )
    except NoUsableChallenge as error:
        return evidence.result(Outcome.AUTH_FAILED, str(error), retransmissions=exchange.retransmissions)
    except SipFailure as error:
        return failure(
            evidence, error, retransmissions=exchange.retransmissions, subject=settings.server_name
        )
    return _verdict(evidence, exchange, response)


async def _converse(line: Line, account: Account, config: Config, evidence: Evidence) -> Response:
    registration = Registration(line, account)
    try:
        response = await registration.register(must_challenge=config.check_challenge)
        evidence.fact("register_ms", evidence.milliseconds("sip"))
        await registration.leave(response)
        if config.check_wrong_password:
            await registration.try_password(secrets.token_urlsafe(12))
    except Unsatisfactory as ended:
        with suppress(SipFailure, Unsatisfactory):
            await registration.leave(ended.response)
        raise
    except (SipFailure, asyncio.CancelledError):
        registration.drop()
        raise
    finally:
        evidence.fact("bindings", registration.bindings)
    return response


def _verdict(evidence: Evidence, exchange: Exchange, response: Response) -> Result:
    return verdict(evidence, Answer(response, exchange.retransmissions, tuple(exchange.refused)), ("2xx",))


def _account(place: SipTarget, config: Config) -> Account:
    """Always the same contact for the same probe: what a killed run left behind is replaced, never multiplied."""
    domain = bracketed(read_target(config.domain).host if config.domain else place.host)
    port = f":{place.port}" if place.port and not config.domain else ""
    record = f"sip:{config.username}@{domain}"
    mark = hashlib.sha256(f"{place.uri} {config.transport} {record}".encode()).hexdigest()[:16]
    return Account(
        Credentials(config.auth_username or config.username, config.password),
        Binding(
            registrar=f"sip:{domain}{port}",
            record=record,
            contact=f"sip:dialtone-{mark}@{CONTACT_HOST}",
            call=f"{secrets.token_hex(12)}@{CONTACT_HOST}",
            tag=secrets.token_hex(6),
        ),
        config.expires_seconds,
    )


KIND = Kind(
    "sip_register",
    "SIP registration",
    Config,
    probe,
    sip_options.check_target,
    facet,
    service,
    endpoint,
    cost,
)
