"""Answers that hardly ever change, kept in the process for some seconds."""

import time

SECONDS = 10
_all = []


class Kept:
    """What `ask()` answers, asked again after ten seconds or when told to forget."""

    def __init__(self, ask):
        self.ask = ask
        self.forget()
        _all.append(self)

    def __call__(self, *, fresh=False):
        """The answer; `fresh=True` asks now, for where a right hangs on it."""
        if fresh or time.monotonic() > self._until:
            self._answer = self.ask()
            self._until = time.monotonic() + SECONDS
        return self._answer

    def forget(self):
        """Ask again at the next question."""
        self._answer, self._until = None, float("-inf")


def ask_all():
    """For tests that count queries: no page has to ask in the next ten seconds."""
    for kept in _all:
        kept(fresh=True)


def forget_all():
    """For tests: nothing that was kept outlives one."""
    for kept in _all:
        kept.forget()
