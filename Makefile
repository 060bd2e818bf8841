# Aliases only: dev.py does the work and needs no make.
.PHONY: run test test-all lock bench

run test lock bench:
	python3 dev.py $@

test-all:
	python3 dev.py test --all
