"""The environment file: what it may say, where it is found, and that nothing in it is guessed or printed."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from statuspage.env_file import FILE_NAME, load, parse

WRITTEN = """\ufeff# settings of the status page
; and a second kind of comment

SITE_URL=https://status.example.com
 DEFAULT_FROM_EMAIL = status@example.com \r
SECRET_KEY='pa$$ "w" \\ord#1'
METRICS_TOKEN="a \\"b\\" \\$c \\\\ d"
ALLOWED_HOSTS="one.example two.example"
SIGNING_KEY="-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEI
-----END PRIVATE KEY-----"
DATABASE_URL=postgres://u:p%23@db/rows?sslmode=require
EMPTY=
""".replace(" DEFAULT_FROM_EMAIL = ", " DEFAULT_FROM_EMAIL=")


def test_values_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    environ = {"DATA_DIR": str(tmp_path)}
    assert load(environ, default_dir=tmp_path / "none") == tmp_path / FILE_NAME
    assert {name: value for name, value in environ.items() if name != "DATA_DIR"} == {
        "SITE_URL": "https://status.example.com",
        "DEFAULT_FROM_EMAIL": "status@example.com",
        "SECRET_KEY": 'pa$$ "w" \\ord#1',
        "METRICS_TOKEN": 'a "b" $c \\ d',
        "ALLOWED_HOSTS": "one.example two.example",
        "SIGNING_KEY": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI\n-----END PRIVATE KEY-----",
        "DATABASE_URL": "postgres://u:p%23@db/rows?sslmode=require",
        "EMPTY": "",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A=1\nSITE_URL=x\nA=s3cret\n", "line 3: A is set in line 1 already"),
        ("export A=s3cret\n", "line 1: not NAME=value, without `export`"),
        ("A = s3cret\n", "line 1: not NAME=value"),
        ("s3cret\n", "line 1: not NAME=value"),
        ("A='s3cret\n", "line 1: A has a quote that is not closed"),
        ("A='s3cret' B\n", "line 1: A has a quote that is not closed"),
        ("A='s3cret' 'B'\n", "line 1: A has a quote that is not closed"),
        ('A="s3cret\\"\n', "line 1: A has a quote that is not closed"),
        ("A=s3'cret\n", "line 1: A holds a quote, a backslash or a comment"),
        ("A=s3cret\\n\n", "line 1: A holds a quote, a backslash or a comment"),
        ("A=s3cret # why\n", "line 1: A holds a quote, a backslash or a comment"),
        ("A=s3cret\0\n", "line 1: A holds a character that cannot be printed"),
    ],
)
def test_what_others_would_read_differently_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        parse(text, Path("dialtone.env"))
    assert words in str(error.value)
    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_the_environment_wins_also_where_the_file_names_a_secrets_file(tmp_path: Path) -> None:
    (tmp_path / "named").write_text(
        "SITE_URL=https://file.example\nSECRET_KEY_FILE=/run/key\nMETRICS_TOKEN=file\n"
    )
    environ = {
        "DIALTONE_ENV_FILE": str(tmp_path / "named"),
        "SITE_URL": "https://process.example",
        "SECRET_KEY": "process",
        "METRICS_TOKEN_FILE": "/run/token",
    }
    before = dict(environ)
    load(environ, default_dir=tmp_path)
    assert environ == before


def test_it_is_found_where_it_is_named_else_in_the_data_else_where_the_help_puts_it(tmp_path: Path) -> None:
    named, data, system = tmp_path / "named.env", tmp_path / "data", tmp_path / "system"
    for folder in (data, tmp_path / "var"):
        folder.mkdir()
    for file in (named, data / FILE_NAME, tmp_path / "var" / FILE_NAME, system):
        file.write_text(f"FROM={file.name}\n")

    def found(**environ: str) -> Path | None:
        return load(environ, default_dir=tmp_path / "var", system_file=system)

    assert found(DIALTONE_ENV_FILE=str(named), DATA_DIR=str(data)) == named
    assert found(DATA_DIR=str(data)) == data / FILE_NAME
    assert found(DATA_DIR=str(tmp_path / "elsewhere")) is None
    assert found() == tmp_path / "var" / FILE_NAME
    (tmp_path / "var" / FILE_NAME).unlink()
    assert found() == system
    system.unlink()
    assert found() is None


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "latin-1", "huge", "dangling"])
def test_a_file_that_cannot_be_read_is_named_and_never_passed_over(tmp_path: Path, kind: str) -> None:
    file = tmp_path / FILE_NAME
    if kind == "folder":
        file.mkdir()
    elif kind == "fifo":
        os.mkfifo(file)
    elif kind == "latin-1":
        file.write_bytes("A=é\n".encode("latin-1"))
    elif kind == "huge":
        file.write_text("#" * 300_000)
    elif kind == "dangling":
        file.symlink_to(tmp_path / "nowhere")
    environ = {"DATA_DIR": str(tmp_path)} if kind == "dangling" else {"DIALTONE_ENV_FILE": str(file)}
    with pytest.raises(ImproperlyConfigured, match=FILE_NAME) as error:
        load(environ, default_dir=tmp_path)
    assert "\n" not in str(error.value)


def test_a_file_that_contradicts_where_it_lies_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("DATA_DIR=/srv/other\n")
    with pytest.raises(ImproperlyConfigured, match="DATA_DIR says another folder"):
        load({"DATA_DIR": str(tmp_path)}, default_dir=tmp_path)


def test_secrets_that_every_account_may_read_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / FILE_NAME
    for text, mode, is_told in (
        ("SECRET_KEY=s3cret\n", 0o644, True),
        ("DATABASE_URL=postgres://u:s3cret@db/rows\n", 0o604, True),
        ("SITE_URL=https://status.example.com\n", 0o644, False),
        ("SECRET_KEY=s3cret\n", 0o640, False),
    ):
        file.write_text(text)
        file.chmod(mode)
        load({"DATA_DIR": str(tmp_path)}, default_dir=tmp_path)
        said = capsys.readouterr().err
        assert (said.count("\n"), "chmod o=" in said, "s3cret" in said) == (int(is_told), is_told, False), (
            text
        )
