"""What a client sends, whatever it says that it is: JSON with or without a Content-Type, or a form with brackets.

Statuspage's clients send all of these (shared statuspage-api.md, section 3): some JSON without saying so, shell scripts
`incident[components][abc]=major_outage`.
"""

import json
import re
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request

from incidents.domain.body_limits import body_limit

DEPTH = 20
FIELDS = 20_000
UNSAFE = re.compile("[\x00\ud800-\udfff]")
_PART = re.compile(r"\[([^\[\]]*)\]")


class TooLarge(APIException):
    """A body that is longer than we read."""

    status_code = 413
    default_detail = (
        f"The body is longer than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes. Send it in parts."
    )


class DocumentParser(MultiPartParser):
    """A document in a multipart form, refused by its length before a byte of it is read."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """Raises ParseError, and TooLarge naming the limit."""
        request: Request = (parser_context or {})["request"]
        limit = body_limit(request.path, media_type or "").size
        length = request.headers.get("Content-Length") or "0"
        if length.isdecimal() and int(length) > limit:
            raise TooLarge(f"The body is longer than {limit:,} bytes.")
        return super().parse(stream, media_type, parser_context)


class AnyBody(BaseParser):
    """Every body that Statuspage's clients send."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002  (DRF's shape)
    ) -> dict[str, Any]:
        """The object that the body is. Raises ParseError saying where it is wrong, TooLarge."""
        try:
            raw = getattr(stream, "body")  # noqa: B009  (Django's request: counted, and kept for the digest)
        except RequestDataTooBig as error:
            raise TooLarge from error
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: byte {error.start} is wrong.") from error
        is_form = (media_type or "").startswith("application/x-www-form") and not text.lstrip().startswith(
            "{"
        )
        found = form(text) if is_form else _object(text)  # `curl -d '{…}'` says that its JSON is a form
        check(found)
        return found


def _object(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ParseError(f"The JSON is nested deeper than {DEPTH} levels.") from error
    except ValueError as error:
        raise ParseError(f"The body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ParseError('The body has to be a JSON object, such as {"incident": {"name": "…"}}.')
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def form(text: str) -> dict[str, Any]:
    """A form's fields as the object that their brackets describe. Raises ParseError."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as error:
        raise ParseError(f"The form has more than {FIELDS:,} fields.") from error
    found: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        parts = [head, *_PART.findall(name[len(head) :])] if bracket else [head]
        if len(parts) > DEPTH:
            raise ParseError(f"{name[:80]} is nested deeper than {DEPTH} levels.")
        _put(found, parts, value, name)
    return found


def _put(inside: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    """`a[b][c]=v` goes under a, then b; `a[b][]=v` is added to the list there."""
    *path, last = parts
    is_list = last == "" and bool(path)
    if is_list:
        *path, last = path
    for part in path:
        inside = inside.setdefault(part, {})
        if not isinstance(inside, dict):
            raise ParseError(f"{name[:80]} is both a value and an object.")
    if is_list:
        several = inside.setdefault(last, [])
        if not isinstance(several, list):
            raise ParseError(f"{name[:80]} is both a value and a list.")
        several.append(value)
    else:
        inside[last] = value


def check_address(request: Request) -> None:
    """Refuse what no database takes in the path and the query. Raises ParseError."""
    words = [request.path, *(part for pair in request.query_params.items() for part in pair)]
    if any(UNSAFE.search(str(each)) for each in words):
        raise ParseError("The address holds a NUL, or half of a surrogate pair, which no text may have.")


def check(found: object) -> None:
    """Refuse what no database takes: NUL, halves of characters, and what is nested too deep. Raises ParseError."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH:
            raise ParseError(f"The body is nested deeper than {DEPTH} levels.")
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and UNSAFE.search(value):
            raise ParseError("The body holds a NUL, or half of a surrogate pair, which no text may have.")
