"""The child's side of `bounded`: limits first, then the worker module, then the content.

`python -m incidents.formatting.bounded_child MODULE CPU_SECONDS MEMORY_BYTES NICENESS` reads the content from standard
input and writes what `work` makes of it to standard output.
"""

import os
import resource
import sys
from importlib import import_module

from incidents.formatting.bounded import OUT_OF_MEMORY, REFUSED, ContentRefused


def main(module: str, cpu_seconds: int, memory_bytes: int, niceness: int) -> int:
    """The exit status. The soft limit of CPU time ends the child by SIGXCPU."""
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    try:
        made = import_module(module).work(sys.stdin.buffer.read())
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    except ContentRefused as error:
        sys.stderr.write(str(error))
        return REFUSED
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
