"""Feeds with one entry an update, whose name never changes: what chat applications need in order to alert.

In Statuspage's own feeds an incident's entry is rewritten in place, and a reader that goes by the entry's name hears
of an outage once, at its beginning. These feeds are ours, beside those.
"""

from collections.abc import Iterator
from typing import NamedTuple

from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.html import text_html
from incidents.formatting.statuspage import incident_url
from incidents.formatting.times import iso_seconds, rfc822
from incidents.formatting.update_texts import update_html
from incidents.formatting.words import page_label
from incidents.formatting.xml import xml_text
from incidents.publishing.feeds import atom_document, atom_id, rss_document
from incidents.publishing.subjects import Subject, version_path

MOST = 50


class _Told(NamedTuple):
    """An update with its incident."""

    update: UpdateView
    incident: IncidentView

    @property
    def title(self) -> str:
        """`Identified: Calls fail`; the status even where it is that of the update before, for it stands alone here."""
        return f"{page_label(self.update.status, None)}: {self.incident.title}"

    def link(self, page: PageView) -> str:
        return f"{incident_url(self.incident, page)}#u-{self.update.code}"

    def name(self, page: PageView) -> str:
        return atom_id(page, f"IncidentUpdate/{self.update.code}")

    def words(self, page: PageView) -> str:
        """The update's words; of an RFO, which is a long letter, where it is to be had."""
        rfo = self.update.rfo
        if rfo is None:
            return update_html(self.update.body, self.update.body_format)
        if rfo.is_withdrawal:
            return f"<p>{rfo.number} has been withdrawn.</p>{text_html(rfo.body)}"
        link = f"{page.url}{version_path(rfo)}"
        changed = (
            text_html(f"Changed in version {rfo.version}: {rfo.change_summary}") if rfo.change_summary else ""
        )
        return (
            f'<p>The reason for this outage is published: <a href="{link}">{rfo.number}</a>, version {rfo.version}.</p>'
            f"{changed}<p>SHA-256 {rfo.sha256}</p>"
        )


def rss(subject: Subject) -> bytes:
    """`/updates.rss`"""
    page = subject.snapshot.page
    items = "".join(_item(told, page) for told in _newest(subject))
    return rss_document(page, title=f"{page.name} Status - Updates", items=items)


def atom(subject: Subject) -> bytes:
    """`/updates.atom`"""
    page = subject.snapshot.page
    entries = "".join(_entry(told, page) for told in _newest(subject))
    return atom_document(page, path="/updates", title=f"{page.name} Status - Updates", entries=entries)


def _item(told: _Told, page: PageView) -> str:
    return f"""    <item>
      <title>{xml_text(told.title)}</title>
      <description>{xml_text(told.words(page))}</description>
      <pubDate>{rfc822(told.update.at, page.zone)}</pubDate>
      <link>{xml_text(told.link(page))}</link>
      <guid isPermaLink="false">{told.name(page)}</guid>
    </item>
"""


def _entry(told: _Told, page: PageView) -> str:
    return f"""  <entry>
    <id>{told.name(page)}</id>
    <published>{iso_seconds(told.update.at, page.zone)}</published>
    <updated>{iso_seconds(told.update.changed_at, page.zone)}</updated>
    <link rel="alternate" type="text/html" href="{xml_text(told.link(page))}"/>
    <title>{xml_text(told.title)}</title>
    <content type="html">{xml_text(told.words(page))}</content>
  </entry>
"""


def entry_of(update: UpdateView, incident: IncidentView, page: PageView) -> str:
    """One update's entry as `/updates.atom` has it."""
    return _entry(_Told(update, incident), page)


def _newest(subject: Subject) -> list[_Told]:
    found = sorted(_all(subject), key=lambda told: (told.update.at, told.update.pk), reverse=True)
    return found[:MOST]


def _all(subject: Subject) -> Iterator[_Told]:
    snapshot = subject.snapshot
    for incident in (*snapshot.recent_incidents, *snapshot.recent_maintenances):
        for update in incident.updates:
            yield _Told(update, incident)
