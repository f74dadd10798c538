"""Measures one start: the time until the daemon's program has written its line, and what the launcher costs."""
import contextlib
import os
import select
import shutil
import threading
import time
from pathlib import Path

import processes

TIMEOUT_SECONDS = 30
SETTLE_SECONDS = 0.3
PASSED_DESCRIPTOR = 42  # every launcher inherits it; a daemon should not


class Failed(Exception):
    """The contender did not do what it should."""


def start(contender, directory, look=False):
    """Starts the contender once. With look, what its daemon carries is added."""
    with run_directory(directory) as (run, line):
        return measure(contender, run, line, look)


@contextlib.contextmanager
def run_directory(directory):
    """Yields the directory of a run and its FIFO, open. Then ends all that was started, and removes the directory."""
    run = directory / "run"
    run.mkdir()
    os.mkfifo(run / "line", 0o600)
    line = os.open(run / "line", os.O_RDWR | os.O_NONBLOCK)
    try:
        yield run, line
    finally:
        processes.kill_all()
        os.close(line)
        shutil.rmtree(run)


def measure(contender, run, line, look):
    argv = contender.argv(run)
    begin = time.perf_counter()
    pid = spawn(argv, run)
    launcher = os.pidfd_open(pid)
    peak = Peak(pid) if look else contextlib.nullcontext()
    try:
        with peak:
            ready, ended = wait(contender, line, launcher)
    finally:
        os.close(launcher)
    result = {}
    if ended:
        _, status, usage = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in contender.accepted:
            raise Failed(f"exit status {code}: {(run / 'output').read_text(errors='replace').strip()[-300:]}")
        result["launcher"] = (ended - begin) * 1000
        result["cpu"] = (usage.ru_utime + usage.ru_stime) * 1000
    result["ready"] = ((ready or ended) - begin) * 1000
    if look and ready:
        time.sleep(SETTLE_SECONDS)
        result["carries"] = carried(pid, run) | {"launcher": peak.mebibytes}
    if not ended:
        processes.kill_all()
        os.wait4(pid, 0)
    return result


def spawn(argv, run):
    output = str(run / "output")
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
               (os.POSIX_SPAWN_DUP2, 1, 2),
               (os.POSIX_SPAWN_OPEN, PASSED_DESCRIPTOR, output, os.O_RDONLY, 0)]
    return os.posix_spawn(argv[0], argv, processes.environment(), file_actions=actions)


def wait(contender, line, launcher):
    """Returns when the line came and when the launcher ended, or None if that does not happen."""
    poll = select.poll()
    writes = contender.kind != "no daemon"
    waiting = {launcher} if contender.launcher_ends else set()
    waiting |= {line} if writes else set()
    for descriptor in waiting:
        poll.register(descriptor, select.POLLIN)
    seen = {}
    deadline = time.perf_counter() + TIMEOUT_SECONDS
    while waiting:
        for descriptor, _ in poll.poll(max(0, deadline - time.perf_counter()) * 1000):
            seen[descriptor] = time.perf_counter()
            waiting.discard(descriptor)
            poll.unregister(descriptor)
        if time.perf_counter() > deadline:
            if launcher in seen:
                break
            raise Failed(f"not ready within {TIMEOUT_SECONDS} s")
    return seen.get(line), seen.get(launcher)


class Peak:
    """The most memory that a launcher was seen to have, in mebibytes; None if it was too quick to be seen."""

    def __init__(self, pid):
        self.pid = pid
        self.mebibytes = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        own = Path("/proc/self/cmdline").read_bytes()  # also that of the child before it executes its program
        while not self.over.is_set():
            try:
                if Path(f"/proc/{self.pid}/cmdline").read_bytes() not in (own, b""):
                    self.mebibytes = max(self.mebibytes or 0, processes.mebibytes(self.pid, "VmHWM"))
            except (OSError, KeyError):
                return  # has ended
            time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def carried(launcher, run):
    """Returns what the youngest process of a start, the daemon, carries."""
    pids = processes.tagged()
    if not pids:
        raise Failed("the daemon is not found by its environment")
    daemon = pids[-1]
    stat = processes.stat(daemon)
    status = processes.status(daemon)
    links = {int(link.name): os.readlink(link) for link in Path(f"/proc/{daemon}/fd").iterdir()}
    return {
        "extra": len([pid for pid in pids if pid not in (daemon, launcher)]),
        "threads": int(status["Threads"]),
        "descriptors": len([number for number in links if number > 2]),
        "inherits": links.get(PASSED_DESCRIPTOR) == str(run / "output"),
        "leads": int(stat[3]) == daemon,
        "own session": int(stat[3]) != os.getsid(0),
        "directory": os.readlink(f"/proc/{daemon}/cwd").replace(str(Path.cwd()), "the launcher's"),
        "umask": status["Umask"],
        "memory": processes.mebibytes(daemon, "VmRSS"),
    }
