"""The only code that writes domain rows: each operation is one transaction with one journal event."""
