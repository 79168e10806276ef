"""The few things that the decoder may still ask of the kernel (seccomp).

Memory, threads, its own clock, the three open streams and its end. It can open nothing, start no
process, and reach no other one; a call that is not on the list fails as one that is not allowed.
"""

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterable

# x86_64, aarch64
ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
CLONE = (56, 220)
CLONE_THREAD = 0x00010000
# It hides its flags in memory; where it is missing, the C library asks by `clone`.
CLONE3 = 435
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = tuple(AUDIT_ARCH)

NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
LOAD, JUMP_IF_EQUAL, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38

Instruction = tuple[int, int, int, int]


def restrict() -> bool:
    """Restrict this process from now on; False on a machine or kernel that cannot."""
    machine = platform.machine()
    if machine not in MACHINES or sys.byteorder != "little":
        return False
    program = b"".join(struct.pack("<HBBI", *step) for step in _program(machine))
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    given = ctypes.create_string_buffer(described, len(described))
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(given), 0, 0)
    return bool(done == 0)


def _program(machine: str) -> Iterable[Instruction]:
    """Return the filter: how each call is answered, by its number."""
    column = MACHINES.index(machine)
    allowed = [numbers[column] for numbers in ALLOWED.values()]
    # The last three instructions are the answers: forbidden, missing, allowed.
    yield LOAD, 0, 0, ARCHITECTURE
    yield JUMP_IF_EQUAL, 0, len(allowed) + 5, AUDIT_ARCH[machine]
    yield LOAD, 0, 0, NUMBER
    for place, number in enumerate(allowed):
        yield JUMP_IF_EQUAL, len(allowed) - place + 5, 0, number
    yield JUMP_IF_EQUAL, 4, 0, CLONE3
    yield JUMP_IF_EQUAL, 0, 2, CLONE[column]
    yield LOAD, 0, 0, FIRST_ARGUMENT
    yield JUMP_IF_ANY_BIT, 2, 0, CLONE_THREAD
    yield RETURN, 0, 0, FAIL | errno.EPERM
    yield RETURN, 0, 0, FAIL | errno.ENOSYS
    yield RETURN, 0, 0, ALLOW
