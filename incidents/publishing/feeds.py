"""RSS 2.0 and Atom 1.0 as Statuspage writes them: one entry an incident or maintenance, rewritten in place.

Source: shared statuspage-api.md, section 2.
"""

from incidents.domain.incidents import IncidentStatus
from incidents.domain.tree import IncidentView, PageView, UpdateView
from incidents.formatting.spans import marked_span
from incidents.formatting.statuspage import incident_url
from incidents.formatting.times import iso_seconds, rfc822, time_parts
from incidents.formatting.update_texts import update_feed
from incidents.formatting.words import update_label
from incidents.formatting.xml import xml_document, xml_text
from incidents.publishing.subjects import Subject

MOST = 25


def rss(subject: Subject) -> bytes:
    """`/history.rss`"""
    page = subject.snapshot.page
    items = "".join(_item(incident, page) for incident in _listed(subject))
    return rss_document(page, title=f"{page.name} Status - Incident History", items=items)


def atom(subject: Subject) -> bytes:
    """`/history.atom`"""
    page = subject.snapshot.page
    entries = "".join(_entry(incident, page) for incident in _listed(subject))
    title = f"{page.name} Status - Incident History"
    return atom_document(page, path="/history", title=title, entries=entries)


def rss_document(page: PageView, *, title: str, items: str) -> bytes:
    """The channel around the items."""
    return xml_document(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{xml_text(title)}</title>
    <link>{xml_text(page.url)}</link>
    <description>Statuspage</description>
    <pubDate>{rfc822(page.updated_at, page.zone)}</pubDate>
{items}  </channel>
</rss>
"""
    )


def atom_document(page: PageView, *, path: str, title: str, entries: str) -> bytes:
    """The feed around the entries; it lies at `path` with `.atom` behind it."""
    return xml_document(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>{atom_id(page, path)}</id>
  <link rel="alternate" type="text/html" href="{xml_text(page.url)}"/>
  <link rel="self" type="application/atom+xml" href="{xml_text(page.url)}{path}.atom"/>
  <title>{xml_text(title)}</title>
  <updated>{iso_seconds(page.updated_at, page.zone)}</updated>
  <author>
    <name>{xml_text(page.name)}</name>
  </author>
{entries}</feed>
"""
    )


def atom_id(page: PageView, path: str) -> str:
    """A tag of ours (RFC 4151) that stays whatever the entry says and wherever the page moves."""
    return xml_text(f"tag:{page.naming},2005:{path}")


def entry_id(incident: IncidentView, page: PageView) -> str:
    """An incident's name in a feed: by its code, or by its number where readers know it so already."""
    is_numbered = incident.pk <= page.numbered_through
    return atom_id(page, f"Incident/{incident.pk if is_numbered else incident.code}")


def _guid(incident: IncidentView, page: PageView) -> str:
    """The name of an RSS item: a link, as Statuspage has it, only where readers know it so already."""
    if incident.pk > page.numbered_through:
        return f'<guid isPermaLink="false">{entry_id(incident, page)}</guid>'
    known = xml_text(f"{page.named_after}{incident.path}")
    is_link = page.named_after == page.url
    return f"<guid>{known}</guid>" if is_link else f'<guid isPermaLink="false">{known}</guid>'


def _item(incident: IncidentView, page: PageView) -> str:
    url = xml_text(incident_url(incident, page))
    plan = incident.plan
    is_ahead = plan and incident.status == IncidentStatus.SCHEDULED
    ends = (
        f"      <maintenanceEndDate>{rfc822(plan.scheduled_until, page.zone)}</maintenanceEndDate>\n"
        if plan
        else ""
    )
    return f"""    <item>
      <title>{xml_text(incident.title)}</title>
      <description>
{xml_text(_story(incident, page))}</description>
      <pubDate>{rfc822(plan.scheduled_for if plan and is_ahead else incident.told_at, page.zone)}</pubDate>
{ends}      <link>{url}</link>
      {_guid(incident, page)}
    </item>
"""


def _entry(incident: IncidentView, page: PageView) -> str:
    return f"""  <entry>
    <id>{entry_id(incident, page)}</id>
    <published>{iso_seconds(incident.told_at, page.zone)}</published>
    <updated>{iso_seconds(incident.updated_at, page.zone)}</updated>
    <link rel="alternate" type="text/html" href="{xml_text(incident_url(incident, page))}"/>
    <title>{xml_text(incident.title)}</title>
    <content type="html">{xml_text(_story(incident, page))}</content>
  </entry>
"""


def _listed(subject: Subject) -> list[IncidentView]:
    """The newest by when they began, so that maintenance yet to begin comes first."""
    snapshot = subject.snapshot
    found = [*snapshot.recent_incidents, *snapshot.recent_maintenances]
    return sorted(found, key=lambda each: (each.started_at, each.pk), reverse=True)[:MOST]


def _story(incident: IncidentView, page: PageView) -> str:
    """All updates, newest first, each with its label: "Update" where the status is that of the one before."""
    older = [*(update.status for update in incident.updates[1:]), None]
    blocks = [
        _block(update, update_label(update.status, before), page)
        for update, before in zip(incident.updates, older, strict=True)
    ]
    if incident.plan:
        window = marked_span(
            incident.plan.scheduled_for, incident.plan.scheduled_until, page.zone, padded=True
        )
        blocks.insert(0, f"<p><strong>THIS IS A SCHEDULED EVENT {window}</strong></p>")
    return "".join(blocks)


def _block(update: UpdateView, label: str, page: PageView) -> str:
    time = time_parts(update.at, page.zone)
    head = (
        f"<p><small>{time.month} <var data-var='date'>{time.feed_day}</var>, "
        f"<var data-var='time'>{time.time}</var> {time.zone}</small><br><strong>{label}</strong>"
    )
    if update.rfo:
        return f"{head}</p>{update.rfo.body_html}"
    return f"{head} - {update_feed(update.body, update.body_format)}"
