"""Django's command line for Dialtone."""

import shlex
import sys
from pathlib import Path


def main(words: list[str]) -> None:
    """Run a command with the settings that the servers have."""
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  (it may be missing)

        from statuspage.boot import read_settings  # noqa: PLC0415  (as above)
    except ModuleNotFoundError as error:
        venv = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
        python = str(venv) if venv.exists() else "/path/to/.venv/bin/python"
        sys.exit(f"manage.py: this Python has no {error.name}. Run: {shlex.join([python, *words])}")
    read_settings()
    execute_from_command_line(words)


if __name__ == "__main__":
    main(sys.argv)
