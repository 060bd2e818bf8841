"""One public document as bytes: each of its encodings with its ETag, in a single file (DESIGN 11).

A bundle is written and read whole, so that a body can never be served with the ETag or length of another. The file is
a line of JSON that describes what follows, then the bodies one after another.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import brotli  # type: ignore[import-untyped]

MAGIC = b"dialtone-2 "
ENCODINGS = ("br", "gzip", "identity")
"""Best first."""
_TAGS = {"br": "-br", "gzip": "-gz", "identity": ""}
_COMPRESSED = (
    "text/",
    "application/json",
    "application/rss+xml",
    "application/atom+xml",
    "application/xml",
    "application/vnd.oai.openapi",
    "application/javascript",
    "image/svg+xml",
)


class BrokenBundle(ValueError):
    """Bytes that are no bundle, or not all of one."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One rendering: its bodies by content encoding. `tag` is the core of its ETags."""

    tag: str
    bodies: Mapping[str, bytes]

    def etag(self, encoding: str) -> str:
        """A strong validator: encodings differ in bytes, so they differ in ETag (RFC 9110, section 8.8.3.3)."""
        return f'"{self.tag}{_TAGS[encoding]}"'


@dataclass(frozen=True, slots=True)
class Bundle:
    """A document: its present rendering and, where it shows state, the one for when monitoring is silent.

    `path` is the public one; `download` the file name under which a browser must save it rather than show it; `asks`
    the query parameter that asks for another rendering; `framable` whether other sites may frame it; `saved_as` its
    file name for a browser that shows it and may then be told to save it.
    """

    path: str
    media_type: str
    fresh: Variant
    stale: Variant | None = None
    download: str = ""
    asks: str = ""
    framable: bool = False
    saved_as: str = ""

    @property
    def size(self) -> int:
        """Bytes of all bodies together."""
        return sum(len(body) for variant in self._variants() for body in variant.bodies.values())

    def _variants(self) -> Iterator[Variant]:
        yield self.fresh
        if self.stale:
            yield self.stale


def bundle(
    path: str,
    media_type: str,
    raw: bytes,
    *,
    stale: bytes | None = None,
    download: str = "",
    asks: str = "",
    framable: bool = False,
    saved_as: str = "",
) -> Bundle:
    """Compress and check the renderings. A stale one that says the same as the fresh one is left out."""
    return Bundle(
        path=path,
        media_type=media_type,
        fresh=_variant(media_type, raw),
        stale=_variant(media_type, stale) if stale is not None and stale != raw else None,
        download=download,
        asks=asks,
        framable=framable,
        saved_as=saved_as,
    )


def dump(content: Bundle) -> bytes:
    """The bundle as the bytes of its file."""
    bodies = b"".join(body for variant in content._variants() for body in variant.bodies.values())
    facts = {
        "path": content.path,
        "media_type": content.media_type,
        "download": content.download,
        "asks": content.asks,
        "framable": content.framable,
        "saved_as": content.saved_as,
        "sha256": hashlib.sha256(bodies).hexdigest(),
        "variants": [
            {"tag": variant.tag, "lengths": {name: len(body) for name, body in variant.bodies.items()}}
            for variant in content._variants()
        ],
    }
    return MAGIC + json.dumps(facts).encode() + b"\n" + bodies


def load(content: bytes) -> Bundle:
    """The bundle of a file's bytes. Raises BrokenBundle for anything torn, foreign or changed."""
    head, _, bodies = content.partition(b"\n")
    if not head.startswith(MAGIC):
        raise BrokenBundle("This is not a published document.")
    try:
        facts: dict[str, Any] = json.loads(head.removeprefix(MAGIC))
        is_whole = hashlib.sha256(bodies).hexdigest() == facts["sha256"]
        variants = list(_read_variants(facts["variants"], bodies))
        found = Bundle(
            facts["path"],
            facts["media_type"],
            variants[0],
            variants[1] if len(variants) > 1 else None,
            facts["download"],
            facts["asks"],
            facts["framable"],
            facts["saved_as"],
        )
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise BrokenBundle("The document's description is not readable.") from error
    if not is_whole:
        raise BrokenBundle("The document's bodies are not those that were written.")
    return found


def _read_variants(described: list[dict[str, Any]], bodies: bytes) -> Iterator[Variant]:
    done = 0
    for each in described:
        found: dict[str, bytes] = {}
        for encoding, length in each["lengths"].items():
            found[encoding] = bodies[done : done + length]
            done += length
        yield Variant(each["tag"], found)


def _variant(media_type: str, raw: bytes) -> Variant:
    bodies = {"identity": raw}
    if media_type.startswith(_COMPRESSED):
        smaller = {"br": brotli.compress(raw, quality=5), "gzip": gzip.compress(raw, 6, mtime=0)}
        if brotli.decompress(smaller["br"]) != raw or gzip.decompress(smaller["gzip"]) != raw:
            raise BrokenBundle("A compressed body does not give back what went in.")
        bodies |= {encoding: body for encoding, body in smaller.items() if len(body) < len(raw)}
    return Variant(hashlib.sha256(raw).hexdigest()[:20], bodies)
