"""Timings as ratios measured in one run; nothing here fails a build. `make bench`."""
