"""The management API, `/v1/`: Statuspage's shapes and paths, and ours beyond them; one file a noun (DESIGN 6)."""
