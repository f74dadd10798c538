"""Measures where the time of one start by Daemon.launch goes. The launcher and the daemon note times of CLOCK_MONOTONIC."""
import os
import select
import time

import contenders
import figures
import starts

PLAIN = "without an AOT cache"
CACHE = "with an AOT cache"
NOT_OBSERVED = "-Dbench.steps=false"


def cases(directory):
    """Returns the options of each start: without a cache and, if there is one, with it; each with and without the steps."""
    found = {PLAIN: ()}
    if contenders.cache(directory, "waterfall").exists():
        found[CACHE] = (contenders.with_cache(directory, "waterfall"),)
    return [(name, observed, (*options, *(() if observed else (NOT_OBSERVED,))))
            for name, options in found.items() for observed in (True, False)]


def summary(samples):
    """Returns the median of each mark. The medians are in the order of the marks, since the marks of each start are."""
    return {name: figures.summary([marks[name] for marks in samples])["median"] for name in samples[0]}


def measure(options, directory):
    """Returns the milliseconds from the start of the launcher to each mark."""
    lines = 1 if NOT_OBSERVED in options else 2
    with starts.run_directory(directory) as (run, line):
        argv = contenders.waterfall(*options)(run)
        begin = time.monotonic_ns()
        launcher = starts.spawn(argv, run)
        pidfd = os.pidfd_open(launcher)
        try:
            await_input(pidfd)
            ended = time.monotonic_ns()
        finally:
            os.close(pidfd)
        os.waitpid(launcher, 0)
        written = b""
        while written.count(b"\n") < lines:
            await_input(line)
            written += os.read(line, select.PIPE_BUF)
    marks = {"ended": ended}
    for process, *words in (text.split() for text in written.decode().splitlines()):
        marks |= {f"{process} {name}": int(value) for name, value in zip(words[::2], words[1::2])}
    return {name: (value - begin) / 1e6 for name, value in marks.items()}


def await_input(descriptor):
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(starts.TIMEOUT_SECONDS * 1000):
        raise starts.Failed(f"no result within {starts.TIMEOUT_SECONDS} s")


def parts(marks):
    """Returns each part of a start: its name, whether it is one of the launcher, and the marks between which it lies."""
    names = [name for name in marks if name.startswith("launcher ")]
    steps = names[names.index("launcher fork") + 1:names.index("launcher EXEC") + 1]
    return [
        ("JVM of the launcher, until main", True, None, "launcher main"),
        ("main, until it forks", True, "launcher main", "launcher fork"),
        *[(step.removeprefix("launcher "), True, before, step) for before, step in zip(["launcher fork", *steps], steps)],
        ("JVM of the daemon, until main", False, "launcher EXEC", "daemon main"),
        ("main, until the application", False, "daemon main", "daemon application"),
        ("ready, until it returns", False, "daemon application", "daemon ready"),
        ("until the launcher has ended", True, "daemon ready", "ended"),
    ]
