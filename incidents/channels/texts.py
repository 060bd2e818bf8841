"""What every channel for people must do to a text."""


def shortened(text: str, limit: int) -> str:
    """The text within so many characters, cut at a word with an ellipsis where it is longer."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
