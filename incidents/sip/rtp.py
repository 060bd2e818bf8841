"""Audio packets, and what is lost and late of them (RFC 3550 sections 5.1, 6.4.1 and A.8)."""

import struct
from dataclasses import dataclass, field

from incidents.sip.errors import MalformedMessage

_HEADER = struct.Struct("!BBHII")
_VERSION_2, _VERSION_MASK = 0x80, 0xC0
_SEQUENCES = 1 << 16
SAMPLES = 160
"""Of one packet: 20 ms at 8,000 Hz."""
SECONDS = 0.02
_PER_MS = 8
_SMOOTHING = 16


@dataclass(frozen=True, slots=True)
class Packet:
    """The header of one packet."""

    payload: int
    sequence: int
    timestamp: int
    source: int


def build(packet: Packet) -> bytes:
    """The packet with 20 ms of near silence, which no codec suppresses as empty."""
    sound = bytes((0xFF, 0x7F, 0xFE, 0x7E)) * (SAMPLES // 4)
    head = _HEADER.pack(
        _VERSION_2, packet.payload, packet.sequence % _SEQUENCES, packet.timestamp % (1 << 32), packet.source
    )
    return head + sound


def read(data: bytes) -> Packet:
    """The header of a packet.

    Raises:
        MalformedMessage: it is no RTP.
    """
    if len(data) < _HEADER.size:
        raise MalformedMessage("too short for RTP")
    first, second, sequence, timestamp, source = _HEADER.unpack_from(data)
    if first & _VERSION_MASK != _VERSION_2:
        raise MalformedMessage("another version of RTP")
    return Packet(second & 0x7F, sequence, timestamp, source)


@dataclass
class Heard:
    """Counts one stream: the first source that speaks. Times are milliseconds of any clock."""

    source: int | None = None
    sequences: set[int] = field(default_factory=set)
    jitter_ms: float = 0.0
    first_ms: float | None = None
    _transit: float | None = None

    def add(self, packet: Packet, at_ms: float) -> None:
        """One packet came; strange sources and repetitions count for nothing."""
        self.source = packet.source if self.source is None else self.source
        if packet.source != self.source or packet.sequence in self.sequences:
            return
        self.sequences.add(packet.sequence)
        self.first_ms = at_ms if self.first_ms is None else self.first_ms
        transit = at_ms - packet.timestamp / _PER_MS
        if self._transit is not None:
            self.jitter_ms += (abs(transit - self._transit) - self.jitter_ms) / _SMOOTHING
        self._transit = transit

    def lost_percent(self, sent: int, own: int) -> float:
        """Of an echo of our source `own`, what did not come back of what was sent; of another, the gaps in it."""
        if not self.sequences:
            return 100.0
        spread = max(self.sequences) - min(self.sequences) + 1
        expected = sent if self.source == own else min(spread, _SEQUENCES // 2)
        return max(0.0, 100.0 * (1 - len(self.sequences) / max(1, expected)))
