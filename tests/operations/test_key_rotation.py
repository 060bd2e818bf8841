"""A new CREDENTIALS_KEY: everything sealed is encrypted with it, wherever the run dies and whoever writes meanwhile."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, models
from pytest_django import Settings

from incidents.models import AuditLine, Probe, Reply, SignalSource, Subscriber
from incidents.operations import key_rotation
from incidents.operations.actors import DEMO, SHELL
from incidents.operations.credentials import SEALED_PREFIX, LostKey, is_current, seal, unseal
from incidents.operations.key_rotation import StillWritten, UnreadableSecrets, rotate_credentials
from incidents.operations.probes import create_probe, secrets_of
from incidents.operations.replies import asked, body_of, keep, reserve
from incidents.operations.sealed_columns import sealed_columns, sealed_texts
from incidents.operations.signals import make_source
from incidents.operations.subscribers import rotate_secret
from incidents.operations.vouching import vouch_for
from tests.api.asking import Script
from tests.factories import BEGAN, make_component, make_page

OLD, NEW = "the key before", "the key from now on"
SEALERS = {
    "console/unsent.py": set[
        str
    ](),  # into a session, which is over within hours and read as lost with another key
    "operations/alerts.py": {"Subscriber.secret"},
    "operations/archived_people.py": {"Subscriber.secret"},
    "operations/endpoint_urls.py": {"Subscriber.sealed_url"},
    "operations/key_rotation.py": set[str](),
    "operations/probes.py": {"Probe.sealed"},
    "operations/replies.py": {"Reply.body"},
    "operations/signals.py": {"SignalSource.secret"},
    "operations/subscribers.py": {"Subscriber.secret", "Subscriber.old_secret"},
    "operations/vouching.py": {"Subscriber.secret"},
    "web/accounts.py": {"Authenticator.data"},
}
"""Every file that seals something, and the columns that it goes into."""

pytestmark = pytest.mark.django_db(transaction=True)


def short(label: str) -> str:
    """`Model.column` without its application."""
    return label.partition(".")[2]


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    settings.CREDENTIALS_KEY, settings.CREDENTIALS_KEY_PREVIOUS = OLD, ""


@pytest.fixture
def secrets(settings: Settings) -> Callable[[], dict[str, str]]:
    """An installation with a secret in every sealed column, and what reads them all as their users do."""
    page = make_page("SIPcity")
    config = {"username": "1001", "password": "pbx-password"}
    component = make_component(page, "Network")
    probe = create_probe(
        component,
        name="UDP",
        kind="sip_register",
        target="sip:voice.example.net",
        config=config,
        by=DEMO,
        at=BEGAN,
    )
    facts = {
        "channel": "webhook",
        "address": "https://hooks.example.com/x",
        "contact_email": "noc@example.com",
    }
    subscriber = vouch_for(page, **facts, by=DEMO, at=BEGAN)
    rotate_secret(subscriber, at=BEGAN)
    source, _ = make_source(page, name="Alertmanager", by=DEMO, at=BEGAN)
    request = asked(Script(page).key, "once", method="POST", path="/v1/pages", body=b"{}")
    keep(reserve(request, at=BEGAN), status=201, body='{"secret": "shown once"}')
    dana = User.objects.create_user("dana")
    TOTP.activate(dana, generate_totp_secret())
    RecoveryCodes.activate(dana)

    def read() -> dict[str, str]:
        subscriber.refresh_from_db()
        probe.refresh_from_db()
        factors = {each.type: each for each in Authenticator.objects.all()}
        return {
            "probe": secrets_of(probe)["password"],
            "secret": unseal(subscriber.secret),
            "old secret": unseal(subscriber.old_secret),
            "source": unseal(SignalSource.objects.get(pk=source.pk).secret),
            "reply": body_of(Reply.objects.get()),
            "app": unseal(factors["totp"].data["secret"]),
            "codes": unseal(factors["recovery_codes"].data["seed"]),
        }

    return read


def rotate(**options: Any) -> key_rotation.Rotation:
    return rotate_credentials(by=SHELL, at=BEGAN, **options)


def replace_key(settings: Settings) -> None:
    settings.CREDENTIALS_KEY, settings.CREDENTIALS_KEY_PREVIOUS = NEW, OLD


def stored() -> Iterator[tuple[str, str]]:
    """Every text of the database that looks sealed, with its column; found without the registry."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                for value in model._base_manager.values_list(field.name, flat=True):
                    yield from ((f"{model.__name__}.{field.name}", text) for text in sealed_texts(value))


