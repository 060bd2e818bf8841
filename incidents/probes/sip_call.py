"""The kind `sip_call`: does a call connect, and does audio come back (RFC 3261 section 13, RFC 3550)?

It calls a number that echoes, or one that speaks. A call that connects in silence is the worst kind of outage: every
other check of the server stays green.
"""

from dataclasses import dataclass, field, fields

from incidents.domain.outcomes import Outcome
from incidents.probes import sip_options
from incidents.probes.config import Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.results import Result
from incidents.probes.sip_calling import Call, Heard, Order
from incidents.probes.sip_exchange import COSTS, Answer, Exchange, Route, Transport
from incidents.probes.sip_targets import read_target
from incidents.probes.sip_verdicts import failure, verdict
from incidents.sip.digest import Credentials, NoUsableChallenge
from incidents.sip.errors import SipFailure
from incidents.sip.resolution import Family
from incidents.sip.tls import TlsSettings

_HELP = {item.name: str(item.metadata["help"]) for item in fields(sip_options.Config)}
_UNAUTHORIZED, _PROXY_UNAUTHORIZED, _REFUSAL = 401, 407, 300


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `sip_call`."""

    transport: Transport = field(default="udp", metadata=described(_HELP["transport"]))
    username: str = field(
        default="", metadata=described("The account to call with, where the server asks for one.")
    )
    password: str = field(default="", metadata=described("The account's password.", secret=True))
    packets: int = field(
        default=50, metadata=described("Packets of audio to send, 20 ms each.", minimum=5, maximum=500)
    )
    loss_percent: float = field(
        default=5.0, metadata=described("More lost packets than this are degraded.", minimum=0, maximum=100)
    )
    jitter_ms: float = field(
        default=30.0, metadata=described("More jitter than this is degraded.", minimum=1, maximum=1000)
    )
    deadline_seconds: float = field(
        default=15.0,
        metadata=described("The time for everything, ringing included.", minimum=0.5, maximum=40),
    )
    server_name: str = field(default="", metadata=described(_HELP["server_name"]))
    ca_file: str = field(default="", metadata=described(_HELP["ca_file"], maximum=1024, names=Names.FILE))
    verify_tls: bool = field(default=True, metadata=described(_HELP["verify_tls"]))
    family: Family = field(default="any", metadata=described(_HELP["family"]))


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    return f"Call {config.transport.upper()}"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    return f"Calls over {config.transport.upper()}"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    place = read_target(target)
    return place.host.lower(), place.port_over(config.transport)


def cost(config: Config) -> Cost:
    """What a run costs the server: a call is never one of fifty."""
    return Cost.HANDSHAKE if COSTS[config.transport] == Cost.HANDSHAKE else Cost.CONNECTION


async def probe(target: str, config: Config) -> Result:
    """Call once.

    Raises:
        ConfigError: the target is none.
    """
    evidence, place = Evidence(), read_target(target)
    settings = TlsSettings(config.server_name or place.host, config.verify_tls, config.ca_file)
    exchange = Exchange(
        place, Route(config.transport, config.family, settings, config.deadline_seconds), evidence
    )
    order = Order(place.uri, Credentials(config.username, config.password), config.packets)
    try:
        heard = await exchange.converse(lambda line: Call(line, order, evidence).run())
    except NoUsableChallenge as error:
        return evidence.result(Outcome.AUTH_FAILED, str(error))
    except SipFailure as error:
        return failure(
            evidence, error, retransmissions=exchange.retransmissions, subject=settings.server_name
        )
    return _judge(evidence, exchange, heard, config)


def _judge(evidence: Evidence, exchange: Exchange, heard: Heard, config: Config) -> Result:
    response = heard.response
    answer = Answer(response, exchange.retransmissions, tuple(exchange.refused))
    answered = verdict(evidence, answer, ("2xx",))
    if response.code >= _REFUSAL and response.code not in (_UNAUTHORIZED, _PROXY_UNAUTHORIZED):
        return answered
    _note_facts(evidence, heard)
    outcome, words = _class_of(heard, config)
    if outcome == Outcome.OK and answered.outcome != Outcome.OK:
        outcome, words = answered.outcome, f"{answered.detail}; {words}"
    return evidence.result(
        outcome,
        words,
        code=response.code,
        server=response.server,
        retransmissions=exchange.retransmissions,
    )


def _class_of(heard: Heard, config: Config) -> tuple[Outcome, str]:
    """What a call that was answered, or refused for want of a proof, comes to."""
    response = heard.response
    if response.code >= _REFUSAL:
        return Outcome.AUTH_FAILED, f"{response.code} {response.reason}: the account is refused"
    if heard.fault:
        return Outcome.MALFORMED_REPLY, f"answered, but {heard.fault}"
    if not heard.received:
        why = "hung up at once" if heard.hung_up and not heard.sent else "no audio came back"
        return Outcome.ONE_WAY_AUDIO, f"answered, but {why} ({heard.sent} packets sent)"
    told = f"{heard.received} packets came back of {heard.sent}, jitter {heard.jitter_ms:.1f} ms"
    if heard.hung_up:
        return Outcome.DEGRADED, f"the peer hung up early: {told}"
    is_poor = heard.loss_percent > config.loss_percent or heard.jitter_ms > config.jitter_ms
    return Outcome.DEGRADED if is_poor else Outcome.OK, told


def _note_facts(evidence: Evidence, heard: Heard) -> None:
    evidence.fact("post_dial_ms", evidence.milliseconds("sip"))
    evidence.fact("packets_sent", heard.sent)
    evidence.fact("packets_received", heard.received)
    evidence.fact("loss_percent", heard.loss_percent)
    evidence.fact("jitter_ms", heard.jitter_ms)
    if heard.first_ms is not None:
        evidence.fact("first_packet_ms", heard.first_ms)


KIND = Kind(
    "sip_call",
    "SIP call",
    Config,
    probe,
    sip_options.check_target,
    facet,
    service,
    endpoint,
    cost,
    interval=300,
)
