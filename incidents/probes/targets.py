"""Which machine a target is on: what probes of one machine share is a limit, and often a cause (DESIGN 9)."""

import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://|sips?:", re.IGNORECASE)
_PORT = re.compile(r":[0-9]*")


def host_of(target: str) -> str:
    """The host, in lower case, of `sip:user@host:port`, `https://host/path`, `host:port` or `host`.

    A target of no such form stands for itself.
    """
    text = target.strip().lower()
    scheme = _SCHEME.match(text)
    rest = re.split(r"[/?#;]", text[scheme.end() :] if scheme else text, maxsplit=1)[0].rpartition("@")[2]
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    host, _, port = rest.rpartition(":")
    return host if host and ":" not in host and _PORT.fullmatch(f":{port}") else rest
