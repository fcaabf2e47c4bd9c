"""renameat2(2): a rename that replaces nothing, and two names exchanged in one step."""

from __future__ import annotations

import errno
import os

NOREPLACE = 1
EXCHANGE = 2
_UNABLE = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


def renameat2(old_fd: int, old: str, new_fd: int, new: str, flag: int) -> bool:
    """False if this system, kernel or file system has no such rename; then nothing was done. Raises OSError."""
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(old_fd, os.fsencode(old), new_fd, os.fsencode(new), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNABLE:
        return False
    raise OSError(number, os.strerror(number), old, None, new)
