"""A document in one file: what goes in comes out, and nothing else does."""

import gzip

import brotli
import pytest

from incidents.publishing.bundles import BrokenBundle, bundle, dump, load

RAW = b"<p>Calls over UDP work.</p>" * 40
STALE = b"<p>Not confirmed.</p>" * 40


def test_a_bundle_comes_back_as_it_was_written() -> None:
    written = bundle("/", "text/html; charset=utf-8", RAW, stale=STALE)
    assert load(dump(written)) == written


def test_every_encoding_gives_back_the_same_bytes() -> None:
    bodies = bundle("/", "text/html", RAW).fresh.bodies
    assert bodies["identity"] == gzip.decompress(bodies["gzip"]) == brotli.decompress(bodies["br"]) == RAW


def test_the_same_words_give_the_same_bytes_so_that_caches_keep_them() -> None:
    assert dump(bundle("/", "text/html", RAW)) == dump(bundle("/", "text/html", RAW))


def test_encodings_and_renderings_have_etags_of_their_own() -> None:
    written = bundle("/", "text/html", RAW, stale=STALE)
    assert written.stale is not None
    tags = [each.etag(name) for each in (written.fresh, written.stale) for name in ("identity", "gzip", "br")]
    assert len(set(tags)) == 6


def test_a_stale_rendering_that_says_the_same_is_left_out() -> None:
    assert bundle("/", "text/html", RAW, stale=RAW).stale is None


@pytest.mark.parametrize("raw", [b"", b"{}", b"ok"])
def test_what_would_grow_is_not_compressed(raw: bytes) -> None:
    assert list(bundle("/", "application/json", raw).fresh.bodies) == ["identity"]


def test_a_picture_or_pdf_is_not_compressed_again() -> None:
    assert list(bundle("/a", "application/pdf", RAW, download="a.pdf").fresh.bodies) == ["identity"]


@pytest.mark.parametrize("cut", [0, 5, 40, -1, -200])
def test_a_torn_file_is_no_bundle(cut: int) -> None:
    with pytest.raises(BrokenBundle):
        load(dump(bundle("/", "text/html", RAW))[:cut])


def test_a_flipped_bit_in_a_body_is_noticed() -> None:
    content = bytearray(dump(bundle("/", "text/html", RAW)))
    content[-10] ^= 1
    with pytest.raises(BrokenBundle):
        load(bytes(content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"<!doctype html>",
        b"dialtone-1 \n",
        b"dialtone-1 []\n",
        b"dialtone-1 {}\n",
        b'dialtone-1 {"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "variants": []}\n',
        b"dialtone-1 \xff\n",
    ],
)
def test_a_foreign_file_is_no_bundle(content: bytes) -> None:
    with pytest.raises(BrokenBundle):
        load(content)
