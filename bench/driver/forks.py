"""Counts the children of a forked JVM that hang or crash."""
import re
import subprocess

import places
import processes

COLLECTORS = ("Serial", "G1", "Parallel", "Z")
KINDS = {"calls": "fork, and go on in Java", "exec": "fork and execv from Java", "ours": "daemon-steps"}
ALLOCATING_THREADS = 2
CHILDREN = 50  # in each round
TIMEOUT_SECONDS = 20

LINE = re.compile(r"^(\d+) children, (\d+) (?:hung|failed)(?:, (\d+) crashed)?$", re.MULTILINE)


def measure(kind, collector):
    """Returns how many children there were, how many hung and crashed, and what became of their parent."""
    path = places.class_path(places.PROGRAMS, places.LIBRARY)
    program = ["RelaySteps"] if kind == "ours" else ["NaiveFork", kind]
    # A JVM that crashes leaves no file.
    argv = [str(places.JAVA), f"-XX:+Use{collector}GC", "-Xmx256m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
            "-XX:+SuppressFatalErrorMessage", "--enable-native-access=ALL-UNNAMED", "-cp", path, *program, str(CHILDREN),
            str(ALLOCATING_THREADS)]
    parent = "lived"
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=processes.environment())
    try:
        output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        if process.returncode != 0:
            parent = "died"
    except subprocess.TimeoutExpired:
        parent = "hung"
        processes.kill_all()
        output, _ = process.communicate()
    finally:
        processes.kill_all()
        process.wait()
    lines = LINE.findall(output)
    children, hung, crashed = lines[-1] if lines else ("0", "0", "0")
    return {"children": int(children), "hung": int(hung), "crashed": int(crashed or 0), "parent": parent}
