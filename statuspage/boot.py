"""Read the settings at the start of a process; what is wrong with them is a line each, and no traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

EX_CONFIG = 78
"""sysexits.h: a supervisor need not start the process again before somebody has changed a setting."""


def read_settings() -> None:
    """Exits with EX_CONFIG where a setting is wrong, or its files cannot be made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "statuspage.settings")
    try:
        from django.conf import settings  # noqa: PLC0415  (the environment comes first)

        _ = settings.SECRET_KEY
    except ImproperlyConfigured as error:
        lines = str(error).splitlines()
    except OSError as error:
        lines = [f"{error.filename or 'DATA_DIR'}: {error.strerror or error}"]
    else:
        return
    sys.stderr.write("".join(f"dialtone: {line}\n" for line in lines))
    sys.exit(EX_CONFIG)
