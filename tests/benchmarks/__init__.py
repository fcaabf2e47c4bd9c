"""Measurements by command, each as a ratio within one run: ``python -m tests.benchmarks``."""
