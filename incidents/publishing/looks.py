"""A brand's own style sheet and logo: documents like all others, since no page may hold a style of its own."""

from incidents.publishing.subjects import Subject


def css(subject: Subject) -> bytes:
    """`/look.css`: the accent, and black or white on it, whichever reads better."""
    look = subject.snapshot.page.look
    if look is None or not look.accent:
        return b""
    accent, ink = look.accent, look.ink
    rules = f".top{{border-block-start:4px solid {accent}}}"
    rules += f".top .button{{background:{accent};border-color:{accent};color:{ink}}}"
    return f"{rules}\n".encode()


def logo(subject: Subject) -> bytes:
    """`/logo.png`"""
    look = subject.snapshot.page.look
    return look.logo if look else b""
