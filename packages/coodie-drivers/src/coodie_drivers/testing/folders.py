"""The folders in which the kit writes, and what is said where it cannot write there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import FolderError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def written_in(folder: Path, name: str, fix: str) -> Generator[None]:
    """Say in a sentence what the system says about a folder, for the length of a block.

    Args:
        folder: where the block writes; other files are none of this.
        name: what the folder is, such as `the cache folder`.
        fix: what to do where it cannot be used.

    Raises:
        FolderError: the system refused something in the folder, or on the way to it.
    """
    try:
        yield
    except OSError as error:
        if not isinstance(error.filename, str) or not _is_about(Path(error.filename), folder):
            raise
        reason = f"{error.strerror} ('{error.filename}')"
        raise FolderError(f"{name} '{folder}'", reason, fix) from error


def _is_about(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or folder.is_relative_to(path)
