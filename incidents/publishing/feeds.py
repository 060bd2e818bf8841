"""RSS 2.0 and Atom 1.0 as Statuspage writes them: one entry an incident, rewritten in place.

Source: shared statuspage-api.md, section 2. Every character that XML 1.0 cannot carry is left out here once more,
whatever the rows hold, because one of them would silence the feed for every reader.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.html import feed_html
from incidents.formatting.statuspage import incident_url
from incidents.formatting.times import iso_ms, rfc822, time_parts
from incidents.formatting.words import update_label
from incidents.publishing.subjects import Subject

MOST = 25
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_APOSTROPHE = {"'": "&apos;"}


def rss(subject: Subject) -> bytes:
    """`/history.rss`"""
    page = subject.snapshot.page
    items = "".join(_item(incident, page) for incident in _listed(subject))
    return _xml(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{_text(f"{page.name} Status - Incident History")}</title>
    <link>{_text(page.url)}</link>
    <description>Statuspage</description>
    <pubDate>{rfc822(page.updated_at, page.zone)}</pubDate>
{items}  </channel>
</rss>
"""
    )


def atom(subject: Subject) -> bytes:
    """`/history.atom`"""
    page = subject.snapshot.page
    entries = "".join(_entry(incident, page) for incident in _listed(subject))
    return _xml(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:{_host(page)},2005:/history</id>
  <link rel="alternate" type="text/html" href="{_text(page.url)}"/>
  <link rel="self" type="application/atom+xml" href="{_text(page.url)}/history.atom"/>
  <title>{_text(f"{page.name} Status - Incident History")}</title>
  <updated>{_iso(page.updated_at, page)}</updated>
  <author>
    <name>{_text(page.name)}</name>
  </author>
{entries}</feed>
"""
    )


def _item(incident: IncidentView, page: PageView) -> str:
    url = _text(incident_url(incident, page))
    return f"""    <item>
      <title>{_text(incident.title)}</title>
      <description>
{_text(_story(incident, page))}</description>
      <pubDate>{rfc822(_latest(incident), page.zone)}</pubDate>
      <link>{url}</link>
      <guid>{url}</guid>
    </item>
"""


def _entry(incident: IncidentView, page: PageView) -> str:
    return f"""  <entry>
    <id>tag:{_host(page)},2005:Incident/{incident.pk}</id>
    <published>{_iso(_latest(incident), page)}</published>
    <updated>{_iso(incident.updated_at, page)}</updated>
    <link rel="alternate" type="text/html" href="{_text(incident_url(incident, page))}"/>
    <title>{_text(incident.title)}</title>
    <content type="html">{_text(_story(incident, page))}</content>
  </entry>
"""


def _listed(subject: Subject) -> tuple[IncidentView, ...]:
    return subject.snapshot.recent_incidents[:MOST]


def _latest(incident: IncidentView) -> datetime:
    return incident.updates[0].at if incident.updates else incident.started_at


def _story(incident: IncidentView, page: PageView) -> str:
    """All updates, newest first, each with its label: "Update" where the status is that of the one before."""
    older = [*(update.status for update in incident.updates[1:]), None]
    blocks = (
        _block(update, update_label(update.status, before), page)
        for update, before in zip(incident.updates, older, strict=True)
    )
    return "".join(blocks)


def _block(update: UpdateView, label: str, page: PageView) -> str:
    time = time_parts(update.at, page.zone)
    head = (
        f"<p><small>{time.month} <var data-var='date'>{time.feed_day}</var>, "
        f"<var data-var='time'>{time.time}</var> {time.zone}</small><br><strong>{label}</strong>"
    )
    return f"{head}</p>{update.rfo.body_html}" if update.rfo else f"{head} - {feed_html(update.body)}</p>"


def _iso(at: datetime, page: PageView) -> str:
    """Whole seconds in the page's zone; `Z` where that is UTC."""
    text = iso_ms(at, page.zone)
    return text[:19] + text[23:]


def _host(page: PageView) -> str:
    return _text(urlsplit(page.url).hostname or "localhost")


def _text(text: str) -> str:
    return escape(text, {'"': "&quot;", **_APOSTROPHE})


def _xml(document: str) -> bytes:
    return _NOT_XML.sub("", document).encode()
