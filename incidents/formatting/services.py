"""Several services in one phrase: `SIP over TCP and TLS`, `Registrations over TLS and calls`."""

from collections.abc import Sequence

_LINK = " over "


def listed(words: Sequence[str]) -> str:
    """`UDP`, `UDP and TCP`, `UDP, TCP and TLS`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def phrase(services: Sequence[str]) -> str:
    """The services, those that differ in their transport alone drawn together."""
    together: dict[str, list[str]] = {}
    for service in dict.fromkeys(services):
        head, _, transport = service.partition(_LINK)
        together.setdefault(head, []).extend(filter(None, [transport]))
    return listed([head + (_LINK + listed(over) if over else "") for head, over in together.items()])


def bare(services: Sequence[str]) -> str:
    """The services without their transports: what fails when all of it fails."""
    return listed(list(dict.fromkeys(service.partition(_LINK)[0] for service in services)))


def is_plural(services: Sequence[str]) -> bool:
    """Whether the phrase wants `fail` rather than `fails`."""
    heads = {service.partition(_LINK)[0] for service in services}
    return len(heads) > 1 or any(head.split()[-1][-1:] == "s" for head in heads if head)
