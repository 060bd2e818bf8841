"""Probes: one file a kind, one line in `kinds.KINDS`. No Django and no database here (DESIGN 9)."""
