"""The corpus of hostile webhook addresses: `hostile_urls(port)` is all of it.

On an island (tests/peers/island.py) each that a client understands would reach the listener, but for the guard.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tests.channels.hostile_hosts import (
    ADDRESSES_4,
    ADDRESSES_6,
    NAMES_OF_METADATA,
    NAMES_OF_THIS_MACHINE,
    ODD_LITERALS_6,
    PUBLIC,
    SPELLINGS_OF_LOOPBACK,
    SPELLINGS_OF_METADATA,
    WRONG_PORTS,
    table,
)

SCHEMES = (
    *table("""
        file gopher ftp ftps sftp tftp ssh telnet dict ldap ldaps smtp imap pop3 unix http+unix httpunix ws
        wss tcp udp redis mysql jar:http netdoc view-source:http javascript data mailto blob about expect
        php phar zip rtsp sip git feed httpx https+insecure ｈｔｔｐ http%3a url:http 1http httр
    """),
    *("http ", "ht\ntp", "\x00http"),
)
_USER_INFO = (
    "http://{p}@127.0.0.1:{n}/",
    "http://{p}:443@127.0.0.1:{n}/",
    "http://{p}:x@127.0.0.1:{n}/",
    "http://@127.0.0.1:{n}/",
    "http://:@127.0.0.1:{n}/",
    "http://127.0.0.1:{n}@{p}:22/",
    "http://{p}%40127.0.0.1:{n}/",
    "http://{p}%2f@127.0.0.1:{n}/",
    "http://a@{p}@127.0.0.1:{n}/",
    "http://a:b@c:d@127.0.0.1:{n}/",
    "http://{p}@[::1]:{n}/",
    "http://{p};@127.0.0.1:{n}/",
    "http://{p} @127.0.0.1:{n}/",
    "http://{p},127.0.0.1:{n}/",
    "http://{p}&@127.0.0.1:{n}/",
    "http://{p}＠127.0.0.1:{n}/",
    "http://{p}:80+@127.0.0.1:{n}/",
    "http://{p}:80#@127.0.0.1:{n}/\\",
    "http://{p}:22#@127.0.0.1:{n}/",
)
_SLASHES = (
    "http://{p}\\@127.0.0.1:{n}/",
    "http://127.0.0.1\\@{p}/",
    "http://127.0.0.1:{n}\\@{p}/",
    "http:\\\\127.0.0.1:{n}\\",
    "http:/\\127.0.0.1:{n}/",
    "http:127.0.0.1:{n}/",
    "http:/127.0.0.1:{n}/",
    "http:///127.0.0.1:{n}/",
    "//127.0.0.1:{n}/",
    "http:////127.0.0.1:{n}/",
    "127.0.0.1:{n}/",
    "://127.0.0.1:{n}/",
    "http://127.0.0.1:{n}\\",
    "http://\\127.0.0.1:{n}/",
    "http://localhost\\.example:{n}/",
    "http://127.0.0.1:{n}／",
    "http://127.0.0.1:{n}⁄x",
    "http://127.0.0.1:{n}﹨@{p}/",
    "http://?127.0.0.1:{n}/",
    "http://#127.0.0.1:{n}/",
    "http://127.0.0.1:{n}?@{p}/",
    "http://127.0.0.1:{n}#@{p}/",
    "http://127.0.0.1:{n};@{p}/",
    "http://127.0.0.1:{n}/@{p}",
    "http://127.0.0.1:{n}/..//{p}/",
    "http://[::1]:{n}#@{p}/",
)
_CONTROLS = (
    "http://\t127.0.0.1:{n}/",
    "ht\ttp://127.0.0.1:{n}/",
    "http:\n//127.0.0.1:{n}/",
    "http://127.0.\r0.1:{n}/",
    "\x00http://127.0.0.1:{n}/",
    "\x1fhttp://127.0.0.1:{n}/",
    "\u3000http://127.0.0.1:{n}/",
    "\ufeffhttp://127.0.0.1:{n}/",
    "http://127.0.0.1:{n}/\r\nHost: {p}",
    "http://127.0.0.1:{n}/ HTTP/1.1\r\nX-Smuggled: 1\r\n\r\n",
    "http://127.0.0.1:{n}/\x00",
    "http://127.0.0.1:{n}/?a=\r\nX-Smuggled: 1",
    "http://127.0.0.1:{n}/?a=b c",
    "http://127.0.0.1:{n}/\u2028x",
    "http://127.0.0.1\r\nX-Smuggled: 1:{n}/",
    "http://127.0.0.1%0d%0aX-Smuggled:%201:{n}/",
    "http://127.0.0.1\x85:{n}/",
    "http://127.0.0.1:{n}\r\n/",
    "http://127.0.0.1 :{n}/",
    "http:// 127.0.0.1:{n}/",
    "http://127.0.0.1:{n} /",
    "http://127.0.0.1:{n}/čĊčX-Smuggled: 1",
    "http://127.0.0.1:{n}/\ud800",
    "http://127.0.0.1\x7f:{n}/",
    "HTTP://127.0.0.1:{n}/",
    "hTtP://LOCALHOST:{n}/",
    " http://127.0.0.1:{n}/ ",
    "http://127.0.0.1:{n}",
    "http://127.0.0.1:000{n}/",
    "http://127.0.0.1:/",
    "http://127.0.0.1",
    "https://127.0.0.1",
    "http://127.0.0.1:{n}:80/",
    "http://127.0.0.1::{n}/",
)
_LONG = (
    "http://{many}.example:{n}/",
    "http://{long}.example:{n}/",
    "http://{dots}127.0.0.1:{n}/",
    "http://127.0.0.1:{zeros}{n}/",
    "http://{zeros}177.0.0.1:{n}/",
    "http://127.0.0.{zeros}1:{n}/",
    "http://[{zeros}::1]:{n}/",
    "http://127.0.0.1:{n}/{long}{long}",
    "http://{long}@127.0.0.1:{n}/",
    "http://[::1%25{long}]:{n}/",
    "http://0x{zeros}7f000001:{n}/",
    "{long}://127.0.0.1:{n}/",
)
REBINDING: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType(
    {
        "second-look.hostile.test": (("8.8.8.8",), ("127.0.0.1",), ("10.0.0.1",)),
        "first-look.hostile.test": (("127.0.0.1",), ("8.8.8.8",)),
        "to-and-fro.hostile.test": (("8.8.8.8",), ("::1",), ("8.8.8.8",), ("169.254.169.254",)),
        "mixed.hostile.test": (("8.8.8.8", "127.0.0.1"),),
        "mixed-private-first.hostile.test": (("10.0.0.1", "8.8.8.8"),),
        "mixed-private-six.hostile.test": (("8.8.8.8", "::1"),),
        "mixed-private-four.hostile.test": (("2606:4700::1111", "127.0.0.1"),),
        "many-and-one-public.hostile.test": ((*(f"10.1.{n}.1" for n in range(15)), "8.8.8.8"),),
        "many.hostile.test": (tuple(f"10.0.{n}.1" for n in range(16)),),
        "wrong-port.hostile.test": (("8.8.8.8",),),
        "public.hostile.test": (("8.8.8.8",), ("2606:4700::1111",)),
    }
)
LEADING_HOME: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType(
    {f"to-{n}.hostile.test": ((address,),) for n, address in enumerate((*ADDRESSES_4, *ADDRESSES_6))}
)
NAMES: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType(
    {**REBINDING, **LEADING_HOME, "*": (("127.0.0.1", "::1"),)}
)
"""As a hostile name server has it: whatever is not listed leads home."""


def hostile_hosts() -> list[str]:
    """What may stand between the slashes and the port."""
    names = (*NAMES_OF_THIS_MACHINE, *NAMES_OF_METADATA, *LEADING_HOME)
    literals = (*SPELLINGS_OF_LOOPBACK, *SPELLINGS_OF_METADATA, *ADDRESSES_4)
    return [*literals, *names, *(f"[{each}]" for each in ADDRESSES_6), *ODD_LITERALS_6]


def tricks(port: int) -> list[str]:
    """What misleads one reader of a URL and not the next."""
    words = {
        "n": port,
        "p": PUBLIC[0],
        "many": ".".join(["a" * 60] * 8),
        "long": "a" * 300,
        "dots": "." * 200,
        "zeros": "0" * 200,
    }
    return [form.format(**words) for form in (*_USER_INFO, *_SLASHES, *_CONTROLS, *_LONG)]


def hostile_urls(port: int) -> list[str]:
    """Each of them once, aimed at a listener on this port."""
    urls = [f"http://{host}:{port}/" for host in hostile_hosts()]
    urls += [f"https://{host}:{port}/" for host in (*ADDRESSES_4, *LEADING_HOME)]
    urls += [
        f"http://{host}:{wrong}/" for wrong in WRONG_PORTS for host in (PUBLIC[0], "wrong-port.hostile.test")
    ]
    urls += [f"{scheme}://127.0.0.1:{port}/" for scheme in SCHEMES]
    urls += [f"{scheme}:///etc/passwd" for scheme in SCHEMES]
    return list(dict.fromkeys([*urls, *tricks(port)]))
