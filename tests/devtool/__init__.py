"""Tests of dev.py: the whole script in a small house of stand-ins, never the product's own tree."""
