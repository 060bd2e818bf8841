"""The door for granian: public documents are answered in front of Django, and a gate keeps its places."""

from django.core.wsgi import get_wsgi_application

from statuspage.boot import read_settings

read_settings()
django = get_wsgi_application()

from incidents.api import reference  # noqa: E402  (settings come first)
from incidents.api.senders import sender_by_key  # noqa: E402
from incidents.web.front import Front  # noqa: E402
from incidents.web.gate import Gate  # noqa: E402

application = Gate(
    Front(django), django, sender_by_key=sender_by_key, release_documents=reference.accepted_document
)
