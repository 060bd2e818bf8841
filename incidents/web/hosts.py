"""Which page a request is for: its Host says so, to Django as to the front (DESIGN 6)."""

from django.http import Http404, HttpRequest
from django.http.request import split_domain_port

from incidents.models import Page


def host_of(request: HttpRequest) -> str:
    """The host name as pages claim it: lower case, without port and final dot. It is an allowed one."""
    return split_domain_port(request.get_host())[0]


def page_of(request: HttpRequest) -> Page:
    """The page that claims the host, else the default page. Raises Http404 where no page is set up."""
    claimed = Page.objects.filter(hosts__host=host_of(request)).first()
    page = claimed or Page.objects.filter(is_default=True).first()
    if page is None:
        raise Http404("No page is set up yet.")
    return page
