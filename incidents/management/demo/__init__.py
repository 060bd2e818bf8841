"""The demo: the outage that Dialtone exists for, told in our own words, on a page that lives."""
