"""The text of an update for chat programs: Slack's mrkdwn, and the Markdown of Teams' adaptive cards.

Source: Slack's documentation of mrkdwn (three characters are escaped, marks are not); Microsoft's of text features in
adaptive cards (bold, lists and links; no code).
"""

import re
from functools import lru_cache

from incidents.domain.texts import BodyFormat
from incidents.formatting.update_blocks import blocks_of
from incidents.formatting.update_lines import Dialect, lines_of

KEPT_TEXTS = 256
_CARD_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")


@lru_cache(KEPT_TEXTS)
def update_slack(text: str, written: BodyFormat) -> str:
    """As mrkdwn: no text of ours can call a channel or hide a link, which take `<` and `>`."""
    blocks = blocks_of(text) if written == BodyFormat.MARKDOWN else None
    return slack_text(text) if blocks is None else "\n".join(lines_of(blocks, _SLACK))


@lru_cache(KEPT_TEXTS)
def update_teams(text: str, written: BodyFormat) -> str:
    """As the text of an adaptive card, in which every other mark is escaped."""
    blocks = blocks_of(text) if written == BodyFormat.MARKDOWN else None
    lines = teams_text(text).split("\n") if blocks is None else lines_of(blocks, _TEAMS)
    return "\n\n".join(line for line in lines if line)


def slack_text(text: str) -> str:
    """Slack's three control characters as text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams_text(text: str) -> str:
    """A text whose marks are characters."""
    return _CARD_MARKS.sub(r"\\\1", text)


def _slack_code(words: str) -> str:
    return slack_text(words) if "`" in words else f"`{slack_text(words)}`"


def _slack_block(code: str) -> str:
    return slack_text(code) if "```" in code else f"```\n{slack_text(code)}\n```"


def _teams_link(address: str, label: str) -> str:
    return f"[{label}]({address.replace('(', '%28').replace(')', '%29')})"


_SLACK = Dialect(
    text=slack_text,
    link=lambda address, label: f"<{slack_text(address)}|{label}>",
    bold=("*", "*"),
    code=_slack_code,
    code_block=_slack_block,
    bullet="• ",
    bold_in_links=False,
)
_TEAMS = Dialect(text=teams_text, link=_teams_link, bold=("**", "**"), code=teams_text, code_block=teams_text)
