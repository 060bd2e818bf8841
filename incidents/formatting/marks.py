"""The marks of the states as SVG in a box of 16 by 16, for pictures that stand alone and have no style sheet.

Pages draw the same ones from `templates/pages/marks.html`; a test compares the two.
"""

from collections.abc import Mapping

MARKS: Mapping[str, str] = {
    "operational": '<circle class="solid" cx="8" cy="8" r="8" /><path class="sign" d="m4.4 8.3 2.4 2.4 4.8-5" />',
    "degraded_performance": '<circle class="solid" cx="8" cy="8" r="8" /><path class="sign" d="M4.2 8h7.6" />',
    "partial_outage": (
        '<path class="solid" d="M8 .4 16.2 15.4H-.2z" /><path class="sign" d="M8 5.8v4M8 12.4v.6" />'
    ),
    "major_outage": (
        '<path class="solid" d="M4.7 0h6.6L16 4.7v6.6L11.3 16H4.7L0 11.3V4.7z" />'
        '<path class="sign" d="m5 5 6 6m0-6-6 6" />'
    ),
    "under_maintenance": (
        '<rect class="solid" width="16" height="16" rx="4" />'
        '<path class="sign" d="m4 12 4.6-4.6M12.6 5.2a2.7 2.7 0 1 1-1.8-1.8L9.6 4.7l1.7 1.7z" />'
    ),
    "unknown": '<circle class="ring" cx="8" cy="8" r="6.6" />',
}


def mark_svg(state: str, *, ink: str, ground: str) -> str:
    """The state's mark filled with the colour `ink`, its sign drawn in that of the `ground`."""
    line = 'fill="none" stroke="{}" stroke-width="{}" stroke-linecap="{}" stroke-linejoin="round"'
    styles = {
        'class="solid"': f'fill="{ink}"',
        'class="sign"': line.format(ground, "1.9", "round"),
        'class="ring"': line.format(ink, "2.4", "butt") + ' stroke-dasharray="2.6 2.583"',
    }
    drawn = MARKS[state]
    for name, style in styles.items():
        drawn = drawn.replace(name, style)
    return drawn
