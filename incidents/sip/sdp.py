"""What a call offers and accepts as audio: the little of SDP (RFC 8866, RFC 3264) that a probe needs."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import number

MAX_LINES = 200
PCMU, PCMA = 0, 8
_PORT, _PAYLOAD = 65_535, 127
_AUDIO = re.compile(r"audio (\d{1,5})(?:/\d+)? RTP/AVP ((?:\d{1,3} ?){1,64})")


@dataclass(frozen=True, slots=True)
class Audio:
    """Where the peer wants its audio, in which payload type, and whether it will send any itself."""

    ip: str
    port: int
    payload: int
    sends: bool


def offer(ip: str, port: int) -> bytes:
    """PCMU or PCMA, in packets of 20 ms, at this address."""
    family = "IP6" if ":" in ip else "IP4"
    lines = (
        "v=0",
        f"o=- 1 1 IN {family} {ip}",
        "s=-",
        f"c=IN {family} {ip}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {PCMU} {PCMA}",
        f"a=rtpmap:{PCMU} PCMU/8000",
        f"a=rtpmap:{PCMA} PCMA/8000",
        "a=ptime:20",
        "a=sendrecv",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def read_audio(body: bytes) -> Audio:
    """The first audio stream of an answer.

    Raises:
        MalformedMessage: it is no SDP, has no audio that we offered, or no address that we can send to.
    """
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_LINES or lines[0] != "v=0":
        raise MalformedMessage("the answer is no SDP" if lines[0] != "v=0" else "an SDP of too many lines")
    place = direction = ""
    found: re.Match[str] | None = None
    for line in lines:
        kind, _, value = line.partition("=")
        if kind == "m" and found is not None:
            break
        if kind == "m":
            found = _AUDIO.fullmatch(value.strip())
        elif kind == "c":
            place = value
        elif kind == "a" and value in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction = value
    if found is None:
        raise MalformedMessage("the answer has no audio of ours")
    return Audio(_address(place), *_stream(found), sends=direction not in ("recvonly", "inactive"))


def _stream(found: re.Match[str]) -> tuple[int, int]:
    port = number(found[1], what="the port of the audio", limit=_PORT)
    payloads = [number(each, what="a payload type", limit=_PAYLOAD) for each in found[2].split()]
    ours = [payload for payload in payloads if payload in (PCMU, PCMA)]
    if not port or not ours:
        raise MalformedMessage("the answer refuses our audio")
    return port, ours[0]


def _address(text: str) -> str:
    parts = text.split()
    try:
        return str(ip_address(parts[2].partition("/")[0]))
    except (IndexError, ValueError):
        raise MalformedMessage("the answer names no address for its audio") from None
