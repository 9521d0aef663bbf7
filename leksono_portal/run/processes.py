"""Looking at processes, so that only our own are ever ended.

A process id alone is not enough: the system gives ids out again. Ours are known by
their id together with the moment they began.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc") if Path("/proc/self/stat").exists() else None


def exists(pid):
    """Is there any process of this id, even a dead one nobody has buried?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def began(pid):
    """When the live process `pid` began, as a text to compare; None if there is none."""
    if not PROC:
        state, _, moment = _ps(pid, "stat=", "lstart=").partition(" ")
        return moment if moment and not state.startswith("Z") else None
    if not (fields := _stat(pid)) or fields[0] in "ZX":
        return None
    return f"{(PROC / 'sys/kernel/random/boot_id').read_text()[:8]}-{fields[19]}"


def is_same(pid, moment):
    """Does the process recorded as (pid, moment) still live?"""
    return moment is not None and began(pid) == moment


def command(pid):
    """The command line of `pid`; empty for a dead or unknown one."""
    return " ".join(_words(pid)) if PROC else _ps(pid, "command=")


def group(leader, mark=None):
    """Live processes of the group `leader`; with `mark`, those born with that word in
    their environment."""
    if not PROC:
        return [leader] if began(leader) else []
    members = []
    for folder in PROC.glob("[0-9]*"):
        fields = _stat(folder.name)
        if fields and fields[0] not in "ZX" and int(fields[2]) == leader:
            if mark is None or mark in _environment(folder):
                members.append(int(folder.name))
    return members


def end_groups(groups, patience=3, mark=None):
    """Ask the groups to end, wait `patience` seconds, then end them by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        for member in [pid for leader in groups for pid in group(leader, mark)]:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(member, number)
        while any(group(leader, mark) for leader in groups):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def end_recorded(records, mark):
    """End what a killed runner left: groups of (pid, moment) records.

    An id that now belongs to another process is left alone. Where a leader is gone,
    its group's other members count only with our `mark` in their environment.
    """
    ours = [pid for pid, moment in records if is_same(pid, moment) or not began(pid)]
    end_groups(ours, mark=mark if PROC else None)


def port_holder(port):
    """(pid, short command) of the program that listens on TCP `port`; None where unseen."""
    if not PROC:
        return None
    sockets = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
                    sockets.add(f"socket:[{fields[9]}]")
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            for link in (folder / "fd").iterdir():
                if os.readlink(link) in sockets:
                    program, *rest = _words(folder.name)
                    return int(folder.name), " ".join([Path(program).name, *rest])
    return None


def _stat(pid):
    """Fields of /proc/PID/stat from the third (state) on; None if there is none."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _words(pid):
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return words.decode(errors="replace").rstrip("\0").split("\0")


def _environment(folder):
    try:
        return (folder / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _ps(pid, *columns):
    """What `ps` tells where there is no /proc."""
    wanted = [word for column in columns for word in ("-o", column)]
    answer = subprocess.run(
        ["ps", *wanted, "-p", str(pid)], capture_output=True, text=True
    )
    return answer.stdout.strip()
