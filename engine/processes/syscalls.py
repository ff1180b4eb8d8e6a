"""What a confined process may not ask its system for: a seccomp filter (Linux), and where its refusals are told.

Everything that makes, changes or removes files, starts programs, reaches other processes or a network is refused. With
a listener the refusals are told to another process (see ``denials``) before they are answered.
"""

import ctypes
import os
import platform
import struct
import sys

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
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
"""The refused calls, by their numbers on x86-64 and on 64-bit ARM; some are refused for some arguments only."""
READS = ("open", "openat")
"""Calls that are told to a listener that wants to know what is read, too."""
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which number counts, and how the kernel calls the machine."""
SECCOMP = (317, 277)
ANOTHER_TABLE = 0x4000_0000
"""x86's calls from here on are the ordinary ones in another guise (x32)."""

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16
ALLOW, ERROR, ASK, KILL = 0x7FFF0000, 0x00050000, 0x7FC00000, 0x80000000
NOT_PERMITTED, NOT_THERE = 1, 38
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC if sys.platform != "win32" else 0
AS_THREAD = 0x10000
FILTER_MODE, ALL_THREADS, NEW_LISTENER, NO_THREAD_NUMBER = 1, 1, 8, 16


def refuse_calls(has_listener: bool, tell_reads: bool = False) -> int | None:
    """Refuse the calls in this process and all its threads, for good. Needs no new privileges to be set before.

    Gives the listener's descriptor, -1 where none was asked for or can be had, None where the system has no filters.
    tell_reads: the listener hears of every file that is opened for reading, and has to answer.
    """
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return None
    if has_listener:
        found = _install(_program(*machine, ASK, tell_reads), machine[0], NEW_LISTENER | ALL_THREADS | NO_THREAD_NUMBER)
        if found >= 0:
            return found
    return -1 if _install(_program(*machine, ERROR | NOT_PERMITTED, False), machine[0], ALL_THREADS) == 0 else None


def name_of(number: int) -> str:
    """What a refused call is called."""
    column = MACHINES.get(platform.machine(), (0, 0))[0]
    return next((name for name, numbers in NUMBERS.items() if numbers[column] == number), f"call {number}")


def _program(column: int, machine: int, refusal: int, tell_reads: bool) -> bytes:
    """The filter: it reads the call's number and, for some, an argument, and says what becomes of it."""
    steps = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:
        steps += [(AT_LEAST, 0, 1, ANOTHER_TABLE), (RETURN, 0, 0, ERROR | NOT_PERMITTED)]
    own = os.getpid()
    when = {  # argument, test, what it is tested for, and whether passing the test is what is refused
        "open": (1, ANY_BIT, WRITES, True),
        "openat": (2, ANY_BIT, WRITES, True),
        "clone": (0, ANY_BIT, AS_THREAD, False),
        "kill": (0, EQUAL, own, False),
        "tgkill": (0, EQUAL, own, False),
        "prlimit64": (2, EQUAL, 0, False),
    }
    for name, numbers in NUMBERS.items():
        number = numbers[column]
        if number is None:
            continue
        if name in ("openat2", "clone3"):  # their arguments can't be seen; glibc takes the older call then
            steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | NOT_THERE)]
        elif name not in when or (tell_reads and name in READS):
            steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, refusal)]
        else:
            argument, test, value, is_refused = when[name]
            steps += [(EQUAL, 0, 4, number), (LOAD, 0, 0, ARGUMENTS + 8 * argument), (test, 0, 1, value)]
            steps += [
                (RETURN, 0, 0, refusal if is_refused else ALLOW),
                (RETURN, 0, 0, ALLOW if is_refused else refusal),
            ]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def _install(program: bytes, column: int, flags: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    described = ctypes.create_string_buffer(head, len(head))
    number = SECCOMP[column]
    return int(library.syscall(number, FILTER_MODE, flags, ctypes.byref(described)))
