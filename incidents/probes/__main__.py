"""`python -m incidents.probes KIND TARGET [--option value …]`: probe once and print the evidence.

The exit status is that of monitoring plug-ins: 0 ok, 1 degraded or a warning, 2 failed, 3 for the probe's own fault,
which includes a command line that makes no sense. A secret is read from a file: arguments are there for all to see.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from incidents.domain.outcomes import Health
from incidents.probes.config import MAX_TEXT, ConfigError, Field, FieldType, build, fields
from incidents.probes.kind import Kind
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result
from incidents.probes.running import run

EXIT_STATUS = {
    Health.OK: 0,
    Health.WARNING: 1,
    Health.DEGRADED: 1,
    Health.FAILED: 2,
    Health.INCONCLUSIVE: 3,
}
USAGE = 3
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """argparse, except that a usage error exits with 3: its own 2 would say that the target has failed."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong with it."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The command line, derived from the table of kinds and their Config."""
    top = Parser(
        prog="python -m incidents.probes",
        description="Probe once, print the evidence and, last, the outcome with its times in milliseconds.",
        epilog=_all_options()
        + "\nexit status: 0 ok, 1 degraded or warning, 2 failed, 3 internal (also a wrong command line)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = top.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind in KINDS.values():
        sub = kinds.add_parser(kind.name, help=kind.label, argument_default=argparse.SUPPRESS)
        sub.add_argument("target", metavar="TARGET")
        for field in offered(kind):
            _add(sub, field)
    return top


def offered(kind: Kind) -> list[Field]:
    """The options that a person gives."""
    return [field for field in fields(kind.config) if not field.hidden or kind.passive]


def _flag(field: Field) -> str:
    return "--" + field.name.replace("_", "-") + ("-file" if field.secret else "")


def _add(sub: argparse.ArgumentParser, field: Field) -> None:
    words = f"{field.help} (default: {_default(field)})".replace("%", "%%")
    if field.type == FieldType.BOOLEAN:
        sub.add_argument(_flag(field), help=words, dest=field.name, action=argparse.BooleanOptionalAction)
    elif field.secret:
        sub.add_argument(_flag(field), help=words, dest=field.name, metavar="FILE", type=_secret)
    else:
        shown = "{" + ",".join(field.choices) + "}" if field.choices else field.type.value.upper()
        sub.add_argument(_flag(field), help=words, dest=field.name, metavar=shown)


def _secret(file: str) -> str:
    """The first line of a file, or of standard input for `-`."""
    try:
        with sys.stdin if file == "-" else Path(file).open(encoding="utf-8") as source:
            return source.readline(MAX_TEXT + 2).rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise argparse.ArgumentTypeError(f"cannot be read: {error}") from error


def _default(field: Field) -> str:
    if field.type == FieldType.BOOLEAN:
        return "on" if field.default else "off"
    if field.type == FieldType.LIST:
        return ", ".join(field.default) or "none"
    return str(field.default) or "none"


def _all_options() -> str:
    return "\n".join(_options_of(kind) for kind in KINDS.values())


def _options_of(kind: Kind) -> str:
    lines = [f"options of {kind.name}:"]
    for field in offered(kind):
        flag = f"{_flag(field)}, --no-{_flag(field)[2:]}" if field.type == FieldType.BOOLEAN else _flag(field)
        shown = " {" + ",".join(field.choices) + "}" if field.choices else ""
        lines.append(f"  {flag}{shown} (default: {_default(field)})\n      {field.help}")
    return "\n".join(lines) + "\n"


def show(result: Result) -> None:
    """Print the trace and the facts, then the outcome on one line."""
    for line in result.trace:
        print(line)
    for name, value in result.facts.items():
        print(f"{name.replace('_', ' ')}: {value:g}")
    times = ", ".join(f"{layer} {value:.1f} ms" for layer, value in result.times.items())
    print(f"outcome: {result.outcome.value} {result.detail} ({times})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, probe, print."""
    commands = parser()
    given = vars(commands.parse_args(arguments))
    kind, target = KINDS[given.pop("kind")], given.pop("target")
    try:
        kind.check_target(target)
        build(kind.config, given)
    except ConfigError as error:
        name = "TARGET" if error.field == "target" else f"--{error.field.replace('_', '-')}"
        commands.error(f"{name} {error.message}")
    result = asyncio.run(run(kind.name, target, given))
    show(result)
    return EXIT_STATUS[result.health]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
