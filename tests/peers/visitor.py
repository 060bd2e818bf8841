"""A person with a browser but no JavaScript: follows links, fills in forms, keeps cookies."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form of a page with what it would send if nothing were touched."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._open = Form(given.get("action") or "", (given.get("method") or "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        if tag in {"input", "select", "textarea", "button"} and name:
            self._open.names.add(name)
        if tag == "input" and name and given.get("type") not in {"submit", "file"}:
            tickable = given.get("type") in {"checkbox", "radio"}
            if not tickable or "checked" in given:
                self._open.values.append((name, given.get("value") or ("on" if tickable else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._open.values.append((self._select, value))
        elif tag == "textarea":
            self._textarea = name
            self._open.values.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._open:
            self._open.values[-1] = (self._textarea, self._open.values[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        self._select = None if tag == "select" else self._select
        self._textarea = None if tag == "textarea" else self._textarea


@dataclass(frozen=True)
class Screen:
    """What the visitor sees."""

    url: str
    status: int
    text: str

    def form(self, having: str) -> Form:
        """The form that has a field of this name."""
        parser = _Forms()
        parser.feed(self.text)
        for form in parser.forms:
            if having in form.names:
                return form
        raise AssertionError(f"{self.url} has no form with a field {having!r}:\n{self.text[:3000]}")


class Visitor:
    """One cookie jar."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def open(self, url: str, data: list[tuple[str, str]] | None = None) -> Screen:
        """Follow a link, or send a form."""
        url = urllib.parse.urljoin(self.base, url)
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(url, data=body, headers={"Referer": url})
        try:
            with self._opener.open(request, timeout=20) as reply:
                return Screen(reply.url, reply.status, reply.read().decode())
        except urllib.error.HTTPError as error:
            return Screen(url, error.code, error.read().decode(errors="replace"))

    def submit(self, screen: Screen, *, having: str, **typed: str | list[str]) -> Screen:
        """Fill in the form that has the field `having` and send it."""
        form = screen.form(having)
        values = [(name, value) for name, value in form.values if name not in typed]
        for name, value in typed.items():
            values += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return self.open(urllib.parse.urljoin(screen.url, form.action), values)
