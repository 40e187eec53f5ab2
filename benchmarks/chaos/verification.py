"""Afterwards: is everything there that was acknowledged, and nothing twice?"""

from collections.abc import Iterable

import requests

from benchmarks.chaos.player import Account, Player


def losses(players: Iterable[Player], url: str, *, plays_before: int) -> dict[str, int]:
    """Of each kind of promise: how many were broken."""
    players = list(players)
    accounts = [account for player in players for account in player.accounts]
    ended = [token for player in players for token in player.ended_tokens]
    plays = [_plays(account, url) for account in accounts]
    acknowledged = sum(len(account.plays) for account in accounts)
    return {
        "accounts lost": sum(not _is_there(account, url) for account in accounts),
        "plays lost": sum(
            len(account.plays - stored) for account, stored in zip(accounts, plays, strict=True)
        ),
        "plays stored twice": sum(
            len(stored - account.plays) for account, stored in zip(accounts, plays, strict=True)
        ),
        "plays counted wrongly": abs(play_count(url) - plays_before - acknowledged),
        "profile edits lost": sum(_note(account, url) != account.note for account in accounts),
        "repositories lost": sum(
            len(account.repositories - _repositories(account, url)) for account in accounts
        ),
        "ended sessions alive": sum(
            _get(url + "/users/me", token).status_code != 401 for token in ended
        ),
    }


def play_count(url: str) -> int:
    return sum(
        game["play_count"]
        for game in requests.get(f"{url}/games?page_size=1000", timeout=60).json()
    )


def _get(url: str, token: str) -> requests.Response:
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def _is_there(account: Account, url: str) -> bool:
    return _get(f"{url}/user/{account.name}", account.token).status_code == 200


def _note(account: Account, url: str) -> str | None:
    note: str | None = _get(f"{url}/users/me", account.token).json()["data"].get("note")
    return note


def _plays(account: Account, url: str) -> set[int]:
    stored: set[int] = set()
    next_url: str | None = f"{url}/playsessions?page_size=1000"
    while next_url:
        page = _get(next_url, account.token)
        stored |= {play["id"] for play in page.json()}
        next_url = page.links.get("next", {}).get("url")
    return stored


def _repositories(account: Account, url: str) -> set[str]:
    listed = _get(f"{url}/api/repos", account.token).json()
    return {repository["url"].removeprefix("https://github.com/") for repository in listed}
