"""Ratios measured within one run, on pinned CPUs, median of interleaved rounds. `bin/bench` lists them."""
