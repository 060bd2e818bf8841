"""`manage.py demo`: fill an empty installation with three brands' pages; running it again changes nothing."""

import os
import secrets
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from incidents.management.demo import cable, document, history, outage, works
from incidents.management.demo.brands import BRANDS, SIPCITY, Brand
from incidents.management.publishing_command import PublishingCommand
from incidents.models import Component, Event, Incident, Page, Probe
from incidents.operations.actors import DEMO
from incidents.operations.imports import import_report
from incidents.operations.pages import create_page, set_address
from incidents.operations.probes import create_probe, edit_probe, options_of
from incidents.operations.slow import uncontended_transaction
from incidents.sip import registrar

WATCHED = {
    "Network": ("sip_options", ("udp", "tcp", "tls")),
    "Registration": ("sip_register", ("udp", "tls")),
}
BEFORE = timedelta(days=120)


class Command(PublishingCommand):
    """Three pages with their history, the October 2021 outage with its RFO, live probes and a staff login."""

    help = "Load the demo (idempotent)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the demo's SIP responder listens."""
        parser.add_argument("--sip-port", type=int, default=15060)
        parser.add_argument("--sip-tls-port", type=int, default=15061)

    def handle(self, *args: Any, sip_port: int, sip_tls_port: int, **options: Any) -> None:
        """What exists is kept, and what an older demo lacks is added; only addresses follow the ports."""
        now = datetime.now(UTC)
        if not Page.objects.exists() or _is_ours():
            self._load(now)
        self._aim_probes(sip_port, sip_tls_port, now)
        self._make_login()
        self.stdout.write("The demo is loaded.")

    @uncontended_transaction()
    def _load(self, now: datetime) -> None:
        pages = {brand.name: _page(brand, now) for brand in BRANDS}
        if not Incident.objects.filter(twin_of__isnull=False).exists():
            cable.tell(pages, now=now)
        if not Incident.objects.planned().exists():
            works.plan(pages[SIPCITY.name], now=now)
        addresses = "".join(f"{_address(brand)}/\n" for brand in BRANDS)
        (Path(settings.DATA_DIR) / "demo-brands.txt").write_text(addresses)

    @transaction.atomic
    def _aim_probes(self, port: int, tls_port: int, now: datetime) -> None:
        folder = Path(settings.DATA_DIR) / "demo"
        for name, (kind, transports) in WATCHED.items():
            component = Component.objects.filter(page__name=outage.PAGE, name=name).first()
            for transport in transports if component else ():
                is_tls = transport == "tls"
                target = f"sip:localhost:{tls_port}" if is_tls else f"sip:127.0.0.1:{port}"
                config: dict[str, str] = {"transport": transport}
                if is_tls:
                    config["ca_file"] = str(folder / "sip-ca.pem")
                if kind == "sip_register":
                    config |= {"username": registrar.USER, "password": registrar.ensure_password(folder)}
                if component:
                    set_up = {"name": f"{name} over {transport.upper()}", "kind": kind, "target": target}
                    _aim(component, set_up, config, now)

    def _make_login(self) -> None:
        file = Path(settings.DATA_DIR) / "demo-login.txt"
        user, created = User.objects.get_or_create(
            username="demo",
            defaults={"is_staff": True, "is_superuser": True, "email": "demo@sipcity.example"},
        )
        if not created:
            return
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(f"{user.username}\n{password}\n")


def _aim(component: Component, set_up: dict[str, str], config: dict[str, str], now: datetime) -> None:
    """One probe as it should be; of another kind, as an older demo had it, it is made anew."""
    Probe.objects.filter(component=component, name=set_up["name"]).exclude(kind=set_up["kind"]).delete()
    probe = Probe.objects.filter(component=component, name=set_up["name"]).first()
    if probe is None:
        name, kind, target = (set_up[each] for each in ("name", "kind", "target"))
        create_probe(component, name=name, kind=kind, target=target, config=config, by=DEMO, at=now)
    elif (probe.target, options_of(probe)) != (set_up["target"], config):
        edit_probe(probe, target=set_up["target"], config=config, by=DEMO, at=now)


def _is_ours() -> bool:
    """Whether the installation began as a demo; another one's pages are nothing to us."""
    return Event.objects.filter(page__name=SIPCITY.name, actor=DEMO.name).exists()


def _page(brand: Brand, now: datetime) -> Page:
    page = Page.objects.filter(Q(name=brand.name) | Q(hosts__host=brand.host)).first()
    if page is None:
        return _new_page(brand, now)
    is_ours = urlsplit(page.url).hostname == brand.host or (brand is SIPCITY and _is_local(page.url))
    url = _home(brand) if is_ours else page.url
    set_address(page, url=url, hosts=(brand.host,), by=DEMO, at=now)
    return page


def _new_page(brand: Brand, now: datetime) -> Page:
    page = create_page(
        name=brand.name,
        zone_name=brand.zone,
        url=_home(brand),
        hosts=(brand.host,),
        by=DEMO,
        at=now - BEFORE,
    )
    history.create_components(page, brand.groups, brand.alone, at=now - BEFORE)
    if brand is SIPCITY:
        documents = {"certificate-finding.pdf": document.pdf()}
        import_report(outage.report(), documents=documents, by=DEMO, at=now - BEFORE)
    history.replay(page, brand.episodes, now=now)
    return page


def _is_local(url: str) -> bool:
    """An address that the demo has given its default page, under this port or an earlier one, or none."""
    return urlsplit(url).hostname in {None, "localhost", "127.0.0.1", "::1"}


def _home(brand: Brand) -> str:
    """Where its links lead: of the default page the site itself, which answers where no resolver knows `.localhost`."""
    return str(settings.SITE_URL).rstrip("/") if brand is SIPCITY else _address(brand)


def _address(brand: Brand) -> str:
    site = urlsplit(settings.SITE_URL)
    return f"{site.scheme}://{brand.host}{f':{site.port}' if site.port else ''}"
