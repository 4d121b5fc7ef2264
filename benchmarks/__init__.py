"""Measurements: `python -m benchmarks` runs all, `python -m benchmarks.<area>.<question>` one."""
