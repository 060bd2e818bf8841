"""Slow work that is begun inside a transaction fails every test of this folder."""

from tests.slow_work import nothing_slow_inside_a_transaction

__all__ = ["nothing_slow_inside_a_transaction"]
