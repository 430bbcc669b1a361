"""Benchmarks: each prints a ratio against the usual way, from one interleaved run.

``python -m benchmarks`` runs all, ``python -m benchmarks stretch mapping`` some. Ratios hold from
machine to machine far better than times; tests assert neither.
"""
