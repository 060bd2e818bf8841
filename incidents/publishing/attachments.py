"""The documents attached to published RFOs: copied beside the pages, so that they survive with them.

They never change, so each is copied once. Browsers are told to save them, never to show them.
"""

from incidents.domain.tree import IncidentView
from incidents.models import Attachment
from incidents.publishing.bundles import bundle
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import attachment_path, attachments


def publish_attachments(folder: PageFolder, incident: IncidentView) -> None:
    """Copy what is not there yet. Raises OSError when a file cannot be read."""
    paths = {each.code: attachment_path(each) for each in attachments(incident)}
    missing = [code for code, path in paths.items() if not folder.file_of(path).exists()]
    for row in Attachment.objects.filter(code__in=missing) if missing else ():
        with row.file.open("rb") as content:
            folder.write(bundle(paths[row.code], row.media_type, content.read(), download=row.name))
