"""The same doors for servers that speak ASGI only."""

from asgiref.wsgi import WsgiToAsgi

from statuspage.wsgi import application as wsgi_application

application = WsgiToAsgi(wsgi_application)  # type: ignore[no-untyped-call]
