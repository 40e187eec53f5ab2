"""The chart pages: HTML for people, opened by a token in the address instead of a log-in."""
