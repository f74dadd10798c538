"""Processes of the benchmark: a tag in the environment finds each of them, also a daemon that nothing else leads to."""
import os
import signal
import time
import uuid
from pathlib import Path

TAG = f"BENCH_TAG={uuid.uuid4()}"
PATIENCE_SECONDS = 10


def environment():
    """Returns the environment of every process that the benchmark starts."""
    name, value = TAG.split("=")
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return kept | {"JAVA_HOME": os.environ["BENCH_JDK"], name: value}


def tagged():
    """Returns the pids of the living processes with the tag, the youngest last."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if TAG.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((start_time(entry.name), int(entry.name)))
        except OSError:
            pass  # has ended, or is not ours
    return [pid for _, pid in sorted(found)]


def stat(pid):
    """Returns the fields of /proc/PID/stat after the name, from the third on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def start_time(pid):
    return int(stat(pid)[19])


def kill_all():
    """Kills what is tagged until nothing is left of it, and removes the files that jsvc keeps outside its directory."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pids := tagged():
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes that do not end: {pids}")
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            Path(f"/tmp/{pid}.jsvc_up").unlink(missing_ok=True)
        time.sleep(0.005)


def status(pid):
    """Returns /proc/PID/status as a dictionary."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def mebibytes(pid, field):
    return int(status(pid)[field].split()[0]) / 1024
