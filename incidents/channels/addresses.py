"""E-mail addresses and webhook URLs in the one form that we keep (RFC 5321, RFC 3986); a bad one gets plain words."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode

from incidents.channels.guard import PORTS, Networks, refusal

LOCAL_LIMIT, ADDRESS_LIMIT, URL_LIMIT = 64, 254, 500
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_USUAL = re.compile(r"(https?://[a-z0-9_.-]+(?::[0-9]{1,5})?)/[!-\[\]^-~]*")
_STANDARD = {"http": 80, "https": 443}
_is_email = EmailValidator(allowlist=[])


def email_address(text: str) -> str:
    """The address with its domain in lower-case ASCII. Raises ValueError in plain words."""
    text = text.strip(" ")
    local, at, domain = text.rpartition("@")
    if not at or _UNPRINTABLE.search(text):
        raise ValueError("This is not an e-mail address. Write one address, such as name@example.com.")
    if not local.isascii() or '"' in local:
        raise ValueError("Only plain letters, digits and .!#$%&'*+-/=?^_`{|}~ may stand before the @.")
    address = f"{local}@{_ascii(domain)}"
    if len(local) > LOCAL_LIMIT or len(address) > ADDRESS_LIMIT:
        raise ValueError(
            f"An e-mail address has at most {ADDRESS_LIMIT} characters, {LOCAL_LIMIT} before the @."
        )
    try:
        _is_email(address)
    except ValidationError:
        raise ValueError(
            "This is not an e-mail address. Write one address, such as name@example.com."
        ) from None
    if domain.startswith("["):
        raise ValueError("Write the name of a domain after the @, not a number.")
    return address


def mailbox_key(address: str) -> str:
    """The form in which all spellings of one mailbox are equal: lower case, an international domain in ASCII.

    Mail goes to the address as it was typed. RFC 5321 lets a server tell upper case from lower; none does.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = _ascii(domain)
    except ValueError:
        domain = domain.lower()
    return f"{local.lower()}{at}{domain}"


def webhook_url(text: str, *, allowed: Networks) -> str:
    """The URL without fragment and standard port. Raises ValueError in plain words.

    A name is not looked up: what it resolves to is judged each time that we connect.
    """
    text = text.strip(" ")
    _check_length(text)
    if _UNPRINTABLE.search(text) or "\\" in text:
        raise ValueError("This address holds a space, a backslash or a control character.")
    parts, port = _split(text)
    if parts.scheme not in _STANDARD:
        raise ValueError("A webhook's address begins with https:// (or http://).")
    if "@" in parts.netloc:
        raise ValueError("A webhook's address must not hold a user name or a password.")
    host = _ascii(parts.hostname or "")
    port = _STANDARD[parts.scheme] if port is None else port
    _check(host, port, allowed, bracketed="[" in parts.netloc)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port == _STANDARD[parts.scheme] else f"{shown}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    url = f"{parts.scheme}://{place}{parts.path or '/'}{query}"
    _check_length(url)
    return url


def checked_url(url: str, *, allowed: Networks) -> str:
    """As `webhook_url`, for one that was kept; it is asked for each message, and costs little where all is as usual."""
    usual = _USUAL.fullmatch(url)
    if usual and len(url) <= URL_LIMIT and _is_open(usual.group(1), allowed):
        return url
    return webhook_url(url, allowed=allowed)


@lru_cache(maxsize=4096)
def _is_open(origin: str, allowed: Networks) -> bool:
    try:
        return webhook_url(origin, allowed=allowed) == f"{origin}/"
    except ValueError:
        return False


def _check_length(url: str) -> None:
    if len(url) > URL_LIMIT:
        raise ValueError(f"A webhook's address has at most {URL_LIMIT} characters.")


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("This is not an address that a webhook can be sent to.") from None
    return parts, port


def _check(host: str, port: int, allowed: Networks, *, bracketed: bool) -> None:
    top = host.rpartition(".")[2]
    try:
        literal = ip_address(host)
    except ValueError:
        if bracketed or not _HOST.fullmatch(host) or top.isdigit() or top.startswith("0x"):
            raise ValueError("The name of the server in this address is not valid.") from None
        reason = "" if allowed or port in PORTS else f"port {port} is not allowed"
    else:
        reason = refusal(literal, port, allowed)
    if reason:
        raise ValueError(f"We do not send webhooks there: {reason}.")


def _ascii(domain: str) -> str:
    """An international name as it is looked up, in lower case."""
    try:
        return punycode(domain.lower()).lower()
    except UnicodeError:
        raise ValueError("The part that names the server is not a valid name.") from None
