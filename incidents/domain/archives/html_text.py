"""Rich text of another status page as plain text: its lines, its links and its addresses stay."""

import html
import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARAGRAPHS = _names(
    "address article aside blockquote div dl figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section"
    " table ul"
)
_LINES = _names("br caption dd dt figcaption li tr")
_INLINE = _names(
    "a abbr b bdi bdo big body center cite code col colgroup data del dfn em font head html i img ins kbd label link"
    " mark meta q s samp script small span strike strong style sub sup tbody td template tfoot th thead time title tt"
    " u var wbr"
)
_HIDDEN_START = re.compile(r"<!--|<(style|script|template)\b[^<>]*>|<!doctype\b[^<>]*>", re.IGNORECASE)
"""Where something begins of which not one word is for a reader."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[\s/][^<>]*)?)>")
_ADDRESS = re.compile(r"<([a-z][a-z0-9+.-]*:[^\s<>]+|[^\s@<>/]+@[^\s@<>]+)>", re.IGNORECASE)
"""What mails and Markdown put in angle brackets: `<sip:edge.example>`, `<noc@example.org>`."""
_VALUE = re.compile(r"""\b(href|src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BREAK_AFTER = re.compile(r"(<br\b[^<>]*>)[ \n]", re.IGNORECASE)
"""Bodies of Statuspage have a line end behind each `<br />`, which is the same break."""
_SPACE_AT_ENDS = re.compile(r"[ \t]*\n[ \t]*")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_text(body: str) -> str:
    """The words of a body: paragraphs, lines and list items on lines of their own, a link followed by its address.

    What is no known tag is text, so that nothing is lost by looking like one.
    """
    body = _BREAK_AFTER.sub(r"\1", _ADDRESS.sub(r"\1", _without_hidden(body)))
    writer, at = _Writer(), 0
    for found in _TAG.finditer(body):
        name = found[2].lower()
        if name not in _PARAGRAPHS and name not in _LINES and name not in _INLINE:
            continue
        writer.write(html.unescape(body[at : found.start()]))
        at = found.end()
        writer.tag(name, _values(found[3]), is_end=bool(found[1]))
    writer.write(html.unescape(body[at:]))
    writer.end_link()
    return _BLANK_LINES.sub("\n\n", _SPACE_AT_ENDS.sub("\n", "".join(writer.pieces))).strip()


def _without_hidden(body: str) -> str:
    """Without comments, styles and scripts; one that nothing ends is text. Each kind of end is looked for forwards
    only, and no more once there is none, so that a hostile body takes no longer than its length."""
    lower, kept, at = body.lower(), [], 0
    missing: set[str] = set()
    for found in _HIDDEN_START.finditer(body):
        if found.start() < at:
            continue
        name = (found[1] or "").lower()
        ending = f"</{name}" if name else "-->" if found[0] == "<!--" else ""
        if ending in missing:
            continue
        end = lower.find(ending, found.end()) if ending else found.end()
        close = lower.find(">", end) if end >= 0 and ending else end - 1
        if end < 0 or close < 0:
            missing.add(ending)
            continue
        kept.append(body[at : found.start()])
        at = close + 1
    return "".join([*kept, body[at:]])


def _values(attributes: str) -> dict[str, str]:
    found = _VALUE.finditer(attributes)
    return {each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "") for each in found}


class _Writer:
    """Pieces of text, and where the line and the link began that are being written."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._line_ends = 2
        """Line ends at the end of what is written; two where nothing is, since nothing is parted from it."""
        self._link: tuple[str, int] | None = None

    def write(self, text: str) -> None:
        """More words."""
        if not text:
            return
        self.pieces.append(text)
        bare = text.rstrip(" \t")
        ends = len(bare) - len(bare.rstrip("\n"))
        self._line_ends = ends if bare.strip("\n") else self._line_ends + ends

    def tag(self, name: str, values: dict[str, str], *, is_end: bool) -> None:
        """What a tag means for plain text."""
        if name == "br":
            self.write("\n")
        elif name in _PARAGRAPHS or name in _LINES:
            self._part(2 if name in _PARAGRAPHS else 1)
            if name == "li" and not is_end:
                self.pieces.append("- ")
                self._line_ends = 2  # what the item begins with follows on the same line
        elif name in {"td", "th"} and not is_end and not self._line_ends:
            self.write(" | ")
        elif name == "img":
            address = f"({values['src']})" if values.get("src") else ""
            self.write(" ".join(filter(None, (values.get("alt", ""), address))))
        elif name == "a":
            self.end_link()
            self._link = None if is_end else (values.get("href", ""), len(self.pieces))

    def end_link(self) -> None:
        """The address of a link behind its words, where they do not say it."""
        if self._link is None:
            return
        address, start = self._link
        words = "".join(self.pieces[start:]).strip()
        if address and not words:
            self.write(address)
        elif address and words not in address:
            self.write(f" ({address})")

    def _part(self, wanted: int) -> None:
        self.write("\n" * max(0, wanted - self._line_ends))
