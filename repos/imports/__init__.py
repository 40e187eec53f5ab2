"""History that other keepers of GitHub traffic have written, recognised by content.

No database, no HTTP. Formats: docs/traffic.md, "Importing".
"""
