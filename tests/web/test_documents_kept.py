"""Renderings in viewers' zones are kept for a moment, within bounds."""

from incidents.web.zones import KEPT_SECONDS, MOST, MOST_BYTES, Kept, Rendered

SYDNEY = Rendered("abc", "7", "/", "Australia/Sydney")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_rendering_is_kept_for_a_moment_only() -> None:
    clock = Clock()
    kept = Kept(clock)
    kept.keep(SYDNEY, b"AEDT")
    assert kept.get(SYDNEY) == b"AEDT"
    clock.now += KEPT_SECONDS
    assert kept.get(SYDNEY) is None


def test_another_zone_path_page_or_revision_is_another_rendering() -> None:
    kept = Kept()
    kept.keep(SYDNEY, b"AEDT")
    for change in (
        {"zone": "UTC"},
        {"path": "/history"},
        {"page": "xyz"},
        {"revision": "8"},
        {"is_silent": True},
    ):
        assert kept.get(SYDNEY._replace(**change)) is None


def test_strangers_cannot_fill_the_memory() -> None:
    kept = Kept()
    for number in range(MOST * 3):
        kept.keep(SYDNEY._replace(path=f"/{number}"), b"x" * (MOST_BYTES // 50))
    assert sum(len(content) for _, content in kept._found.values()) <= MOST_BYTES
    assert len(kept._found) <= MOST
