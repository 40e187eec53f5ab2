"""Does anything get lost when processes die under load? `python -m benchmarks.chaos --help`."""
