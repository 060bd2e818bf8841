"""What one TLS server shows to each of many names, two handshakes at a time (RFC 6066 section 3)."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary, WeakValueDictionary

from incidents.probes.held_up import HELD_UP_SECONDS
from incidents.sip.errors import LocalFault, NoReply, SipFailure, Stalled
from incidents.sip.resolution import Endpoint
from incidents.sip.tls import Secured, TlsSettings, look, secure
from incidents.sip.transport import StreamWire, open_stream

AT_ONCE = 2
"""A server that is ill may die of more: Debian's Kamailio 5.6 does at twenty (kamailio #3791)."""
HANDSHAKE_SECONDS = 5.0
GIVE_UP_AFTER = 3
"""So many names that nobody answered, and none that somebody did: the server is silent to all of them."""

_PERMITS: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[Endpoint, asyncio.Semaphore]] = (
    WeakKeyDictionary()
)
"""Of every server that is being swept, so that two probes of one server do not add up."""


class Sweep:
    """The handshakes of one probe with one server, until `deadline` (loop time)."""

    def __init__(self, endpoint: Endpoint, settings: TlsSettings, *, deadline: float) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._permits = _permits(self._loop, endpoint)
        self._usual = min(HANDSHAKE_SECONDS, deadline - self._loop.time())
        self._found: dict[str, Secured | SipFailure] = {}
        self._fault: LocalFault | None = None
        self._silent: set[str] = set()

    async def ask(self, names: Iterable[str]) -> Mapping[str, Secured | SipFailure]:
        """What each name was shown; one that got no turn, or less time than others, is not there.

        A name whose handshake was not answered is asked once more at the end: a server that has just started is slow.

        Raises:
            LocalFault: nobody could be asked.
        """
        late = await self._round(list(dict.fromkeys(names)))
        if late:
            await self._round(late)
        if not self._found:
            raise self._fault or LocalFault("no time was left for a handshake")
        return self._found

    async def look(self, name: str) -> Secured:
        """What a client that verifies nothing is shown.

        Raises:
            SipFailure: not even that worked.
            TimeoutError: nothing came until the deadline.
        """
        async with asyncio.timeout_at(self._deadline), self._permits:
            return await look(self._endpoint, name)

    async def _round(self, names: list[str]) -> list[str]:
        """Ask for each name; who should be asked again."""
        late: list[str] = []
        turns = iter(names)
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._take(turns, late))
        return late

    async def _take(self, turns: Iterator[str], late: list[str]) -> None:
        for name in turns:
            if len(self._silent) == len(self._found) >= GIVE_UP_AFTER:
                return
            try:
                async with asyncio.timeout_at(self._deadline):
                    await self._permits.acquire()
            except TimeoutError:
                return
            try:
                self._found[name] = await self._shake(name)
                self._silent.discard(name)
            except LocalFault as error:
                self._fault = error
                late.append(name)
            except (NoReply, Stalled) as error:
                self._found[name] = error
                self._silent.add(name)
                late.append(name)
            except SipFailure as error:
                self._found[name] = error
                self._silent.discard(name)
            except TimeoutError:
                return
            finally:
                self._permits.release()

    async def _shake(self, name: str) -> Secured:
        """Connect, shake hands, leave.

        Raises:
            SipFailure: Refused, NoReply, Stalled, HandshakeFailed, CertificateRejected or LocalFault.
            TimeoutError: the deadline came so early that silence means nothing.
        """
        wire = None
        ends = self._loop.time() + self._usual
        try:
            async with asyncio.timeout_at(min(ends, self._deadline)):
                wire = await open_stream(self._endpoint)
                return await secure(wire, replace(self._settings, server_name=name))
        except TimeoutError:
            raise self._silence(wire, ends) from None
        finally:
            if wire is not None:
                wire.close()

    def _silence(self, wire: StreamWire | None, ends: float) -> Exception:
        held_up = self._loop.time() - min(ends, self._deadline)
        if held_up > HELD_UP_SECONDS:
            return LocalFault(f"the prober itself was held up for {held_up:.1f} s")
        if self._deadline < ends - self._usual / 2:
            return TimeoutError()
        if wire is None:
            return NoReply("no connection in time")
        return Stalled("accepted the connection, TLS handshake never answered")


def _permits(loop: asyncio.AbstractEventLoop, endpoint: Endpoint) -> asyncio.Semaphore:
    known = _PERMITS.setdefault(loop, WeakValueDictionary())
    return known.setdefault(endpoint, asyncio.Semaphore(AT_ONCE))
