"""What goes in and out of the management API: one file a noun, each shape both checked or printed, and documented."""
