"""Measures the seven steps alone, in a JVM that is warm, by JMH; and the same steps in C."""
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import places
import processes

WARM_UP = "2s"
MEASURED = "1s"
LOW_LIMIT = 1024
RUNS_IN_C = 100
GIB = 1024
TIMEOUT_SECONDS = 120


@dataclass
class Case:
    key: str
    heap: int = 0  # mebibytes
    descriptors: int = 0
    threads: int = 1
    lists: bool = False
    low_limit: bool = False


CASES = [
    Case("base"),
    *[Case(f"heap-{gibibytes}", heap=gibibytes * GIB) for gibibytes in (1, 2, 4, 8)],
    *[Case(f"descriptors-{count}", descriptors=count) for count in (1000, 10000)],
    *[Case(f"lists-{count}", descriptors=count, lists=True) for count in (0, 1000, 10000)],
    *[Case(f"threads-{count}", threads=count) for count in (100, 1000)],
    Case("low-limit", low_limit=True),
    Case("c"),
]


def skipped():
    """Returns the cases for which this machine has too little memory or too low a limit, with the reasons."""
    available = int(next(line for line in Path("/proc/meminfo").read_text().splitlines()
                         if line.startswith("MemAvailable:")).split()[1]) / 1024
    found = {}
    for case in CASES:
        if available < case.heap * 1.5:
            found[case.key] = f"{case.heap * 1.5 / GIB:.0f} GiB of free memory are needed"
        if case.descriptors >= highest_limit() - LOW_LIMIT:
            found[case.key] = f"the limit of open descriptors is {highest_limit():,}"
    return found


def highest_limit():
    """Returns the highest RLIMIT_NOFILE that can be set here: the kernel's own, or the hard limit of this process."""
    kernel = Path("/proc/sys/fs/nr_open").read_text().strip()
    test = subprocess.run(["prlimit", f"--nofile={kernel}:{kernel}", "true"], check=False, capture_output=True)
    if test.returncode == 0:
        return int(kernel)
    row = next(line for line in Path("/proc/self/limits").read_text().splitlines() if line.startswith("Max open files"))
    return int(row.split()[4])


def measure(case, directory):
    """Returns the milliseconds of each run."""
    limit = LOW_LIMIT if case.low_limit else highest_limit()
    prefix = ["prlimit", f"--nofile={limit}:{limit}"]
    if case.key == "c":
        result = run([*prefix, str(directory / "reference"), "--time", str(RUNS_IN_C)])
        return [float(line) / 1000 for line in result.split()]
    out = directory / "jmh.json"
    parameters = {"heap": case.heap, "descriptors": case.descriptors, "threads": case.threads,
                  "lists": str(case.lists).lower()}
    # With a small young generation nothing is written to but what is asked for. HotSpot leaves the limit as it is.
    # One compiler that starts early: the JVM is warm after a second.
    options = (f"-XX:+UseSerialGC -Xmn64m -Xms{case.heap + 512}m -Xmx{case.heap + 512}m -XX:-MaxFDLimit "
               "-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.1 --enable-native-access=ALL-UNNAMED")
    path = places.class_path(places.PROGRAMS, places.LIBRARY, BUILT_LIBRARIES)
    run([*prefix, str(places.JAVA), "-cp", path, "org.openjdk.jmh.Main", "SevenSteps", "-v", "SILENT", "-foe", "true",
         "-f", "1", "-wi", "1", "-w", WARM_UP, "-i", "1", "-r", MEASURED, "-jvmArgs", options, "-rf", "json", "-rff", str(out),
         *[word for key, value in parameters.items() for word in ("-p", f"{key}={value}")]])
    histogram = json.loads(out.read_text())[0]["primaryMetric"]["rawDataHistogram"]
    return [value for fork in histogram for iteration in fork for value, count in iteration for _ in range(count)]


BUILT_LIBRARIES = places.BUILT / "lib" / "*"


def run(argv):
    try:
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
                              env=processes.environment()).stdout
    finally:
        processes.kill_all()
