"""docs/requirements.md answers every requirement with tests that exist."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LAST_NUMBER = {"A": 15, "B": 13, "C": 8, "D": 10, "E": 10}


def test_every_requirement_has_a_row() -> None:
    rows = re.findall(r"(?m)^\| ([A-E]\d+) \|", (PROJECT / "docs" / "requirements.md").read_text())

    expected = [
        f"{brief}{number}" for brief, last in LAST_NUMBER.items() for number in range(1, last + 1)
    ]
    assert rows == expected


def test_every_test_and_document_named_exists() -> None:
    text = (PROJECT / "docs" / "requirements.md").read_text()

    for name in re.findall(r"`(tests/[^`]+)`", text):
        path, *members = name.split("::")
        assert (PROJECT / path).exists(), name
        for member in members:
            assert re.search(rf"\b(class|def) {member}\b", (PROJECT / path).read_text()), name
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (PROJECT / "docs" / link).exists(), link
