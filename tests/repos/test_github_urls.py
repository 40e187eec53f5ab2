"""Every spelling of a repository's address, and every trick with one."""

import pytest

from repos.github_urls import (
    NotARepositoryUrl,
    parse_full_name,
    parse_owner_url,
    parse_repository_url,
)

CANONICAL = "https://github.com/octo-org/hello.world"


@pytest.mark.parametrize(
    "text",
    [
        CANONICAL,
        "http://github.com/octo-org/hello.world",
        "https://www.github.com/octo-org/hello.world",
        "https://github.com/octo-org/hello.world/",
        "https://github.com/octo-org/hello.world.git",
        "https://github.com/octo-org/hello.world.git/",
        "HTTPS://GitHub.com/octo-org/hello.world",
    ],
)
def test_spellings_of_one_repository(text: str) -> None:
    assert parse_repository_url(text).url == CANONICAL


@pytest.mark.parametrize(
    "around", ["\n", "\r\n", "\t", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202c"]
)
def test_what_is_invisible_around_an_address_is_no_part_of_it(around: str) -> None:
    assert parse_repository_url(f"{around}{CANONICAL}{around}").url == CANONICAL
    assert parse_owner_url(f"{around}https://github.com/octo{around}") == "octo"


def test_keeps_the_case_as_typed_and_compares_without_it() -> None:
    typed = parse_repository_url("https://github.com/Octo/Hello")

    assert typed.url == "https://github.com/Octo/Hello"
    assert typed.key == parse_repository_url("https://github.com/octo/HELLO").key


@pytest.mark.parametrize(
    "tail", ["/tree/main", "/issues", "/blob/main/a.py", "?tab=readme", "#readme", "/?tab=readme"]
)
def test_deeper_paths_are_told_the_right_form(tail: str) -> None:
    with pytest.raises(NotARepositoryUrl) as refusal:
        parse_repository_url(CANONICAL + tail)

    assert "https://github.com/owner/name" in refusal.value.message
    assert CANONICAL in refusal.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "octo/hello",
        "github.com/octo/hello",
        "ftp://github.com/octo/hello",
        "git@github.com:octo/hello.git",
        "ssh://git@github.com/octo/hello",
        "https://github.com",
        "https://github.com/",
        "https://github.com/octo",
        "https://github.com/octo/",
        "https://github.com//hello",
        "https://gitlab.com/octo/hello",
        "https://github.com.evil.example/octo/hello",
        "https://evil.example/github.com/octo/hello",
        "https://github.com@evil.example/octo/hello",
        "https://github.com\\@evil.example/octo/hello",
        "https://user:password@github.com/octo/hello",
        "https://github.com:443/octo/hello",
        "https://github.com:22/octo/hello",
        "https://github.com./octo/hello",
        "https://api.github.com/octo/hello",
        "https://gist.github.com/octo/hello",
        "https://github.com/octo/..",
        "https://github.com/octo/.",
        "https://github.com/../hello",
        "https://github.com/octo/.git",
        "https://github.com/octo/hello.wiki",
        "https://github.com/octo/hello.git.git",
        "https://github.com/octo/%2e%2e",
        "https://github.com/octo/hello%2Fworld",
        "https://github.com/octo/hel lo",
        "https://github.com/oc\tto/hello",
        "https://github.com/oc\u200bto/hello",
        "https://github.com/octo/hello\r\nHost: evil.example",
        "https://github.com/octo/hello\0",
        "https://github.com/öcto/hello",
        "https://github.com/octo/hellо",  # noqa: RUF001  # a Cyrillic letter is the point
        "https://gіthub.com/octo/hello",  # noqa: RUF001  # likewise
        "https://github.com/-octo/hello",
        "https://github.com/" + "a" * 40 + "/hello",
        "https://github.com/octo/" + "a" * 101,
        "https://github.com/octo/" + "a" * 5000,
        "javascript:alert(1)//https://github.com/octo/hello",
    ],
)
def test_anything_else_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(NotARepositoryUrl) as refusal:
        parse_repository_url(text)

    assert "https://github.com/owner/name" in refusal.value.message


def test_full_names_as_github_reports_them() -> None:
    assert parse_full_name("Octo/hello") is not None
    assert parse_full_name("octo/../x") is None
    assert parse_full_name("octo") is None
    assert parse_full_name("octo/..") is None
