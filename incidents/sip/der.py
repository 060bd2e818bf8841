"""Just enough DER (X.690) to name the extension of a certificate that is malformed: cryptography names only some."""

from collections.abc import Iterator
from itertools import starmap

from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

_CONSTRUCTED, _LONG_TAG, _LONG_LENGTH = 0x20, 0x1F, 0x80
_SEQUENCE, _OID, _OCTETS, _BOOLEAN, _EXTENSIONS = 0x30, 0x06, 0x04, 0x01, 0xA3
_DEEPEST = 30
_NAMES = {
    oid.dotted_string: name.replace("_", " ").lower()
    for name, oid in vars(ExtensionOID).items()
    if isinstance(oid, ObjectIdentifier)
}


class NoDer(ValueError):
    """The bytes do not have the form of DER."""


def malformed_extension(body: bytes) -> str:
    """The name of the first extension in a certificate's signed body whose value is no DER; empty if there is none."""
    try:
        for name, value in _extensions(body):
            if not _is_whole(value):
                return name
    except NoDer:
        return ""
    return ""


def _extensions(body: bytes) -> Iterator[tuple[str, bytes]]:
    for tag, value in _values(_inside(body, _SEQUENCE)):
        if tag == _EXTENSIONS:
            for each, extension in _values(_inside(value, _SEQUENCE)):
                if each == _SEQUENCE:
                    yield _extension(extension)


def _extension(data: bytes) -> tuple[str, bytes]:
    parts = [part for part in _values(data) if part[0] != _BOOLEAN]
    if [tag for tag, _ in parts] != [_OID, _OCTETS]:
        raise NoDer
    return extension_name(_dotted(parts[0][1])), parts[1][1]


def extension_name(oid: str) -> str:
    """An extension as people call it, such as `key usage`, or its number."""
    return _NAMES.get(oid, oid)


def _inside(data: bytes, expected: int) -> bytes:
    tag, value = next(_values(data), (0, b""))
    if tag != expected:
        raise NoDer
    return value


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each element that stands in `data`, one after another."""
    position = 0
    while position < len(data):
        tag, start, end = _element(data, position)
        yield tag, data[start:end]
        position = end


def _element(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag, start and end of the value of the element at `position`."""
    if len(data) < position + 2 or data[position] & _LONG_TAG == _LONG_TAG:
        raise NoDer
    tag, length, start = data[position], data[position + 1], position + 2
    if length & _LONG_LENGTH:
        more = length & ~_LONG_LENGTH
        if not 1 <= more <= 4 or len(data) < start + more:  # noqa: PLR2004  (bytes that count a length)
            raise NoDer
        length, start = int.from_bytes(data[start : start + more], "big"), start + more
    if len(data) < start + length:
        raise NoDer
    return tag, start, start + length


def _is_whole(data: bytes, depth: int = 0) -> bool:
    """Whether `data` is one element and nothing more, down to its innermost parts."""
    try:
        tag, start, end = _element(data, 0)
        if end != len(data) or depth > _DEEPEST:
            return False
        return not tag & _CONSTRUCTED or all(starmap(_is_whole, _pieces(data[start:end], depth)))
    except NoDer:
        return False


def _pieces(data: bytes, depth: int) -> Iterator[tuple[bytes, int]]:
    position = 0
    while position < len(data):
        _, _, end = _element(data, position)
        yield data[position:end], depth + 1
        position = end


def _dotted(value: bytes) -> str:
    numbers, number = [], 0
    for octet in value:
        number = (number << 7) | (octet & 0x7F)
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    if not numbers:
        raise NoDer
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))
