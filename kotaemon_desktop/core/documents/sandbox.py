"""Takes from a host what reading a file never needs: sockets, writing, starting programs, more rights.

A file that takes over its reader through a fault in native code finds itself in a process that can read and compute,
and nothing else; the window trusts nothing of what it sends (:mod:`kotaemon_desktop.core.residency.messages`). Linux
only, by a seccomp filter: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _FOR_ALL_THREADS = 1, 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# Instructions of the filter, and where it finds its facts in ``struct seccomp_data``.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000  # numbers from here on are a second way to the same calls on x86-64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_log = logging.getLogger(__name__)


class _Machine(NamedTuple):
    """The numbers of one kind of processor's calls: in Linux's ``syscall_64.tbl`` and ``asm-generic/unistd.h``."""

    number: int  # its own in the kernel
    seccomp: int
    opening: dict[int, int]  # calls that open files, with the place of their flags
    on_itself: tuple[int, ...]  # calls that a process may aim at itself only: tgkill, for abort(), and prlimit64
    refused: tuple[int, ...]


# Refused, line by line: sockets (socket connect bind listen); programs and other processes (execve execveat ptrace
# process_vm_* kill tkill *sigqueueinfo pidfd_send_signal pidfd_getfd); ways around a filter and into the kernel
# (io_uring_setup unshare setns mount bpf perf_event_open userfaultfd); the keys of the session; names (openat2 creat
# rename* unlink* rmdir mkdir* link* symlink* mknod* truncate); rights, owners, times and attributes of files.
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 317, {2: 1, 257: 2}, (234, 302),
        (41, 42, 49, 50,
         59, 322, 101, 310, 311, 62, 200, 129, 297, 424, 438,
         425, 272, 308, 165, 321, 298, 323,
         248, 249, 250,
         437, 85, 82, 264, 316, 87, 263, 84, 83, 258, 86, 265, 88, 266, 133, 259, 76,
         90, 91, 268, 452, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199),
    ),
    "aarch64": _Machine(
        0xC00000B7, 277, {56: 2}, (131, 261),
        (198, 203, 200, 201,
         221, 281, 117, 270, 271, 129, 130, 138, 240, 424, 438,
         425, 97, 268, 40, 280, 241, 282,
         217, 218, 219,
         437, 38, 276, 35, 34, 37, 36, 33, 45,
         52, 53, 452, 54, 55, 88, 5, 6, 7, 14, 15, 16),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def give_up_rights() -> bool:
    """Let this process, all its threads included, only read from now on; return whether the system can hold it to that.

    There is no way back. Where the system has no such filter the process goes on without; on Linux that is logged.
    """
    if sys.platform != "linux":
        return False
    held = _hold()
    if not held:
        _log.warning("this system cannot hold readers to reading: no seccomp filter for %s", os.uname().machine)
    return held


def _hold() -> bool:
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or sys.maxsize < 1 << 32:
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what a crash leaves behind would hold the file's text
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    instructions = b"".join(_filter(machine, os.getpid()))
    program = _Program(len(instructions) // 8, instructions)
    return libc.syscall(machine.seccomp, _SET_MODE_FILTER, _FOR_ALL_THREADS, ctypes.byref(program)) == 0


def _filter(machine: _Machine, own: int) -> Iterator[bytes]:
    """Yield the instructions: each is its code, how far to jump if it holds and if not, and a number.

    ``own`` is this process's id.
    """

    def instruction(code: int, number: int, if_so: int = 0, if_not: int = 0) -> bytes:
        return struct.pack("<HBBI", code, if_so, if_not, number)

    refuse, allow = instruction(_RETURN, _REFUSE), instruction(_RETURN, _ALLOW)
    yield instruction(_LOAD, _ARCHITECTURE)
    yield instruction(_IF_EQUAL, machine.number, if_so=1)
    yield refuse
    yield instruction(_LOAD, _NUMBER)
    yield instruction(_IF_AT_LEAST, _X32, if_not=1)
    yield refuse
    for number in machine.refused:
        yield instruction(_IF_EQUAL, number, if_not=1)
        yield refuse
    for number in machine.on_itself:
        yield instruction(_IF_EQUAL, number, if_not=5)
        yield instruction(_LOAD, _ARGUMENTS)
        yield instruction(_IF_EQUAL, own, if_so=2)
        yield instruction(_IF_EQUAL, 0, if_so=1)
        yield refuse
        yield allow
    for number, flags in machine.opening.items():
        yield instruction(_IF_EQUAL, number, if_not=4)
        yield instruction(_LOAD, _ARGUMENTS + 8 * flags)
        yield instruction(_IF_ANY_BIT, _WRITING, if_not=1)
        yield refuse
        yield allow
    yield allow
