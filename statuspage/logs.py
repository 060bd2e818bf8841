"""Logging: one line an event, for people or, with LOG_FORMAT=json, for machines (structlog).

Whatever is written passes `_masked`, in both forms and with its traceback: it is the one place where secrets are taken
out. Loggers of other makers have no handlers of their own, so they come this way too.
"""

from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from statuspage.masking import masked


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """A `logging.config` dictionary that sends everything to standard error in the given form."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _without_requests,
    ]
    # The traceback becomes text before it is masked; a renderer that made it later would bring everything back.
    taken_out: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _masked,
    ]
    if form == "json":
        last: Any = structlog.processors.JSONRenderer()
    else:
        last = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    by_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [*taken_out, last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO", **by_root},
            "django.server": {"level": "WARNING", **by_root},
            "_granian": by_root,
            "granian.access": by_root,
        },
    }


def _without_requests(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Django hands its request to every line about a 4xx or 5xx; its path stands in the sentence already."""
    return {name: value for name, value in line.items() if not hasattr(value, "META")}


def _masked(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Every value of the line, its sentence and its traceback included."""
    facts: EventDict = masked(line)
    return facts
