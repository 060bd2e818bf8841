"""Whether a script may send a file, asked before its body is read: all that the view would ask without the body."""

import re
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from rest_framework.exceptions import AuthenticationFailed, NotFound, PermissionDenied
from rest_framework.request import Request

from incidents.api.keys import KeyAuthentication, demand
from incidents.api.rfos import RfoAttachments
from incidents.domain.body_limits import Sender

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DOCUMENTS = re.compile(r"/v1/pages/(?P<page_id>[^/]+)/rfos/(?P<rfo_id>[^/]+)/attachments(?:\.json)?")


def sender_by_key(environ: "WSGIEnvironment") -> Sender:
    """Who sends a file to a path below `/v1/`: valid key, its scope, its page and the RFO, in that order.

    The view asks again, and for what may have changed meanwhile. Raises what the database raises.
    """
    plain = WSGIRequest(environ | {"wsgi.input": BytesIO()})
    request = Request(plain)
    try:
        _, key = KeyAuthentication().authenticate(request)
        demand(key, *RfoAttachments.writes)
        found = _DOCUMENTS.fullmatch(plain.path_info)
        if found is None:
            return Sender.NOWHERE
        request.auth = key
        view = RfoAttachments()
        view.setup(plain, **found.groupdict())
        view.request = request
        view.rfo(view.kwargs["rfo_id"])
    except AuthenticationFailed:
        return Sender.UNKNOWN
    except PermissionDenied:
        return Sender.NOT_ALLOWED
    except NotFound:
        return Sender.NOWHERE
    finally:
        close_old_connections()
    return Sender.SCRIPT
