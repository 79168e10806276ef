"""What the decoder may use, set by itself before it looks at the first byte of a photo."""

import os
import resource

from reports.decoding import syscalls

MEMORY = 1 << 30
CPU_S = 10
ANSWER = 8_000_000
NOBODY = 65534
STANDARD_STREAMS = 3


def confine() -> None:
    """Give up what decoding does not need: root's rights, files, network, other processes.

    The three standard streams stay open; no other file, socket or pipe can be opened. What is
    needed must be imported before. Where the kernel has no filter of calls, the limits remain.
    """
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, ANSWER),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, STANDARD_STREAMS),
    ):
        resource.setrlimit(what, (most, most))
    # The first limit is told by its own signal, the second kills.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    syscalls.restrict()
