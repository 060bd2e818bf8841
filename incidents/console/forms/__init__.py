"""What staff type, checked and turned into what the operations take: one file a noun."""
