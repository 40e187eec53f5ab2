"""Stands in for `users.pictures` in a test: tells what a decoder would see of its surroundings."""

import os

print("txt")  # noqa: T201
print(dict(os.environ))  # noqa: T201
