"""Publishing's ear: it hears the *touched* bell in whichever process made the change."""

from incidents.operations.bells import when_touched
from incidents.publishing.publisher import publish_page


def register() -> None:
    """Publish a page in the same process right after each committed change of it; a bell logs what fails."""
    when_touched(publish_page)
