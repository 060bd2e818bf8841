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
    said = (notice.page_name, notice.window, notice.next_update, notice.states, notice.posted)
    facts = [_mild(each) for each in said if each]
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": shortened(notice.headline, HEADER_LIMIT)}},
        {"type": "section", "text": {"type": "mrkdwn", "text": section(notice)}},
    ]
    link = f"<{notice.url}|{_mild(notice.open_label)}>"
    context = shortened("\n".join(facts), SECTION_LIMIT - len(link))
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"{context}\n{link}".strip()}]})
    return {"text": _mild(notice.subject), "blocks": blocks}


def section(notice: Notice) -> str:
    """State and body; one that has to be cut is cut as plain text, because half a mark is none."""
    head = f"*{_mild(notice.heading)}*\n" if notice.heading not in {notice.title, notice.state} else ""
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
