"""A lock on a file that one program at a time holds; the system lets go of it when that program ends, in any way."""

import os
from typing import IO

if os.name == "nt":
    import msvcrt

    def lock(file: IO[bytes]) -> bool:
        """Take it, without waiting; gives whether it is ours now. A file system without locks gives it to everybody."""
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def unlock(file: IO[bytes]) -> None:
        """Let go of it. Raises OSError where it was not ours."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:
    import fcntl

    def lock(file: IO[bytes]) -> bool:
        """Take it, without waiting; gives whether it is ours now. A file system without locks gives it to everybody."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # as it was before there were any
        return True

    def unlock(file: IO[bytes]) -> None:
        """Let go of it. Raises OSError where it was not ours."""
        fcntl.flock(file, fcntl.LOCK_UN)
