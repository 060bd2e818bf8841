"""Slack's incoming webhooks, which Mattermost and Rocket.Chat take as well: one message in blocks an event.

Source: Slack's documentation of incoming webhooks and of Block Kit, with its limits on texts.
"""

import json

from incidents.channels.messages import Kind, Notice, Parcel, Recipient
from incidents.channels.texts import shortened
from incidents.channels.webhook import normalise, posts

HEADER_LIMIT, SECTION_LIMIT = 150, 2900
GONE = frozenset({"no_service", "no_team", "channel_not_found", "channel_is_archived", "team_disabled"})
"""What Slack answers where the webhook or its channel is no more."""


def pack(notice: Notice, recipient: Recipient) -> Parcel:
    """The message; nothing in it is one recipient's own but its id."""
    headers = {"Content-Type": "application/json", "webhook-id": recipient.key}
    return Parcel(json.dumps(message(notice)).encode(), headers)


def message(notice: Notice) -> dict[str, object]:
    """Blocks for people, and a line of text for notifications and for programs that know no blocks."""
    told = notice.heading if notice.heading != notice.title else ""
    line = f"{notice.page_name}: {notice.title}{f' ({told})' if told else ''}"
    facts = [_mild(each) for each in (notice.window, notice.affected, notice.posted) if each]
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": shortened(notice.title, HEADER_LIMIT)}},
        {"type": "section", "text": {"type": "mrkdwn", "text": section(notice)}},
    ]
    of_page = "" if notice.for_staff else f" of {_mild(notice.page_name)}"
    link = f"<{notice.url}|{_mild(notice.open_label)}{of_page}>"
    context = shortened("\n".join(facts), SECTION_LIMIT - len(link))
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"{context}\n{link}".strip()}]})
    return {"text": _mild(line), "blocks": blocks}


def section(notice: Notice) -> str:
    """State and body; one that has to be cut is cut as plain text, because half a mark is none."""
    head = f"*{_mild(notice.heading)}*\n" if notice.heading != notice.title else ""
    words = f"{head}{notice.forms.slack if notice.forms else _mild(notice.body)}"
    return words if len(words) <= SECTION_LIMIT else shortened(f"{head}{_mild(notice.body)}", SECTION_LIMIT)


def _mild(text: str) -> str:
    """Slack's three control characters as text: no update of ours may ping a channel or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SLACK = Kind(
    name="slack",
    label="Slack",
    normalise=normalise,
    open=posts(pack, gone=GONE),
    hint="https://hooks.slack.com/services/…",
    is_machine=True,
)