def test_every_caller_of_seal_writes_into_a_registered_column() -> None:
    house = Path(django_settings.BASE_DIR) / "incidents"
    callers = set()
    for file in house.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imports = any(
            isinstance(node, ast.ImportFrom)
            and str(node.module).endswith("operations.credentials")
            and any(name.name == "seal" for name in node.names)
            for node in ast.walk(tree)
        )
        if imports:
            callers.add(file.relative_to(house).as_posix())
    assert callers == set(SEALERS)
    registered = {short(str(column)) for column in sealed_columns()}
    assert set().union(*SEALERS.values()) == registered


def test_no_other_column_holds_what_is_sealed(secrets: Callable[[], dict[str, str]]) -> None:
    """By the content of a whole installation, so that a column that nobody marked is found."""
    assert {column for column, _ in stored()} == {short(str(column)) for column in sealed_columns()}


def test_afterwards_the_new_key_alone_opens_everything(
    secrets: Callable[[], dict[str, str]], settings: Settings
) -> None:
    before = secrets()
    replace_key(settings)
    assert secrets() == before
    rotation = rotate()
    assert sum(rotation.changed.values()) == len(list(stored()))
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    assert secrets() == before
    assert all(is_current(text) for _, text in stored())
    line = AuditLine.objects.filter(kind="credentials_key.rotated").get()
    assert NEW not in str(vars(line))
    again = rotate()
    assert (sum(again.changed.values()), again.current) == (0, len(list(stored())))
    settings.CREDENTIALS_KEY = OLD
    with pytest.raises(LostKey):
        secrets()


def test_wherever_it_dies_each_row_is_readable_and_the_next_run_ends_it(
    secrets: Callable[[], dict[str, str]], settings: Settings
) -> None:
    """Dead at the first write, at the second and so on, until a run comes through."""
    before, deaths = secrets(), 0
    replace_key(settings)
    while not dies_at_write(deaths + 1):
        deaths += 1
        assert secrets() == before
        assert deaths < 50
        for column in sealed_columns():  # back to the beginning, so that the next death is a later one
            put_back(column.model, column.name)
    assert deaths >= len(list(sealed_columns()))
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    assert secrets() == before


class Killed(BaseException):
    """The process ends here."""


def dies_at_write(number: int) -> bool:
    """Whether it came through: it is killed at the UPDATE of this number, if there are so many."""
    writes = 0

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal writes
        writes += sql.startswith("UPDATE")
        if writes == number:
            raise Killed
        return execute(sql, *rest)

    try:
        with connection.execute_wrapper(count):
            rotate()
    except Killed:
        return False
    return True


def put_back(model: type[models.Model], name: str) -> None:
    """As the key before would have it."""
    django_settings.CREDENTIALS_KEY, django_settings.CREDENTIALS_KEY_PREVIOUS = OLD, NEW
    rotate_credentials(by=SHELL, at=BEGAN)
    django_settings.CREDENTIALS_KEY, django_settings.CREDENTIALS_KEY_PREVIOUS = NEW, OLD


def test_what_somebody_writes_meanwhile_stays(
    secrets: Callable[[], dict[str, str]], settings: Settings
) -> None:
    replace_key(settings)
    writing = meanwhile("UPDATE", lambda: Subscriber.objects.update(secret=seal("newer")))
    with connection.execute_wrapper(writing):
        rotate()
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    assert secrets()["secret"] == "newer"


