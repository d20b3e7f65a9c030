"""Runs a command on a terminal of its own until it has drawn three times in the same place, then presses Ctrl-C.

usage: watch_terminal.py WANTED COMMAND...
Ends with 0 when WANTED stood on the screen each time and the command ended with 0.
"""

import os
import pty
import select
import sys
import time

HOME = b"\x1b[H"
FRAMES = 3
PATIENCE = 60


def main():
    wanted, command = sys.argv[1].encode(), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    seen, deadline = b"", time.monotonic() + PATIENCE
    # The last frame may be cut off: one more has begun then.
    while seen.count(HOME) <= FRAMES:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.exit(f"it drew {seen.count(HOME)} times in {PATIENCE} s: {seen!r}")
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            sys.exit(f"it ended after it drew {seen.count(HOME)} times: {seen!r}")
    os.write(terminal, b"\x03")
    _, status = os.waitpid(child, 0)
    frames = seen.split(HOME)[1 : FRAMES + 1]
    if not all(wanted in frame and frame.rstrip().endswith(b"\x1b[J") for frame in frames):
        sys.exit(f"{wanted!r} is not in every frame: {frames!r}")
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) != 0:
        sys.exit(f"Ctrl-C ended it with {status}")


main()
