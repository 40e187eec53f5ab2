"""GitHub tokens as people paste them."""

import pytest

from repos.github_tokens import NotAToken, clean_github_token

TOKEN = "github_pat_11AAAAAAA0123456789"


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"{TOKEN}\n",
        f"\r\n {TOKEN}\t",
        f'"{TOKEN}"',
        f"'{TOKEN}'",
        f"`{TOKEN}`",
        f"\u201c{TOKEN}\u201d",
        f"\ufeff{TOKEN}\u200b",
        f"\u00a0{TOKEN}\u3000",
        f"GITHUB_TOKEN={TOKEN}",
        f'GITHUB_TOKEN="{TOKEN}"\n',
        f"export GITHUB_TOKEN='{TOKEN}';",
        f"GITHUB_TOKEN = {TOKEN}",
        f'token: "{TOKEN}",',
        f"Bearer {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"token {TOKEN}",
    ],
)
def test_what_stands_around_a_token_is_removed(pasted: str) -> None:
    assert clean_github_token(pasted) == TOKEN


@pytest.mark.parametrize(
    ("pasted", "named"),
    [
        ("", "empty"),
        (' "" ', "empty"),
        ("GITHUB_TOKEN=", "empty"),
        ("github_pat_11AAA\nBBB", "a line break"),
        ("github_pat_11AAA BBB", "a space"),
        ("github_pat_11AAA\u200bBBB", "U+200B"),
        ("github_pat_11AAA\0BBB", "U+0000"),
        ("gh\u0440_secret", "U+0440"),
        ("x" * 256, "255 characters"),
    ],
)
def test_what_is_no_token_is_named_and_not_repeated(pasted: str, named: str) -> None:
    with pytest.raises(NotAToken) as error:
        clean_github_token(pasted)

    assert named in error.value.message
    assert "AAA" not in error.value.message
    assert error.value.attr == "token"
