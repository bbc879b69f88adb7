"""Confine a process on Linux: it reads what is named, writes where is named, has no network."""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

# Landlock: the same numbers on all processors, see landlock(7).
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_OF_LANDLOCK, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG = 1, 2, 4, 8, 32, 256
TRUNCATE = 1 << 14
# Rights over files that each version knows; those that are known and not given are taken away.
KNOWN_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
ALL_RIGHTS = (1 << 16) - 1  # from version 5 on
TCP_FROM, SCOPES_FROM = 4, 6
TCP, SCOPES = 0b11, 0b11

SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
# Numbers of system calls: io_uring_setup, execve, execveat, ptrace, process_vm_readv and _writev,
# socket, bind and connect.
FORBIDDEN = {
    "x86_64": (0xC000003E, (425, 59, 322, 101, 310, 311, 41, 49, 42)),
    "aarch64": (0xC00000B7, (425, 221, 281, 117, 270, 271, 198, 200, 203)),
}
ALLOW, DENY = 0x7FFF0000, 0x00050000 | 13  # with EACCES
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
OTHER_NUMBERS = 0x40000000  # of x86 with pointers of 32 bits


def confine(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Let this thread, and those it starts, reach only some files, and no network or program.

    What is open already stays open. It cannot be undone.

    Args:
        readable: files, and folders with all that is in them; links are not followed.
        writable: folders, in which files may be read, made and removed.

    Returns:
        Whether the system can do that, and did: Linux 5.13 or later with Landlock.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return _confine_files(libc, readable, writable) and _forbid_calls(libc)


def _confine_files(libc: ctypes.CDLL, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_OF_LANDLOCK)
    if version < 1:
        return False
    rights = KNOWN_RIGHTS.get(version, ALL_RIGHTS)
    handled = struct.pack("=Q", rights)
    if version >= TCP_FROM:
        handled += struct.pack("=Q", TCP)
    if version >= SCOPES_FROM:
        handled += struct.pack("=Q", SCOPES)
    rules = libc.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    try:
        in_folders = WRITE_FILE | READ_FILE | READ_DIR | REMOVE_FILE | MAKE_REG | TRUNCATE
        given = [(path, READ_FILE | (READ_DIR if path.is_dir() else 0)) for path in readable]
        given += [(path, in_folders & rights) for path in writable]
        for path, allowed in given:
            place = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", allowed, place)
                if libc.syscall(ADD_RULE, rules, PATH_BENEATH, rule, 0):
                    return False
            finally:
                os.close(place)
        return bool(libc.syscall(RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _forbid_calls(libc: ctypes.CDLL) -> bool:
    """A filter of system calls; on other processors than two, none is needed for files."""
    if platform.machine() not in FORBIDDEN:
        return True
    architecture, numbers = FORBIDDEN[platform.machine()]
    # (code, jump if true, jump if false, constant): jumps count the steps that are left out.
    steps = [
        (LOAD, 0, 0, 4),  # the architecture
        (EQUAL, 0, len(numbers) + 3, architecture),
        (LOAD, 0, 0, 0),  # the number
        (AT_LEAST, len(numbers) + 1, 0, OTHER_NUMBERS),
        *((EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, DENY),
    ]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(steps), ctypes.addressof(kept))
    return bool(libc.prctl(SET_SECCOMP, FILTER, header, 0, 0) == 0)
