"""Addresses as those see them who may not read them: enough to tell two apart, too little to use."""

from urllib.parse import urlsplit

SEPARATOR = "#"
"""Between an endpoint's host and the digest of its URL, in the name under which it is kept."""
SHOWN_DIGITS = 6


def masked_mail(address: str) -> str:
    """`p…@customer.example` for `private.person@customer.example`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def endpoint_hint(name: str) -> str:
    """`hooks.slack.com/… (3fa2c1)`: the host, and the first digits of the digest that tells its endpoints apart.

    `name` is the name of an endpoint as it is kept; of a URL in the clear the host alone is shown.
    """
    if "://" in name:
        return f"{urlsplit(name).netloc.rpartition('@')[2]}/…"
    host, _, digest = name.partition(SEPARATOR)
    return f"{host}/… ({digest[:SHOWN_DIGITS]})"
