"""On any page at all, the words that people read of a state agree: the index, its tab, its frame and its badge."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings

from incidents.domain.headline import ShownState
from incidents.domain.tree import Snapshot
from incidents.formatting.words import INCIDENT, SHOWN, SUMMARY
from incidents.publishing import badges, html_embed, html_index
from incidents.publishing.subjects import Subject
from tests.domain.page_trees import snapshots
from tests.publishing.pages import words

HEADINGS = {
    "All Systems Operational": ShownState.OPERATIONAL,
    "Status Partly Unconfirmed": ShownState.WAITING,
    "Current Status Not Confirmed": ShownState.WAITING,
} | {said: state for state, said in SHOWN.items() if state != ShownState.OPERATIONAL}
OTHER_SCALES = {
    *(said for said in SUMMARY.values() if said != "All Systems Operational"),
    *("No impact", "Minor impact", "Major impact", "Critical impact"),
}
STATES = {said: state for state, said in SHOWN.items()}
UNSURE = frozenset({ShownState.WAITING, ShownState.NOT_CONFIRMED, ShownState.FAILING})


@dataclass
class Shown(HTMLParser):
    """The words that stand for a state: of services, groups and incidents."""

    found: list[str] = field(default_factory=list)
    inside: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        if self.inside and tag in {"span", "p"}:
            self.inside += 1
        elif tag in {"span", "p"} and {"state", "impact"} & set(names):
            self.inside = 1
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag in {"span", "p"}:
            self.inside -= 1

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


def shown_words(document: str) -> list[str]:
    parser = Shown()
    parser.feed(document)
    return [said.strip().partition(" since ")[0] for said in parser.found]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_no_two_words_on_a_page_contradict_each_other(snapshot: Snapshot) -> None:
    subject = Subject(snapshot, snapshot.page.zone)
    document = html_index.index(subject).decode()
    (heading,) = re.findall(r'<h1 id="state">([^<]+)</h1>', document)
    said = shown_words(document)
    said += re.findall(r"Last known: ([^<]+)<", document)
    statuses = set(INCIDENT.values()) - set(STATES)
    for each in said:
        assert (
            each in statuses
            or STATES[each].severity <= HEADINGS[heading].severity
            or (STATES[each] in UNSURE and HEADINGS[heading] in UNSURE)
        ), (heading, each)
    assert not [each for each in OTHER_SCALES if each in words(document)]
    assert f"<title>{heading} – SIPcity Status</title>" in document
    assert f"<h1>{heading}</h1>" in html_embed.embed(subject).decode()
    assert f"<title>SIPcity Status: {heading}</title>" in html.unescape(badges.page(subject).decode())
    assert re.findall(r"favicons/(\w+)\.svg", document) == re.findall(r'class="banner (\w+)"', document)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_the_others_are_operational_only_where_each_of_them_is(snapshot: Snapshot) -> None:
    document = html_index.index(Subject(snapshot, snapshot.page.zone)).decode()
    hidden = sum(each.only_show_if_degraded for each in snapshot.components)
    claimed = re.search(r"The other (\d*) ?services? (?:is|are) operational", words(document))
    if claimed:
        fine = shown_words(document).count("Operational")
        assert fine + hidden >= int(claimed[1] or 1)
    if "All Systems Operational" in words(document):
        assert set(shown_words(document)) <= {"Operational", *INCIDENT.values()}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_no_day_before_the_page_began_is_called_free_of_incidents(snapshot: Snapshot) -> None:
    document = html_index.index(Subject(snapshot, snapshot.page.zone)).decode()
    assert snapshot.began_at
    days = (snapshot.at.date() - snapshot.began_at.date()).days + 1
    assert document.count("No incidents reported") <= min(days, 15)
