"""What a confined process may not ask its system for: a seccomp filter (Linux), and where its refusals are told.

Everything that makes, changes or removes files, starts programs, reaches other processes or a network is refused. With
a listener the refusals are told to another process (see ``denials``) before they are answered.
"""

import ctypes
import os
import platform
import struct
import sys
from dataclasses import dataclass

# The refused calls, by their numbers on x86-64 and on 64-bit ARM; some are refused for some arguments only.
NUMBERS = {
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "creat": (85, None),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "quotactl": (179, 60),
    "open_by_handle_at": (304, 265),
    "personality": (135, 92),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "syslog": (103, 116),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "quotactl_fd": (443, 443),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
}
# Calls from here on (``setxattrat`` …) are answered as if the system had none: what newer ones do, nobody knew.
FIRST_UNKNOWN = 463
# Calls that are told to a listener that wants to know what is read, too.
READS = ("open", "openat")
STARTS = ("execve", "execveat", "fork", "vfork", "clone")
# Which number counts, and how the kernel calls the machine.
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
SECCOMP = (317, 277)
# x86's calls from here on are the ordinary ones in another guise (x32).
ANOTHER_TABLE = 0x4000_0000

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, ARGUMENTS, UPPER = 0, 4, 16, 4
ALLOW, ERROR, ASK, KILL = 0x7FFF0000, 0x00050000, 0x7FC00000, 0x80000000
NOT_PERMITTED, NOT_THERE = 1, 38
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC if sys.platform != "win32" else 0
AS_THREAD = 0x10000
# fcntl's F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: signals to others, holding up who opens a file.
SIGNALS_AND_LEASES = (8, 10, 15, 1024, 1026)
# ioctl's TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: all that Python asks of open files.
ASKING = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
FILTER_MODE, ALL_THREADS, NEW_LISTENER, NO_THREAD_NUMBER = 1, 1, 8, 16


def refuse_calls(has_listener: bool, tell_reads: bool = False, starts_programs: bool = False) -> int | None:
    """Refuse the calls in this process and all its threads, for good. Needs no new privileges to be set before.

    Gives the listener's descriptor, -1 where none was asked for or can be had, None where the system has no filters.
    tell_reads: the listener hears of every file that is opened for reading, and has to answer. starts_programs: other
    programs may be started; the filter is theirs too.
    """
    free = STARTS if starts_programs else ()
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return None
    if has_listener:
        found = _install(
            _program(*machine, ASK, tell_reads, free), machine[0], NEW_LISTENER | ALL_THREADS | NO_THREAD_NUMBER
        )
        if found >= 0:
            return found
    return (
        -1 if _install(_program(*machine, ERROR | NOT_PERMITTED, False, free), machine[0], ALL_THREADS) == 0 else None
    )


def name_of(number: int) -> str:
    """What a refused call is called."""
    column = MACHINES.get(platform.machine(), (0, 0))[0]
    return next((name for name, numbers in NUMBERS.items() if numbers[column] == number), f"call {number}")


@dataclass(frozen=True)
class _Exception:
    """When a call is answered otherwise than for other arguments: any of the tests passes, or all of them.

    tests: place in the call's description, kind of test, number. is_free: passing them allows the call.
    """

    tests: tuple[tuple[int, int, int], ...]
    is_free: bool
    needs_all: bool = False

    def steps(self, refusal: int) -> list[tuple[int, int, int, int]]:
        """The filter's steps, which always end with an answer."""
        passed, failed = (ALLOW, refusal) if self.is_free else (refusal, ALLOW)
        steps = []
        for index, (place, test, number) in enumerate(self.tests):
            out = 2 * (len(self.tests) - 1 - index) + 1
            steps += [(LOAD, 0, 0, place), (test, 0, out, number) if self.needs_all else (test, out, 0, number)]
        return steps + [(RETURN, 0, 0, one) for one in ((passed, failed) if self.needs_all else (failed, passed))]


def _exceptions() -> dict[str, _Exception]:
    """Calls that are refused for some arguments only: what a process does with itself is its own affair."""

    def word(argument: int) -> int:
        return ARGUMENTS + 8 * argument

    writes = [((word(place), ANY_BIT, WRITES),) for place in (1, 2)]
    own = ((word(0), EQUAL, os.getpid()),)
    itself = ((word(0), EQUAL, 0),)
    return {
        "open": _Exception(writes[0], is_free=False),
        "openat": _Exception(writes[1], is_free=False),
        "clone": _Exception(((word(0), ANY_BIT, AS_THREAD),), is_free=True),
        "kill": _Exception(own, is_free=True),
        "tgkill": _Exception(own, is_free=True),
        # an address is no address only if both its halves are 0
        "prlimit64": _Exception(((word(2), EQUAL, 0), (word(2) + UPPER, EQUAL, 0)), is_free=True, needs_all=True),
        "setpriority": _Exception(((word(0), EQUAL, 0), (word(1), EQUAL, 0)), is_free=True, needs_all=True),
        **{name: _Exception(itself, is_free=True) for name in NUMBERS if name.startswith("sched_set")},
        "fcntl": _Exception(tuple((word(1), EQUAL, one) for one in SIGNALS_AND_LEASES), is_free=False),
        "ioctl": _Exception(tuple((word(1), EQUAL, one) for one in ASKING), is_free=True),
    }


def _program(column: int, machine: int, refusal: int, tell_reads: bool, free: tuple[str, ...] = ()) -> bytes:
    """The filter: it reads the call's number and, for some, an argument, and says what becomes of it."""
    steps = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:
        steps += [(AT_LEAST, 0, 1, ANOTHER_TABLE), (RETURN, 0, 0, ERROR | NOT_PERMITTED)]
    steps += [(AT_LEAST, 0, 1, FIRST_UNKNOWN), (RETURN, 0, 0, ERROR | NOT_THERE)]
    exceptions = _exceptions()
    for name, numbers in NUMBERS.items():
        number = numbers[column]
        if number is None or name in free:
            continue
        if name in ("openat2", "clone3"):  # their arguments can't be seen; glibc takes the older call then
            steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | NOT_THERE)]
        elif name not in exceptions or (tell_reads and name in READS):
            steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, refusal)]
        else:
            block = exceptions[name].steps(refusal)
            steps += [(EQUAL, 0, len(block), number), *block]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _install(program: bytes, column: int, flags: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    described = ctypes.create_string_buffer(head, len(head))
    number = SECCOMP[column]
    return int(library.syscall(number, FILTER_MODE, flags, ctypes.byref(described)))
