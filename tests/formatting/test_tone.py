"""Each state has a tone of its own, and silence is a straight line."""

from incidents.domain.components import ComponentStatus
from incidents.formatting.tone import WIDTH, tone_path


def test_no_two_states_sound_alike() -> None:
    assert len({tone_path(state) for state in [*ComponentStatus, "unknown"]}) == len(ComponentStatus) + 1


def test_dial_tone_has_no_pause_and_silence_no_wave() -> None:
    assert "h" not in tone_path("operational")
    assert tone_path("unknown") == f"M0 20h{WIDTH}"


def test_reorder_is_twice_as_fast_as_busy() -> None:
    assert tone_path("major_outage").count("h") == 2 * tone_path("partial_outage").count("h")
