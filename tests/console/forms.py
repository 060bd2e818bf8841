"""What a browser sends: the form's own values, read from the page, with what a person changed."""

from html.parser import HTMLParser
from http import HTTPStatus

from django.http import HttpResponse
from django.test import Client


class _Fields(HTMLParser):
    """The successful controls of one form (by its number on the page), as a browser would submit them."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.inside, self.done = wanted, False, False
        self.values: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = not self.done and self.wanted in given.get("class", "") + given.get("action", "")
        elif self.inside:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and name:
            is_tick = given.get("type") in {"radio", "checkbox"}
            if given.get("type") != "file" and (not is_tick or "checked" in given):
                self.values[name] = given.get("value", "on" if is_tick else "")
        elif tag == "select":
            self._select = name
            self.values.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data.removeprefix("\n") if not self.values[self._area] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.inside:
            self.inside, self.done = False, True
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def fields(response: HttpResponse, wanted: str = "statement") -> dict[str, str]:
    """The values of the form whose class or action contains `wanted`."""
    parser = _Fields(wanted)
    parser.feed(response.content.decode())
    assert parser.done, f"no form {wanted!r} on this page"
    return parser.values


def post(client: Client, url: str, *, form: str = "statement", **changes: str | None) -> HttpResponse:
    """Open the page, change some fields (None unticks one), and send the form back to it."""
    return send(client, url, fields(client.get(url), form), **changes)


def send(client: Client, url: str, values: dict[str, str], **changes: str | None) -> HttpResponse:
    """Send values with changes, and go where a 303 leads, as a browser would."""
    sent = dict(values)
    for name, value in changes.items():
        if value is None:
            sent.pop(name, None)
        else:
            sent[name] = value
    answer = client.post(url, sent)
    return client.get(answer["Location"]) if answer.status_code == HTTPStatus.SEE_OTHER else answer
