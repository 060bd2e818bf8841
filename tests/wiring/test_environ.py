"""Settings come from the environment, typed; a wrong value stops the boot and names the variable."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured

from incidents.domain.signatures import new_private_pem
from statuspage.environ import Environment

ROOT = Path(__file__).resolve().parents[2]


def boot(
    tmp_path: Path, *arguments: str, command: str = "check", **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEBUG", "perhaps"),
        ("HSTS_SUBDOMAINS", "perhaps"),
        ("NOTIFY_HOLD_SECONDS", "-1"),
        ("NOTIFY_HOLD_SECONDS", "ten"),
        ("PROBE_CONCURRENCY", "0"),
        ("LOG_FORMAT", "xml"),
        ("SITE_URL", "status.example.net"),
        ("EMAIL_URL", "pigeon://roof"),
        ("DATABASE_URL", "nonsense"),
        ("CACHE_URL", "nonsense"),
        ("SECRET_KEY_FILE", "/does/not/exist"),
        ("TIME_ZONE", "Mars/Base"),
        ("WEBHOOK_ALLOW_PRIVATE", "not-a-network"),
        ("TRUSTED_PROXIES", "the-proxy"),
        ("CELERY_BROKER_URL", "pigeon://roof"),
        ("SECURITY_CONTACT", "security@sipcity.test"),
        ("SECURITY_CONTACT", "http://sipcity.test/report"),
        ("SECURITY_CONTACT", "mailto:nobody"),
        ("SECURITY_CONTACT", "https://"),
        ("SECRET_KEY_FALLBACKS_FILE", "/does/not/exist"),
        ("CREDENTIALS_KEY_PREVIOUS_FILE", "/does/not/exist"),
    ],
)
def test_a_wrong_value_stops_the_boot_and_names_the_variable(
    tmp_path: Path, variable: str, value: str
) -> None:
    done = boot(tmp_path, **{variable: value})
    assert done.returncode != 0
    assert variable in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("place", ["[::1", "h:abc", "h:99999"])
@pytest.mark.parametrize(
    ("variable", "scheme", "read"),
    [
        ("SITE_URL", "https", lambda env: env.web_address("SITE_URL", "")),
        ("SECURITY_CONTACT", "https", lambda env: env.contacts("SECURITY_CONTACT")),
        ("CELERY_BROKER_URL", "redis", lambda env: env.broker("CELERY_BROKER_URL", "")),
        ("CACHE_URL", "redis", lambda env: env.cache("CACHE_URL", "")),
        ("CACHE_URL", "rediss", lambda env: env.cache("CACHE_URL", "")),
    ],
)
def test_an_address_that_cannot_be_taken_apart_stops_the_boot_and_is_not_printed(
    variable: str, scheme: str, read: Callable[[Environment], object], place: str
) -> None:
    """Not a request or a worker, much later, in the words of some library."""
    with pytest.raises(ImproperlyConfigured, match=rf"^{variable}: ") as found:
        read(Environment({variable: f"{scheme}://dialtone:hunter2@{place}/0"}))
    assert "hunter2" not in str(found.value)


def test_a_cache_may_have_several_hosts() -> None:
    env = Environment({"CACHE_URL": "redis://10.0.0.1:6379,10.0.0.2:6379/1"})
    assert len(env.cache("CACHE_URL", "")["LOCATION"]) > 1


def test_the_defaults_boot(tmp_path: Path) -> None:
    done = boot(tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    boot(tmp_path)
    first = (tmp_path / "secret_key").read_text()
    boot(tmp_path)
    assert (tmp_path / "secret_key").read_text() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    assert Environment({"SECRET_KEY_FILE": str(tmp_path / "key")}).text("SECRET_KEY") == "s3cret"


def test_a_url_with_a_password_is_not_printed(tmp_path: Path) -> None:
    done = boot(tmp_path, DATABASE_URL="bogus://dialtone:hunter2@db/x")
    assert done.returncode != 0
    assert "hunter2" not in done.stderr + done.stdout


def test_secrets_are_separated_by_white_space_and_may_hold_commas() -> None:
    assert Environment({"OLD": "a,b\n c "}).secrets("OLD") == ["a,b", "c"]
    assert Environment({}).secrets("OLD") == []


def test_a_signing_key_is_ed25519_as_pem_on_one_line_too_and_never_printed(tmp_path: Path) -> None:
    pem = new_private_pem()
    for written in (pem, pem.replace("\n", "\\n")):
        assert Environment({"KEY": written}).ed25519("KEY") == pem
    assert Environment({}).ed25519("KEY") == ""
    rsa = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in ("hunter2", pem[:-40], rsa.decode()):
        with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY: not an Ed25519") as error:
            Environment({"SIGNING_KEY": wrong}).ed25519("SIGNING_KEY")
        assert wrong not in str(error.value)
    done = boot(tmp_path, SIGNING_KEY="hunter2")
    assert (done.returncode != 0, "SIGNING_KEY" in done.stderr, "hunter2" in done.stderr) == (
        True,
        True,
        False,
    )


def test_a_boot_whose_signing_key_cannot_be_made_warns_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "signing").write_text("a file in the way")
    done = boot(tmp_path)
    assert done.returncode == 0
    assert "The key that signs RFOs cannot be read or made" in done.stderr


def test_flags_numbers_and_lists_are_read() -> None:
    env = Environment({"A": "Yes", "B": " 7 ", "C": "one, two three"})
    assert env.flag("A") is True
    assert env.number("B", 1) == 7
    assert env.words("C") == ["one", "two", "three"]
    assert env.flag("ABSENT") is False
    with pytest.raises(ImproperlyConfigured, match="ABSENT"):
        env.text("ABSENT")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SITE_URL": "http://status.example.com", "HSTS_SUBDOMAINS": "true"}, "0 False False"),
        ({"SITE_URL": "https://status.example.com"}, "31536000 False False"),
        ({"SITE_URL": "https://status.example.com", "HSTS_SUBDOMAINS": "true"}, "31536000 True True"),
    ],
)
def test_https_binds_our_own_host_name_and_others_only_when_asked(
    tmp_path: Path, variables: dict[str, str], expected: str
) -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    code = "from django.conf import settings\nprint(" + ", ".join(f"settings.{name}" for name in names) + ")"
    done = boot(tmp_path, "--verbosity", "0", "-c", code, command="shell", **variables)
    assert done.stdout.strip() == expected, done.stderr


@pytest.mark.parametrize("everywhere", ["true", "false"])
def test_an_installation_behind_https_is_clean_for_deployment(tmp_path: Path, everywhere: str) -> None:
    site = {"SITE_URL": "https://status.example.com", "HSTS_SUBDOMAINS": everywhere}
    done = boot(tmp_path, "--deploy", "--fail-level", "WARNING", **site)
    assert done.returncode == 0, done.stderr
