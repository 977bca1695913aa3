"""The one error of `./dev`: what went wrong, and what to do next."""

from __future__ import annotations


class DevError(Exception):
    """A task that cannot go on.

    Attributes:
        problem: what went wrong, one or more lines.
        advice: what to do next, one sentence.
        status: the exit status that the command ends with.
    """

    def __init__(self, problem: str, advice: str, status: int = 1) -> None:
        """Build the message from what happened and what would help."""
        super().__init__(f"{problem}\n→ {advice}")
        self.problem = problem
        self.advice = advice
        self.status = status
