"""A brand's look: on its page without a style of its own in it, its logo drawn anew, hostile files refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from incidents.domain.tree import LookView
from incidents.models import Look, Page
from incidents.operations.actors import DEMO
from incidents.operations.errors import Refused
from incidents.operations.looks import set_look
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, make_page
from tests.publishing.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def picture(form: str = "PNG", size: tuple[int, int] = (600, 200)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "#0b57d0").save(made, form)
    return made.getvalue()


def wear(page: Page, **facts: object) -> Look:
    words = {"accent": "", "home_url": "", "support": "", **facts}
    return set_look(page, **words, by=DEMO, at=BEGAN)  # type: ignore[arg-type]


def test_it_is_on_the_page_and_in_documents_of_its_own(page: Page) -> None:
    wear(
        page,
        accent="#0B57D0",
        home_url="https://sipcity.example/",
        support="Call <b>1300</b>.",
        logo=picture(),
    )
    publish_page(page.pk, everything=True)
    index = text_of(page, "/")
    assert 'href="/look.css?v=' in index
    assert 'src="/logo.png?v=' in index
    assert 'alt="SIPcity"' in index
    assert "Call &lt;b&gt;1300&lt;/b&gt;." in index
    assert 'href="https://sipcity.example/"' in index
    assert " style=" not in index
    assert "background:#0b57d0" in text_of(page, "/look.css")


def test_a_page_without_one_asks_for_nothing_more(page: Page) -> None:
    publish_page(page.pk, everything=True)
    assert "look.css" not in text_of(page, "/")
    assert "logo.png" not in text_of(page, "/")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_fits(page: Page, form: str) -> None:
    kept = bytes(wear(page, logo=picture(form)).logo)
    with Image.open(io.BytesIO(kept)) as drawn:
        assert drawn.format == "PNG"
        assert drawn.width <= 480
        assert drawn.height <= 120


def test_nothing_but_the_picture_of_a_file_stays(page: Page) -> None:
    kept = bytes(wear(page, logo=picture() + b"<script>alert(1)</script>").logo)
    assert b"script" not in kept


def bomb() -> bytes:
    """A PNG whose head says 50,000 by 50,000 pixels."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        picture()[:100],
        picture("BMP"),
        picture("GIF"),
        bomb(),
        picture(size=(4100, 2)),
        b"\x89PNG" + b"\0" * 600_000,
    ],
    ids=["svg", "pdf", "gif", "head", "cut", "bmp", "gif-whole", "bomb", "wide", "large"],
)
def test_what_is_no_plain_picture_is_refused(page: Page, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        wear(page, logo=content)
    assert refused.value.field == "logo"
    assert not Look.objects.filter(logo__gt=b"").exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"accent": "blue"}, "accent"),
        ({"accent": "#12345"}, "accent"),
        ({"accent": "#123456;}"}, "accent"),
        ({"home_url": "javascript:alert(1)"}, "home_url"),
        ({"home_url": "//evil.example"}, "home_url"),
        ({"support": "a\x00b"}, "support"),
        ({"support": "x" * 301}, "support"),
    ],
)
def test_what_no_page_can_wear_is_refused(page: Page, facts: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        wear(page, **facts)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "accent", ["#000000", "#ffffff", "#0b57d0", "#777777", "#ffcc00", "#ff0000", "#00aa55"]
)
def test_words_on_any_colour_can_be_read(accent: str) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = LookView(accent, b"", "", "").ink
    light, dark = sorted(
        (luminance(accent), luminance("#000000" if ink == "#000" else "#ffffff")), reverse=True
    )
    assert (light + 0.05) / (dark + 0.05) >= 4.5
