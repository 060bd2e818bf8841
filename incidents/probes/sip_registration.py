"""One registration from challenge to goodbye (RFC 3261 sections 10.2 and 22), over an open line."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from incidents.domain.outcomes import Outcome
from incidents.probes.sip_exchange import Line
from incidents.sip.addresses import parse_address
from incidents.sip.digest import Challenge, Credentials, choose
from incidents.sip.errors import MalformedMessage, NoReply, Stalled
from incidents.sip.grammar import number
from incidents.sip.message import Request, Response
from incidents.sip.requests import Binding, register

# Taking leave may outlast the deadline by so much: a contact left behind is a burden to the registrar.
LEAVE_SECONDS = 1.0
LONGEST_EXPIRES = 3600

UNAUTHORIZED, PROXY_UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_BRIEF = 401, 407, 403, 404, 423
_CHALLENGES = {
    UNAUTHORIZED: ("WWW-Authenticate", "Authorization"),
    PROXY_UNAUTHORIZED: ("Proxy-Authenticate", "Proxy-Authorization"),
}


class Unsatisfactory(Exception):
    """A reply ended the conversation; without an outcome it speaks for itself."""

    def __init__(self, response: Response, outcome: Outcome | None = None, words: str = "") -> None:
        super().__init__(words)
        self.response = response
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to register where, with which password, for how many seconds."""

    credentials: Credentials
    binding: Binding
    expires: int


class Registration:
    """Registers and takes its contact away again."""

    def __init__(self, line: Line, account: Account) -> None:
        self._line = line
        self._account = account
        self._sequence = 0
        self._challenge: Challenge | None = None
        self._header = ""
        self._uses = 0
        self._may_be_bound = False
        self.bindings = 0

    async def register(self, *, must_challenge: bool) -> Response:
        """Register with digest; the success.

        Raises:
            Unsatisfactory: it was refused, or accepted in a way that it must not be.
            SipFailure: no reply, or a challenge that we cannot answer.
        """
        first = await self._say(self._account.expires)
        if _is_success(first) and must_challenge:
            self._may_be_bound = True
            raise Unsatisfactory(first, Outcome.OPEN_DOOR, "registered without being asked for a password")
        response = await self._prove(first, self._account.expires)
        if response.code == TOO_BRIEF:
            longer = _longer(response)
            response = await self._prove(await self._say(longer), longer)
        if response.code in (*_CHALLENGES, FORBIDDEN, NOT_FOUND):
            raise Unsatisfactory(response, Outcome.AUTH_FAILED, f"{_said(response)}: the account is refused")
        if not _is_success(response):
            raise Unsatisfactory(response)
        self._may_be_bound = True
        if not self._is_listed(response):
            words = f"{_said(response)}, but our contact is not among those registered"
            raise Unsatisfactory(response, Outcome.WRONG_REPLY, words)
        return response

    async def try_password(self, wrong: str) -> None:
        """Register with a password that is none: it must be refused.

        Raises:
            Unsatisfactory: it was accepted.
            SipFailure: no reply.
        """
        account = self._account
        self._account = replace(account, credentials=replace(account.credentials, password=wrong))
        try:
            # A second try only for a new nonce: some registrars lock an account after a few wrong passwords.
            response = await self._prove(await self._say(account.expires), account.expires, tries=1)
        finally:
            self._account = account
        if _is_success(response):
            self._may_be_bound = True
            raise Unsatisfactory(response, Outcome.OPEN_DOOR, "a wrong password was accepted")

    async def leave(self, success: Response) -> None:
        """After this `success` take the contact away and see that it is gone; without a contact nothing is sent.

        Raises:
            Unsatisfactory: it was not taken away.
            SipFailure: the wire is gone.
        """
        if not self._may_be_bound:
            return
        self._may_be_bound = False
        try:
            response = await self._prove(await self._say(0), 0)
        except (NoReply, Stalled) as error:
            words = f"registered, but un-registering was not answered: {error}"
            raise Unsatisfactory(success, Outcome.DEGRADED, words) from error
        if not _is_success(response):
            words = f"registered, but not un-registered: {_said(response)}"
            raise Unsatisfactory(response, Outcome.DEGRADED, words)
        if self._is_listed(response):
            words = f"un-registered with {_said(response)}, but our contact is still there"
            raise Unsatisfactory(response, Outcome.DEGRADED, words)

    def drop(self) -> None:
        """Ask for the contact to be taken away without waiting for a reply."""
        if self._may_be_bound:
            self._may_be_bound = False
            self._line.wire.send(self._request(0).encode())

    async def _prove(self, response: Response, expires: int, *, tries: int = 2) -> Response:
        """Answer a challenge, and once more one with another nonce.

        Whether that one is called stale does not matter: Kamailio 5.6 does not say so when a nonce has run out.
        """
        for _ in range(tries):
            if response.code not in _CHALLENGES or not self._learn(response):
                break
            self._may_be_bound = self._may_be_bound or bool(expires)
            response = await self._say(expires)
        if response.code in _CHALLENGES:
            self._may_be_bound = False
        return response

    def _learn(self, response: Response) -> bool:
        """Keep the challenge; whether it is another one than we have just answered."""
        asked, self._header = _CHALLENGES[response.code]
        before, self._challenge = self._challenge, choose(response.headers, asked)
        is_new = before is None or self._challenge.nonce != before.nonce
        if is_new:
            self._uses = 0
        return is_new

    async def _say(self, expires: int) -> Response:
        deadline = self._line.deadline + (0 if expires else LEAVE_SECONDS)
        return await self._line.ask(self._request(expires), deadline=deadline)

    def _request(self, expires: int) -> Request:
        self._sequence += 1
        return register(
            self._account.binding,
            transport=self._line.transport,
            local=self._line.local,
            sequence=self._sequence,
            expires=expires,
            proof=list(self._proof()),
        )

    def _proof(self) -> Iterator[tuple[str, str]]:
        if self._challenge is not None:
            self._uses += 1
            registrar = self._account.binding.registrar
            yield (
                self._header,
                self._account.credentials.answer(
                    self._challenge, method="REGISTER", uri=registrar, count=self._uses
                ),
            )

    def _is_listed(self, response: Response) -> bool:
        """Whether our contact is among those that the registrar names (RFC 3261 section 10.3, step 8)."""
        contacts = response.headers.values("Contact")
        self.bindings = max(self.bindings, len(contacts))
        ours = self._account.binding.contact.lower()
        return any(_uri(contact) == ours for contact in contacts)


def _uri(contact: str) -> str:
    """The URI of a contact without its parameters; of one that is none, nothing."""
    with suppress(MalformedMessage):
        return parse_address(contact).uri.partition(";")[0].lower()
    return ""


def _longer(response: Response) -> int:
    """What Min-Expires asks for (RFC 3261 section 10.2.8), within reason."""
    try:
        return number(response.headers.only("Min-Expires"), what="Min-Expires", limit=LONGEST_EXPIRES)
    except MalformedMessage as error:
        raise Unsatisfactory(response, Outcome.DEGRADED, f"{_said(response)}: {error}") from None


def _is_success(response: Response) -> bool:
    return response.code // 100 == 2  # noqa: PLR2004  (the class 2xx)


def _said(response: Response) -> str:
    return f"{response.code} {response.reason}".strip()
