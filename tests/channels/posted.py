"""Webhooks posted with a deadline of the test's own."""

from collections.abc import Sequence

from incidents.channels.guard import Networks
from incidents.channels.messages import Answer, Notice, Recipient
from incidents.channels.posting import DEADLINE_SECONDS, Poster
from incidents.channels.webhook import pack


def post_all(
    notice: Notice,
    recipients: Sequence[Recipient],
    *,
    allowed: Networks,
    deadline: float = DEADLINE_SECONDS,
) -> list[Answer]:
    """Post to each recipient; the answers in their order."""
    answers: dict[str, Answer] = {}
    keep = answers.setdefault
    with Poster(
        lambda answer: keep(answer.key, answer) and None, pack, allowed=allowed, deadline=deadline
    ) as post:
        post.send(notice, recipients)
    return [answers[recipient.key] for recipient in recipients]
