"""The one error type that is written for people.

Ground floor: every room may import this module.
"""


class KnikError(Exception):
    """Something a person has to know about.

    Args:
        message: One line: what went wrong, naming the file, device, key or address.
        remedy: The command or step that mends it, or an empty string when there is none.
        exit_code: What the process exits with when nobody can go on: 1 failed, 2 wrong usage.
    """

    def __init__(self, message: str, remedy: str = "", *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
