"""Contrast of colours as WCAG 2.2 computes it, of colours written as `#0b57d0`."""

AA_TEXT = 4.5
AA_EDGE = 3.0
"""What the edge of a control needs beside its surroundings (success criterion 1.4.11)."""


def contrast(one: str, other: str) -> float:
    """1 for the same colour up to 21 for black on white."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on it; one of them always has a contrast of at least 4.5."""
    black, white = "#000000", "#ffffff"
    return black if contrast(colour, black) > contrast(colour, white) else white


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]  # noqa: PLR2004
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