def test_what_a_process_with_the_old_key_writes_meanwhile_is_found(
    secrets: Callable[[], dict[str, str]], settings: Settings
) -> None:
    late = seal("written late")
    replace_key(settings)
    writing = meanwhile('UPDATE "incidents_probe"', lambda: Subscriber.objects.update(secret=late))
    with connection.execute_wrapper(writing):
        rotate()
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    assert secrets()["secret"] == "written late"


def test_a_process_that_goes_on_with_the_old_key_is_told_of(
    secrets: Callable[[], dict[str, str]], settings: Settings
) -> None:
    late = iter([seal(f"written again, {number}") for number in range(100)])
    replace_key(settings)
    writing = meanwhile("UPDATE", lambda: Subscriber.objects.update(secret=next(late)), times=100)
    with connection.execute_wrapper(writing), pytest.raises(StillWritten, match="Restart all of them"):
        rotate()


def meanwhile(statement: str, write: Callable[[], object], *, times: int = 1) -> Callable[..., Any]:
    """Does `write` just before a statement that begins so, as another process could."""
    left, busy = times, False

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal left, busy
        if sql.startswith(statement) and left and not busy:
            left, busy = left - 1, True
            write()
            busy = False
        return execute(sql, *rest)

    return wrapper


def test_what_neither_key_opens_is_named_and_stops_it_before_anything_is_changed(
    secrets: Callable[[], dict[str, str]], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CREDENTIALS_KEY = "a key that was lost"
    Probe.objects.update(sealed=seal("{}"))
    broken = Subscriber.objects.get()
    Subscriber.objects.update(old_secret="not even sealed")
    replace_key(settings)
    before = sorted(stored())
    with pytest.raises(UnreadableSecrets) as caught:
        rotate()
    probe = Probe.objects.get()
    assert sorted(caught.value.names) == [
        f"incidents.Probe.sealed of row {probe.pk}",
        f"incidents.Subscriber.old_secret of row {broken.pk}",
    ]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_credentials_key")
    assert f"cannot be read: incidents.Probe.sealed of row {probe.pk}\n" in capsys.readouterr().err
    assert sorted(stored()) == before
    with pytest.raises(SystemExit) as status:
        call_command("rotate_credentials_key", leave_unreadable=True)
    assert status.value.code == 1
    assert "2 cannot be read with either key and were left as they are." in capsys.readouterr().out
    assert is_current(Subscriber.objects.get().secret)
    assert [text for _, text in stored() if not is_current(text)] == [probe.sealed]


def test_the_command_says_how_many_rows_it_wrote(
    secrets: Callable[[], dict[str, str]], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_key(settings)
    call_command("rotate_credentials_key")
    printed = capsys.readouterr().out
    assert "incidents.Subscriber.secret: 1\n" in printed
    assert f"{len(list(stored()))} rows encrypted with CREDENTIALS_KEY, 0 already were.\n" in printed
    assert printed.endswith("CREDENTIALS_KEY_PREVIOUS is no longer needed.\n")
    call_command("rotate_credentials_key")
    assert capsys.readouterr().out.startswith("0 rows encrypted")


def test_more_rows_than_a_batch_holds_are_all_written(settings: Settings) -> None:
    page, count = make_page(), 2 * key_rotation.BATCH_ROWS + 3
    rows = (
        Subscriber(
            page=page,
            channel="webhook",
            address=f"https://x.example.com/{n}",
            nonce="n",
            secret=seal(f"{n}"),
            created_at=BEGAN,
        )
        for n in range(count)
    )
    Subscriber.objects.bulk_create(rows)
    replace_key(settings)
    assert rotate().changed["incidents.Subscriber.secret"] == count
    settings.CREDENTIALS_KEY_PREVIOUS = ""
    assert {unseal(each) for each in Subscriber.objects.values_list("secret", flat=True)} == {
        str(n) for n in range(count)
    }


def test_what_seal_writes_is_known_by_its_beginning() -> None:
    assert seal("").startswith(SEALED_PREFIX)
    assert seal("x" * 9000).startswith(SEALED_PREFIX)
