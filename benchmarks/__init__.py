"""Benchmarks: ratios within one run, on pinned CPUs, the median of interleaved rounds. `bin/bench` lists them."""
