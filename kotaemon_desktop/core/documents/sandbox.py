"""Takes from a host what reading a file never needs: sockets, writing, starting programs, more rights.

A file that takes over its reader through a fault in native code finds itself in a process that can read and compute,
and nothing else. Linux only, by a seccomp filter: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _FOR_ALL_THREADS = 1, 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# Instructions of the filter, and where it finds its facts in ``struct seccomp_data``.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000  # numbers from here on are a second way to the same calls on x86-64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# By machine: its number in the kernel, ``seccomp``, calls that open files with the place of their flags, calls refused:
# socket connect bind listen · execve execveat ptrace process_vm_writev kill io_uring_setup · openat2 creat rename*
# unlink* rmdir mkdir* link* symlink* mknod* truncate chmod chown fchmodat fchownat.
_MACHINES: dict[str, tuple[int, int, dict[int, int], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E, 317, {2: 1, 257: 2},
        (41, 42, 49, 50, 59, 322, 101, 311, 62, 425, 437, 85, 82, 264, 316, 87, 263, 84, 83, 258, 86, 265, 88, 266,
         133, 259, 76, 90, 92, 268, 260),
    ),
    "aarch64": (
        0xC00000B7, 277, {56: 2},
        (198, 203, 200, 201, 221, 281, 117, 271, 129, 425, 437, 38, 276, 35, 34, 37, 36, 33, 45, 53, 54),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def give_up_rights() -> bool:
    """Let this process, all its threads included, only read from now on; return whether the system can hold it to that.

    There is no way back. Where the system has no such filter the process goes on without.
    """
    if sys.platform != "linux":
        return False
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or sys.maxsize < 1 << 32:
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what a crash leaves behind would hold the file's text
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    instructions = b"".join(_filter(machine[0], machine[2], machine[3]))
    program = _Program(len(instructions) // 8, instructions)
    return libc.syscall(machine[1], _SET_MODE_FILTER, _FOR_ALL_THREADS, ctypes.byref(program)) == 0


def _filter(architecture: int, opening: dict[int, int], refused: tuple[int, ...]) -> Iterator[bytes]:
    """Yield the instructions: each is its code, how far to jump if it holds and if not, and a number."""

    def instruction(code: int, number: int, if_so: int = 0, if_not: int = 0) -> bytes:
        return struct.pack("<HBBI", code, if_so, if_not, number)

    refuse, allow = instruction(_RETURN, _REFUSE), instruction(_RETURN, _ALLOW)
    yield instruction(_LOAD, _ARCHITECTURE)
    yield instruction(_IF_EQUAL, architecture, if_so=1)
    yield refuse
    yield instruction(_LOAD, _NUMBER)
    yield instruction(_IF_AT_LEAST, _X32, if_not=1)
    yield refuse
    for number in refused:
        yield instruction(_IF_EQUAL, number, if_not=1)
        yield refuse
    for number, flags in opening.items():
        yield instruction(_IF_EQUAL, number, if_not=4)
        yield instruction(_LOAD, _ARGUMENTS + 8 * flags)
        yield instruction(_IF_ANY_BIT, _WRITING, if_not=1)
        yield refuse
        yield allow
    yield allow
