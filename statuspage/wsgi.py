"""The WSGI door: public documents are answered in front of Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
django = get_wsgi_application()

from incidents.web.doors import Doors  # noqa: E402  (settings come first)
from incidents.web.front import Front  # noqa: E402
from incidents.web.health import Health  # noqa: E402

application = Health(Front(Doors(django)))
