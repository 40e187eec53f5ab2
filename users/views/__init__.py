"""The calls on accounts and tokens."""
