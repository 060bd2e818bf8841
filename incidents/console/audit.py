"""The audit, to be read: who did what and when, of the pages that one sets up."""

import json
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now

from incidents.console.access import StaffRequest, door
from incidents.console.delivery_log import carried
from incidents.domain.roles import Right
from incidents.models import AuditLine, Page

LINES = 100
"""On one screen."""
LINKED = {"incident": "incident", "subscriber": "subscriber", "template": "edit-template"}
TELLING = ("title", "probe", "series", "group", "component", "name", "what", "new")
"""Facts that are shown without opening a line, in this order."""
NOUNS = (
    "page",
    "component",
    "incident",
    "maintenance",
    "rfo",
    "probe",
    "subscriber",
    "template",
    "staff",
    "key",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as people read it."""

    line: AuditLine
    page: Page | None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was kept, name by name; nested things as JSON."""
        try:
            data = json.loads(self.line.data)
        except ValueError:
            return [("data", self.line.data)]
        pairs = data.items() if isinstance(data, dict) else [("data", data)]
        return [(str(name), each if isinstance(each, str) else json.dumps(each)) for name, each in pairs]

    @property
    def gist(self) -> str:
        """The one or two facts that say most: what was done, and to what."""
        facts = dict(self.facts)
        return ": ".join(facts[name] for name in TELLING if facts.get(name))

    @property
    def link(self) -> str:
        """The screen of what it is about, where there is one."""
        noun, _, code = self.line.subject.partition(" ")
        if noun == "incident" and self.line.kind.startswith("maintenance."):
            return reverse("console:maintenance", args=[code])
        return reverse(f"console:{LINKED[noun]}", args=[code]) if noun in LINKED else ""


@door(read=Right.SET_UP, write=Right.SET_UP)
def show_all(request: StaffRequest) -> HttpResponse:
    """The newest lines first, of one page, noun or person, or with a word in them."""
    pages = {page.code: page for page in request.rights.pages(Right.SET_UP)}
    chains = [*pages, *([""] if request.rights.may(Right.SET_UP, None) else [])]
    wanted = {name: request.GET.get(name, "").strip()[:200] for name in ("of", "noun", "q")}
    lines = AuditLine.objects.filter(chain__in=chains)
    if wanted["of"] in pages:
        lines = lines.filter(chain=wanted["of"])
    if wanted["noun"] in NOUNS:
        lines = lines.filter(kind__startswith=f"{wanted['noun']}.")
    if wanted["q"]:
        word = wanted["q"]
        lines = lines.filter(Q(actor__icontains=word) | Q(subject__icontains=word) | Q(data__icontains=word))
    shown = Paginator(lines.order_by("-at", "-pk"), LINES).get_page(request.GET.get("page"))
    context = {
        **wanted,
        "shown": shown,
        "lines": [Shown(line, pages.get(line.chain)) for line in shown],
        "pages": pages.values(),
        "nouns": NOUNS,
        "carried": carried(**wanted),
        "at": now(),
    }
    return render(request, "console/audit.html", context)
