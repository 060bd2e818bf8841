"""What chat programs show of a document that somebody pastes: its picture, its kind and its dates (ogp.me)."""

from typing import Any

from incidents.formatting.times import iso_seconds
from incidents.publishing.assets import asset_url
from incidents.publishing.linked_data import dates
from incidents.publishing.subjects import Subject

GENERAL = "page"
"""The picture of a document that does not say how things are now: it must not look like good news later."""
SIZE = (1200, 630)
"""Pixels of every picture; `tests/publishing/pictures.py` draws them."""


def preview(subject: Subject, *, picture: str) -> dict[str, Any]:
    """`picture` is a state, or GENERAL."""
    page = subject.snapshot.page
    published, modified = (iso_seconds(at, page.zone) for at in dates(subject))
    is_article = subject.incident is not None
    width, height = SIZE
    return {
        "kind": "article" if is_article else "website",
        "image": f"{page.url}{asset_url(f'cards/{picture}.png')}",
        "width": width,
        "height": height,
        "published": published if is_article else "",
        "modified": modified,
    }
