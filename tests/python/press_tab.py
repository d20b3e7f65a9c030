"""Types a line into a real shell on a pseudo-terminal, presses the tab key and prints what is on the screen then.

usage: press_tab.py SHELL SETUP LINE [WANTED]

SHELL is bash, zsh or fish; SETUP is run first. With WANTED, waits until it stands on the screen. The line is thrown away
afterwards, and the shell has to take another one: what hangs is an error.
"""

import os
import pty
import select
import sys
import time

PATIENCE = 30.0
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
START = {
    # One candidate is written into the line, several are listed at the first press.
    "bash": "bind 'set show-all-if-ambiguous on'; bind 'set bell-style none'; bind 'set completion-query-items 0'",
    "zsh": "autoload -Uz compinit; compinit -u -D; setopt no_beep list_ambiguous no_always_last_prompt; LISTMAX=0",
    "fish": "true",
}
KILL_LINE = "\x15"


class Screen:
    def __init__(self, terminal):
        self.terminal = terminal
        self.text = ""

    def until(self, wanted):
        """Reads until that was shown after all that was asked for before; returns what came with it."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.text:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.terminal], [], [], max(left, 0))
            if not ready:
                sys.exit(f"{wanted!r} did not come; there is {self.text!r}")
            self.text += os.read(self.terminal, 65536).decode("utf-8", "replace")
        shown, self.text = self.text.split(wanted, 1)
        return shown + wanted

    def type(self, text):
        os.write(self.terminal, text.encode())


def main():
    shell, setup, line = sys.argv[1:4]
    wanted = sys.argv[4] if len(sys.argv) > 4 else None
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.environ["COLUMNS"] = "160"
        os.execvp(SHELLS[shell][0], SHELLS[shell])
    screen = Screen(terminal)
    # The shell echoes what is typed; only its answer has the sum in it.
    screen.type(f"stty columns 160; {START[shell]}; {setup}; expr 40000 + 2\r")
    screen.until("40002")
    screen.type(line + "\t")
    shown = screen.until(wanted) if wanted else ""
    screen.type(KILL_LINE + "expr 50000 + 3\r")
    shown += screen.until("50003")
    screen.type("exit\r")
    print(shown)


main()
