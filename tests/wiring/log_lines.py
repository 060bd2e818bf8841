"""The product's own log, kept for a test to read."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import DictConfigurator
from typing import Any

from statuspage.logs import logging_config


@contextmanager
def json_log() -> Iterator[io.StringIO]:
    """What is logged inside the block, one JSON object a line."""
    with written("json") as lines:
        yield lines


@contextmanager
def written(form: str) -> Iterator[io.StringIO]:
    """What is logged inside the block, as LOG_FORMAT=`form` writes it."""
    configurator: Any = DictConfigurator(logging_config(form=form, level="INFO"))
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(configurator.configure_formatter(configurator.config["formatters"]["line"]))
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
