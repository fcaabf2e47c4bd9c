"""This process as on a system without renameat2: a seccomp filter answers the call with ENOSYS."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_NUMBERS = {"x86_64": (0xC000003E, 316), "aarch64": (0xC00000B7, 276)}
"""By machine: the kernel's name of the architecture, and the number of renameat2."""
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_possible() -> bool:
    return platform.machine() in _NUMBERS


def forbid_renameat2() -> None:
    """For good, and for every process that this one starts."""
    architecture, number = _NUMBERS[platform.machine()]
    instructions = b"".join(
        struct.pack("HBBI", *one)
        for one in (
            (_LOAD, 0, 0, 4),
            (_EQUAL, 0, 3, architecture),
            (_LOAD, 0, 0, 0),
            (_EQUAL, 0, 1, number),
            (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    program = _Program(6, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((_NO_NEW_PRIVS, 1, 0, 0, 0), (_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*call):
            raise OSError(ctypes.get_errno(), "prctl")
