"""Documents that are plain text."""

from incidents.publishing.subjects import Subject


def robots(subject: Subject) -> bytes:
    """`/robots.txt`: everything public may be indexed; the doors need not be knocked on."""
    del subject
    closed = "".join(
        f"Disallow: /{door}/\n" for door in ("accounts", "admin", "console", "subscriptions", "v1")
    )
    return f"User-agent: *\n{closed}".encode()
