"""Replaces `users.avatars.image` in a test and prints the environment that a decoder would see."""

import os

print("txt")  # noqa: T201
print(dict(os.environ))  # noqa: T201
