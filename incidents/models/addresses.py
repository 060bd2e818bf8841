"""Where a page is read: its own address, and whether this installation answers there."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from incidents.models.pages import Page, PageHost


def page_address(page: Page, *, site_url: str) -> str:
    """The base of all links of a page, without a slash at its end: what is set, else its own host, else the site's.

    A host counts as far as ALLOWED_HOSTS has it: under any other name this server answers nobody.
    """
    return page.url.rstrip("/") if page.url else _of_hosts(_hosts(page), site_url)


def address_problem(page: Page, *, site_url: str) -> str:
    """Why nothing of the page answers at its address, as a sentence; empty where it does."""
    if page.url:
        return _problem_of(page, urlsplit(page.url).hostname or "")
    hosts, site_host = _hosts(page), urlsplit(site_url).hostname or ""
    is_own = site_host in hosts or any(validate_host(each, settings.ALLOWED_HOSTS) for each in hosts)
    return "" if is_own else _problem_without_host(page, site_host, hosts)


def _hosts(page: Page) -> list[str]:
    return list(PageHost.objects.filter(page=page).order_by("pk").values_list("host", flat=True))


def _of_hosts(hosts: Sequence[str], site_url: str) -> str:
    site = urlsplit(site_url)
    host = next((each for each in hosts if validate_host(each, settings.ALLOWED_HOSTS)), None)
    if host is None or site.hostname in hosts:
        return site_url.rstrip("/")
    return f"{site.scheme}://{host}{f':{site.port}' if site.port else ''}"


def _problem_of(page: Page, host: str) -> str:
    """What is wrong with an address that somebody has set."""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return f"This server does not answer as {host}: ALLOWED_HOSTS does not have it."
    return (
        "" if _answers(page, host) else f"{host} does not answer for this page: add it to the page's hosts."
    )


def _problem_without_host(page: Page, host: str, claimed: list[str]) -> str:
    if _answers(page, host):
        return ""
    if claimed:
        return f"This server does not answer as {claimed[0]} yet: ALLOWED_HOSTS does not have it."
    return "This page has no host yet, so no address answers for it. Give it one in the console or with PATCH /v1."


def _answers(page: Page, host: str) -> bool:
    """Whether a request under this host is for the page."""
    claimed = PageHost.objects.filter(host=host.lower()).values_list("page_id", flat=True).first()
    return claimed == page.pk if claimed else page.is_default
