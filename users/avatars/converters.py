"""Parts of URLs."""


class AvatarNameConverter:
    """A name that Foyer itself gave: whatever else a path holds is no picture and never reaches the
    storage."""

    regex = r"[A-Za-z0-9]{32}\.(?:jpg|png)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
