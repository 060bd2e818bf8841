"""The beginning of a text in one line, for lists and previews."""

LIMIT = 280
"""Characters that a list shows of an incident's words."""


def excerpt(text: str, limit: int = LIMIT) -> str:
    """The text in one line, and an ellipsis where it had more than `limit` characters."""
    words = " ".join(text.split())
    return words if len(words) <= limit else f"{words[:limit].rstrip()}…"
