"""The description of the API, rendered once for each release: it costs seconds, and the same for whoever asks.

What was rendered lies in DATA_DIR/api-reference under a digest of the code, and in the memory of each process that was
asked for it.
"""

import hashlib
import logging
import os
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from incidents.publishing.bundles import BrokenBundle, Bundle, bundle, dump, load

log = logging.getLogger(__name__)

SCHEMA, DOCS = "/v1/schema", "/v1/docs"
SCHEMA_JSON, SCRIPT = f"{SCHEMA}?format=json", f"{DOCS}?script="
"""Addresses of the four documents, with their queries."""
TEMPLATE = "api/docs.html"
WAIT_SECONDS = 0.5
"""Long enough for a file to be read, and too short to hold places while it is rendered."""

_rendering = Lock()
_ready: dict[str, Bundle] = {}


class NotReady(Exception):
    """Another request is rendering it; a few seconds later it is there."""


def accepted_document(address: str, accept: str) -> Bundle | None:
    """One of the documents, if this process has it already and no JSON is asked for in place of YAML."""
    return None if address == SCHEMA and "json" in accept else _ready.get(address)


def document(address: str) -> Bundle:
    """One of the documents; the first who asks renders all of them. Raises NotReady to whoever asks meanwhile."""
    if address not in _ready:
        if not _rendering.acquire(timeout=WAIT_SECONDS):
            raise NotReady
        try:
            if address not in _ready:
                file = _folder() / _release()
                _ready.update(_read(file) or _rendered(file))
        finally:
            _rendering.release()
    return _ready[address]


def _rendered(file: Path) -> dict[str, Bundle]:
    found = {each.path: each for each in _render()}
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        for old in file.parent.iterdir():
            old.unlink()
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(b"".join(_framed(dump(each)) for each in found.values()))
        unfinished.replace(file)
    except OSError:
        log.exception("the API's description cannot be kept; each process renders its own")
    return found


def _render() -> list[Bundle]:
    generator: Any = SpectacularAPIView.generator_class()
    schema = generator.get_schema(request=None, public=True)
    renderers: list[Any] = [OpenApiYamlRenderer(), OpenApiJsonRenderer()]
    in_yaml, in_json = (each.render(schema, renderer_context={}) for each in renderers)
    page = SpectacularSwaggerSplitView(url=SCHEMA, url_self=DOCS, template_name=TEMPLATE)
    return [
        bundle(SCHEMA, OpenApiYamlRenderer.media_type, in_yaml),
        bundle(SCHEMA_JSON, OpenApiJsonRenderer.media_type, in_json),
        bundle(DOCS, "text/html; charset=utf-8", _page(page, "")),
        bundle(SCRIPT, "application/javascript; charset=utf-8", _page(page, "script=")),
    ]


def _page(view: Any, query: str) -> bytes:
    request = HttpRequest()
    request.GET = QueryDict(query)
    response = view.get(request)
    return render_to_string(response.template_name, response.data).encode()


def _read(file: Path) -> dict[str, Bundle]:
    """What another process of this release has rendered; nothing where there is none, or only a part of it."""
    with suppress(OSError, ValueError, BrokenBundle):
        content, found = file.read_bytes(), {}
        while content:
            size, _, rest = content.partition(b"\n")
            each = load(rest[: int(size)])
            found[each.path], content = each, rest[int(size) :]
        if {SCHEMA, SCHEMA_JSON, DOCS, SCRIPT} <= set(found):
            return found
    return {}


def _framed(content: bytes) -> bytes:
    return f"{len(content)}\n".encode() + content


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "api-reference"


def _release() -> str:
    """A digest of all that the description is made of."""
    digest = hashlib.sha256(f"{version('drf-spectacular')} {version('djangorestframework')}".encode())
    for name in ("incidents", "templates/api"):
        for file in sorted((settings.BASE_DIR / name).rglob("*.*")):
            if file.suffix in {".py", ".html"}:
                digest.update(file.read_bytes())
    digest.update(settings.STATIC_URL.encode())
    return digest.hexdigest()[:32]
